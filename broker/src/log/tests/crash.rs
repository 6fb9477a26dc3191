//! Power cuts at every kind of step: what was durable stays, what is served is whole and stays, too.

use super::{Fixture, batch, records, settings};
use crate::log::{Isolation, LogError};
use crate::world::Random;

fn values(fixture: &Fixture) -> Vec<String> {
    let partition = &fixture.partition;
    let mut found = Vec::new();
    while (found.len() as i64) < partition.offsets().high_watermark {
        let fetched = partition.read(found.len() as i64, 20_000, true, Isolation::ReadUncommitted).unwrap();
        for (offset, value) in records(&fetched) {
            assert_eq!(offset, found.len() as i64);
            found.push(value);
        }
    }
    found
}

/// Appends and flushes until the power goes; the values that were acknowledged.
fn work(fixture: &Fixture, acknowledged: &mut Vec<String>, round: u64) -> Result<(), String> {
    let mut pending = acknowledged.clone();
    for step in 0..60 {
        let count = 1 + fixture.sim.random.below(4);
        let size = usize::try_from(fixture.sim.random.below(6_000)).unwrap();
        let fresh: Vec<String> =
            (0..count).map(|n| format!("{round}.{step}.{n}-{}", "y".repeat(size / 4))).collect();
        let borrowed: Vec<&str> = fresh.iter().map(String::as_str).collect();
        fixture.append(batch(&borrowed)).map_err(|error| error.to_string())?;
        pending.extend(fresh);
        match fixture.sim.random.below(10) {
            0..4 => {
                let end = fixture.partition.flush().map_err(|error| error.to_string())?;
                assert_eq!(end, pending.len() as i64);
                acknowledged.clone_from(&pending);
            }
            4 => fixture.manager.checkpoint().map_err(|error| error.to_string())?,
            5 => fixture.partition.idle_close().map_err(|error| error.to_string())?,
            _ => {}
        }
    }
    Ok(())
}

fn run(seed: u64) {
    let settings = settings(|settings| {
        settings.segment_bytes = 50_000;
        settings.index_interval_bytes = 1024;
        settings.max_message_bytes = 40_000;
    });
    let mut fixture = Fixture::new(seed, settings);
    let mut acknowledged = Vec::new();
    for round in 0..8 {
        fixture.sim.disk.crash_after(fixture.sim.random.below(400));
        let _ = work(&fixture, &mut acknowledged, round);
        if fixture.sim.random.below(6) == 0 {
            fixture.sim.disk.kill();
        } else {
            fixture.sim.disk.crash();
        }
        // The recovery itself may be cut short, again and again.
        while fixture.sim.random.below(3) == 0 {
            fixture.sim.disk.crash_after(fixture.sim.random.below(60));
            let _ = fixture.reopen();
            fixture.sim.disk.crash();
        }
        fixture.reopen().unwrap();
        let found = values(&fixture);
        assert!(found.len() >= acknowledged.len(), "{} of {} are there", found.len(), acknowledged.len());
        assert_eq!(found[..acknowledged.len()], acknowledged[..]);
        // What a reader saw after the crash must survive the next one.
        acknowledged = found;
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_served_is_taken_back() {
    for seed in 0..60 {
        let result = std::panic::catch_unwind(|| run(seed));
        assert!(result.is_ok(), "seed {seed}");
    }
}

/// The control: without a flush, a power cut must lose something, or the disk above proves nothing.
#[test]
fn what_was_not_flushed_can_be_lost() {
    let lost = (0..20).filter(|seed| {
        let mut fixture = Fixture::new(*seed, settings(|_| {}));
        fixture.append(batch(&["kept"])).unwrap();
        fixture.partition.flush().unwrap();
        for _ in 0..20 {
            fixture.append(batch(&["x".repeat(3_000).as_str()])).unwrap();
        }
        fixture.sim.disk.crash();
        fixture.reopen().unwrap();
        let end = fixture.partition.offsets().log_end;
        assert!(end >= 1);
        end < 21
    });
    assert!(lost.count() > 10);
}

#[test]
fn damage_below_the_mark_is_reported_and_never_cut() {
    let mut fixture = Fixture::new(3, settings(|_| {}));
    for value in ["a", "b", "c"] {
        fixture.append(batch(&[value])).unwrap();
    }
    fixture.partition.flush().unwrap();
    fixture.append(batch(&["d"])).unwrap();
    let path = fixture.log_file(0);
    fixture.sim.disk.kill();
    fixture.sim.disk.flip_bit(&path, 69 + 40).unwrap();
    let error = fixture.reopen().unwrap_err();
    assert!(matches!(error, LogError::Corrupt { position: 69, .. }), "{error}");
    // Nothing was cut: with the bit turned back, everything is there again. (A second flip of the same byte may turn
    // another bit, so the whole byte is tried.)
    let mut attempts = 0;
    while fixture.reopen().is_err() {
        attempts += 1;
        assert!(attempts < 10_000, "the partition never comes back");
        fixture.sim.disk.flip_bit(&path, 69 + 40).unwrap();
    }
    assert_eq!(values(&fixture).len(), 4);
}

#[test]
fn a_failed_sync_takes_the_partition_offline_for_good() {
    let mut fixture = Fixture::new(4, settings(|_| {}));
    fixture.append(batch(&["a"])).unwrap();
    fixture.partition.flush().unwrap();
    fixture.append(batch(&["b"])).unwrap();
    fixture.sim.disk.fail_syncs(true);
    fixture.partition.flush().unwrap_err();
    fixture.sim.disk.fail_syncs(false);
    assert!(matches!(fixture.partition.flush(), Err(LogError::Poisoned(_))), "a sync was tried again");
    let refused = fixture.append(batch(&["c"])).unwrap_err();
    assert_eq!(refused.code, thalweg_proto::error::ErrorCode::KafkaStorageError);
    assert_eq!(fixture.partition.offsets().high_watermark, 1);
    assert_eq!(values(&fixture), ["a"], "reading goes on");
    fixture.sim.disk.crash();
    fixture.reopen().unwrap();
    assert_eq!(values(&fixture)[..1], ["a".to_owned()]);
    fixture.append(batch(&["d"])).unwrap();
    fixture.partition.flush().unwrap();
}
