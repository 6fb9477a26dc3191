//! What goes and what stays when time passes, and what becomes of the files.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_config::{CleanupPolicy, TopicSettings};
use thalweg_proto::record::{BatchBuilder, Compression};

use super::{Fixture, NOW, batches, settings};
use crate::log::{Isolation, Partition, ReadError};
use crate::world::Disk;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Small segments; records are kept for a day, dropped files for a minute.
fn daily(change: impl FnOnce(&mut TopicSettings)) -> Arc<TopicSettings> {
    settings(|settings| {
        settings.segment_bytes = 3_000;
        settings.index_interval_bytes = 200;
        settings.retention_ms = Some(DAY);
        settings.file_delete_delay_ms = 60_000;
        settings.message_timestamp_after_max_ms = i64::MAX;
        change(settings);
    })
}

fn record(timestamp: i64, bytes: usize) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(timestamp, Some(b"key"), Some(&vec![b'v'; bytes]), []).unwrap();
    builder.build().unwrap()
}

/// Appends a record that nearly fills a segment.
fn put(fixture: &Fixture, timestamp: i64) -> i64 {
    let appended = fixture.append(record(timestamp, 2_000)).unwrap();
    fixture.partition.flush().unwrap();
    appended.base_offset
}

fn starts(partition: &Partition) -> Vec<i64> {
    partition.view.load().segments.iter().map(|segment| segment.base_offset).collect()
}

fn files(fixture: &Fixture, end: &str) -> Vec<String> {
    let entries = fixture.sim.disk.list(fixture.partition.dir()).unwrap();
    entries.into_iter().map(|entry| entry.name).filter(|name| name.ends_with(end)).collect()
}

#[test]
fn each_policy_lets_go_what_it_says() {
    let policy = |delete, compact| CleanupPolicy { delete, compact };
    for (policy, deletes) in [
        (policy(true, false), true),
        (policy(true, true), true),
        (policy(false, true), false),
        (policy(false, false), false),
    ] {
        let fixture = Fixture::new(1, daily(|settings| settings.cleanup_policy = policy));
        for hours in 0..6 {
            put(&fixture, NOW + hours * HOUR);
        }
        assert_eq!(
            fixture.partition.retain(NOW + DAY).unwrap().segments,
            0,
            "{policy:?}: nothing is older than a day"
        );
        let stored = fixture.partition.size_bytes();
        let gone = fixture.partition.retain(NOW + DAY + 2 * HOUR + 1).unwrap();
        assert_eq!(gone.segments, if deletes { 3 } else { 0 }, "{policy:?}");
        assert_eq!(gone.bytes, stored - fixture.partition.size_bytes(), "{policy:?}");
        let by_size = daily(|settings| {
            settings.cleanup_policy = policy;
            settings.retention_bytes = Some(4_500);
        });
        fixture.partition.set_config(by_size);
        fixture.partition.retain(NOW).unwrap();
        assert_eq!(starts(&fixture.partition).len(), if deletes { 3 } else { 6 }, "{policy:?}");
        // What nobody can read any more goes whatever the policy.
        fixture.partition.delete_records_before(5).unwrap();
        fixture.partition.retain(NOW).unwrap();
        assert_eq!(starts(&fixture.partition), [5], "{policy:?}");
        let below = fixture.partition.read(4, 1_000, true, Isolation::ReadUncommitted);
        assert!(matches!(below, Err(ReadError::OutOfRange { log_start: 5, .. })));
        let ended = fixture.partition.retain(NOW + 3 * DAY).unwrap().segments;
        assert_eq!((ended, starts(&fixture.partition)), if deletes { (1, vec![6]) } else { (0, vec![5]) });
    }
}

#[test]
fn no_bytes_at_all_may_be_kept() {
    let fixture = Fixture::new(2, daily(|settings| settings.retention_bytes = Some(0)));
    put(&fixture, NOW);
    put(&fixture, NOW);
    assert_eq!(fixture.partition.retain(NOW).unwrap().segments, 2);
    assert_eq!(fixture.partition.offsets().log_start, 2);
    assert_eq!(put(&fixture, NOW), 2);
}

#[test]
fn an_index_deletes_nothing_and_keeps_nothing_against_the_batches_word() {
    // A time index that lost its end tells of an age that the batches have not; one with a byte too large, of none at all.
    for (lies_old, now_ms, goes) in [(true, NOW + DAY + 2 * HOUR, false), (false, NOW + 2 * DAY, true)] {
        let mut fixture = Fixture::new(3, daily(|settings| settings.segment_bytes = 100_000));
        for number in 0..40 {
            let is_last = number == 39;
            fixture.append(record(NOW + if is_last { 5 * HOUR } else { number }, 100)).unwrap();
        }
        fixture.partition.flush().unwrap();
        assert!(fixture.partition.roll_at(40, NOW).unwrap());
        let index = fixture.partition.dir().join(format!("{:020}.timeindex", 0));
        fixture.manager.close().unwrap();
        let mut bytes = fixture.sim.disk.read(&index).unwrap().unwrap();
        let (len, entry) = (bytes.len(), 12);
        assert!(len > 2 * entry);
        match lies_old {
            true => bytes.truncate(len - entry),
            false => bytes[len - entry] = 0x70,
        }
        fixture.sim.disk.write(&index, &bytes).unwrap();
        fixture.reopen().unwrap();
        assert_eq!(fixture.partition.retain(now_ms).unwrap().segments > 0, goes, "lies_old: {lies_old}");
    }
}

#[test]
fn a_segment_whose_batches_are_damaged_is_kept_until_they_are_whole() {
    let mut fixture = Fixture::new(4, daily(|settings| settings.segment_bytes = 100_000));
    for number in 0..40 {
        fixture.append(record(NOW + number, 100)).unwrap();
    }
    fixture.partition.flush().unwrap();
    assert!(fixture.partition.roll_at(40, NOW).unwrap());
    let log = fixture.log_file(0);
    fixture.manager.close().unwrap();
    // The first byte of the last batch's largest timestamp: it is 292 million years from now, or before.
    let whole = fixture.sim.disk.read(&log).unwrap().unwrap();
    let at = whole.len() / 40 * 39 + 35;
    let mut damaged = whole.clone();
    damaged[at] = 0x80;
    fixture.sim.disk.write(&log, &damaged).unwrap();
    fixture.reopen().unwrap();
    assert_eq!(
        fixture.partition.retain(NOW + 9 * DAY).unwrap().segments,
        0,
        "the batches contradict the index"
    );
    fixture.manager.close().unwrap();
    fixture.sim.disk.write(&log, &whole).unwrap();
    fixture.reopen().unwrap();
    assert!(fixture.partition.retain(NOW + 9 * DAY).unwrap().segments > 0);
}

#[test]
fn records_without_a_time_age_from_when_they_were_written() {
    let fixture = Fixture::new(5, daily(|_| {}));
    let untimed = |now_ms: i64| {
        let partition = &fixture.partition;
        partition.append(record(-1, 2_000), crate::log::Origin::Client, now_ms).unwrap();
        partition.flush().unwrap();
    };
    untimed(NOW);
    untimed(NOW + 5 * HOUR);
    assert_eq!(fixture.partition.retain(NOW + DAY).unwrap().segments, 0);
    assert_eq!(fixture.partition.retain(NOW + DAY + 1).unwrap().segments, 1);
    assert_eq!(fixture.partition.retain(NOW + DAY + 5 * HOUR + 1).unwrap().segments, 1);
}

#[test]
fn a_time_of_the_future_keeps_its_segment_and_all_behind_it() {
    let fixture = Fixture::new(6, daily(|_| {}));
    put(&fixture, NOW);
    put(&fixture, NOW + 30 * DAY);
    put(&fixture, NOW);
    assert_eq!(fixture.partition.retain(NOW + 20 * DAY).unwrap().segments, 1);
    assert_eq!(fixture.partition.retain(NOW + 30 * DAY).unwrap().segments, 0);
    assert_eq!(fixture.partition.retain(NOW + 31 * DAY + 1).unwrap().segments, 2);
}

#[test]
fn an_idle_segment_ends_in_time_and_one_that_is_written_to_does_not() {
    let settings = daily(|settings| {
        settings.retention_ms = None;
        settings.segment_bytes = 1 << 20;
        settings.segment_ms = DAY;
        settings.segment_jitter_ms = HOUR;
    });
    for restarts in [false, true] {
        let mut fixture = Fixture::new(7, settings.clone());
        put(&fixture, NOW);
        if restarts {
            fixture.manager.close().unwrap();
            fixture.reopen().unwrap();
        }
        // Old records that arrive now, as from a mirror: the segment is in use, whatever they say of their age.
        for _ in 0..3 {
            fixture.partition.retain(NOW + 2 * DAY).unwrap();
            put(&fixture, NOW);
        }
        assert_eq!(starts(&fixture.partition), [0]);
        fixture.partition.retain(NOW + DAY - HOUR).unwrap();
        fixture.partition.retain(NOW + DAY - HOUR).unwrap();
        assert_eq!(starts(&fixture.partition), [0]);
        fixture.partition.retain(NOW + DAY + 1).unwrap();
        assert_eq!(starts(&fixture.partition), [0, 4]);
        fixture.partition.retain(NOW + 9 * DAY).unwrap();
        assert_eq!(starts(&fixture.partition), [0, 4], "an empty one is never ended");
    }
}

#[test]
fn a_check_leaves_nothing_open() {
    let mut fixture = Fixture::new(10, daily(|_| {}));
    put(&fixture, NOW);
    put(&fixture, NOW);
    fixture.manager.close().unwrap();
    fixture.reopen().unwrap();
    for _ in 0..3 {
        assert_eq!(fixture.partition.retain(NOW + HOUR).unwrap().segments, 0);
        let segments = fixture.partition.segments();
        assert!(segments.iter().all(|segment| segment.open_region().is_none()));
    }
    put(&fixture, NOW);
    fixture.sim.disk.crash();
    fixture.reopen().unwrap();
    assert_eq!(fixture.partition.offsets().log_end, 3);
}

#[test]
fn files_of_dropped_segments_stay_for_their_time_and_for_their_readers() {
    let fixture = Fixture::new(8, daily(|_| {}));
    for _ in 0..4 {
        put(&fixture, NOW);
    }
    let minute = std::time::Duration::from_secs(60);
    let old = fixture.partition.view.load_full();
    let reading = fixture.partition.read(1, 100, true, Isolation::ReadUncommitted).unwrap();
    fixture.partition.retain(NOW + 2 * DAY).unwrap();
    assert_eq!(files(&fixture, ".log.deleted").len(), 4);
    assert_eq!(files(&fixture, ".log"), ["00000000000000000004.log"]);
    fixture.manager.sweep_retired();
    assert_eq!(files(&fixture, ".log.deleted").len(), 4, "before their time");
    // Who looked up the segments before they were dropped opens them only now.
    for segment in &old.segments {
        let header = segment.header_at(&*fixture.sim.disk, 0, segment.visible()).unwrap().unwrap();
        assert_eq!(header.base_offset, segment.base_offset);
    }
    drop(old);
    fixture.sim.clock.advance(minute);
    fixture.manager.sweep_retired();
    assert_eq!(files(&fixture, ".log.deleted"), ["00000000000000000001.log.deleted"], "somebody reads it");
    assert_eq!(batches(&reading)[0].header().base_offset, 1);
    drop(reading);
    fixture.manager.sweep_retired();
    assert_eq!(files(&fixture, ".deleted"), Vec::<String>::new());
    assert_eq!(fixture.manager.retired_segments(), 0);
}

#[test]
fn whatever_step_the_power_goes_at_no_hole_is_left_and_nothing_comes_back() {
    let (mut reached, mut step) = (0, 0);
    while reached < 3 {
        let mut fixture = Fixture::new(step, daily(|_| {}));
        for hours in 0..8 {
            put(&fixture, NOW + hours * HOUR);
        }
        fixture.partition.delete_records_before(1).unwrap();
        let old = fixture.partition.view.load_full();
        fixture.sim.disk.crash_after(step);
        let done = fixture.partition.retain(NOW + DAY + 4 * HOUR);
        let told = fixture.partition.offsets().log_start;
        fixture.sim.disk.crash();
        drop(old);
        fixture.reopen().unwrap();
        let offsets = fixture.partition.offsets();
        assert!(done.is_err() || offsets.log_start == told, "step {step}: what was dropped is back");
        assert!(offsets.log_start >= 1 && offsets.log_end == 8, "step {step}: {offsets:?}");
        for offset in offsets.log_start..8 {
            let read = fixture.partition.read(offset, 100, true, Isolation::ReadUncommitted).unwrap();
            assert_eq!(batches(&read)[0].header().base_offset, offset, "step {step}");
        }
        assert_eq!(files(&fixture, ".deleted"), Vec::<String>::new(), "step {step}");
        let (indexes, logs) = (files(&fixture, ".index").len(), files(&fixture, ".log").len());
        assert!(indexes <= logs, "step {step}: {indexes} indexes of {logs} segments");
        fixture.partition.retain(NOW + DAY + 4 * HOUR).unwrap();
        assert_eq!(fixture.partition.offsets().log_start, 4, "step {step}");
        reached += usize::from(done.is_ok());
        step += 1;
    }
    assert!(step > 10, "{step} steps");
}
