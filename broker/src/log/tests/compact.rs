//! What compaction keeps, case by case; all of them together are in [`super::history`].

use thalweg_config::CleanupPolicy;
use thalweg_proto::record::{BatchBuilder, Compression, ControlKind};

use super::history::{DELETE_RETENTION_MS, compact_at, compacted, read_all};
use super::{Fixture, NOW, settings};
use crate::log::{Isolation, LogError, Origin};
use crate::world::Disk;

fn put(fixture: &Fixture, key: &str, value: Option<&str>, now_ms: i64) -> i64 {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(now_ms, Some(key.as_bytes()), value.map(str::as_bytes), []).unwrap();
    let appended = fixture.partition.append(builder.build().unwrap(), Origin::Client, now_ms).unwrap();
    fixture.partition.flush().unwrap();
    appended.base_offset
}

/// Fills the newest segment, so that what came before can be compacted.
fn seal(fixture: &Fixture, now_ms: i64) {
    let filler = "f".repeat(1_500);
    put(fixture, "filler", Some(&filler), now_ms);
    put(fixture, "filler", Some(&filler), now_ms);
}

#[test]
fn a_tombstone_lives_for_its_time_and_then_goes() {
    let mut fixture = Fixture::new(1, compacted());
    put(&fixture, "a", Some("1"), NOW);
    let tombstone = put(&fixture, "a", None, NOW);
    seal(&fixture, NOW);
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    let there = |fixture: &Fixture| read_all(fixture, Isolation::ReadUncommitted).contains_key(&tombstone);
    assert!(there(&fixture));
    assert!(!read_all(&fixture, Isolation::ReadUncommitted).contains_key(&0));
    fixture.manager.close().unwrap();
    fixture.reopen().unwrap();
    seal(&fixture, NOW);
    compact_at(&fixture, NOW + DELETE_RETENTION_MS - 1, 1 << 20).unwrap().unwrap();
    assert!(there(&fixture), "before its time");
    seal(&fixture, NOW);
    compact_at(&fixture, NOW + DELETE_RETENTION_MS, 1 << 20).unwrap().unwrap();
    assert!(!there(&fixture), "after its time");
}

#[test]
fn a_horizon_goes_with_its_tombstones() {
    let fixture = Fixture::new(6, compacted());
    let mut builder = BatchBuilder::new(Compression::Lz4);
    for (key, value) in [("a", Some("1")), ("b", None), ("c", Some("2"))] {
        builder.append(NOW, Some(key.as_bytes()), value.map(str::as_bytes), []).unwrap();
    }
    fixture.append(builder.build().unwrap()).unwrap();
    seal(&fixture, NOW);
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    let later = NOW + DELETE_RETENTION_MS;
    assert!(fixture.partition.compaction_debt(later).unwrap().expired);
    compact_at(&fixture, later, 1 << 20).unwrap().unwrap();
    let left = read_all(&fixture, Isolation::ReadUncommitted);
    assert!(left.contains_key(&0) && !left.contains_key(&1) && left.contains_key(&2));
    // What is left of the batch waits for nothing: it is not to be compacted for ever.
    for later in [later + DELETE_RETENTION_MS, later + 10 * DELETE_RETENTION_MS] {
        assert!(!fixture.partition.compaction_debt(later).unwrap().expired);
        assert_eq!(compact_at(&fixture, later, 1 << 20).unwrap(), None);
    }
}

#[test]
fn a_reader_of_the_old_segments_reads_on() {
    let fixture = Fixture::new(2, compacted());
    for number in 0..200 {
        put(&fixture, &format!("key-{}", number % 7), Some(&format!("value {number}")), NOW);
    }
    let old = fixture.partition.view.load_full();
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    let disk = fixture.partition.shared.disk();
    let mut offsets = Vec::new();
    for segment in &old.segments {
        let mut position = 0;
        while let Some(header) = segment.header_at(disk, position, segment.visible()).unwrap() {
            segment.batch_at(disk, position, &header).unwrap().verify_crc().unwrap();
            position += header.size_in_bytes() as u64;
            offsets.push(header.base_offset);
        }
    }
    assert_eq!(offsets, (0..200).collect::<Vec<i64>>());
    assert!(read_all(&fixture, Isolation::ReadUncommitted).len() < 60);
}

#[test]
fn aborted_records_go_and_markers_follow_in_time() {
    let fixture = Fixture::new(3, compacted());
    let transactional = |producer: i64, key: &str| {
        let mut builder = BatchBuilder::new(Compression::None).transactional();
        builder.append(NOW, Some(key.as_bytes()), Some(b"in a transaction"), []).unwrap();
        builder.set_producer(producer, 0, 0);
        fixture.partition.append(builder.build().unwrap(), Origin::Client, NOW).unwrap().base_offset
    };
    let marker = |producer: i64, kind: ControlKind| {
        let mut builder = BatchBuilder::new(Compression::None).transactional().control();
        builder.append_marker(kind, 1, NOW).unwrap();
        builder.set_producer(producer, 0, -1);
        fixture.partition.append(builder.build().unwrap(), Origin::Internal, NOW).unwrap().base_offset
    };
    put(&fixture, "a", Some("before"), NOW);
    let committed = transactional(1, "b");
    let aborted = transactional(2, "a");
    marker(2, ControlKind::Abort);
    marker(1, ControlKind::Commit);
    seal(&fixture, NOW);
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    let found = read_all(&fixture, Isolation::ReadCommitted);
    assert!(found.contains_key(&0), "an aborted record takes nobody's place");
    assert!(found.contains_key(&committed) && !found.contains_key(&aborted));
    assert!(!read_all(&fixture, Isolation::ReadUncommitted).contains_key(&aborted));
    let open = transactional(3, "c");
    seal(&fixture, NOW);
    let done = compact_at(&fixture, NOW, 1 << 20).unwrap();
    assert!(done.is_none_or(|done| done.cleaned_to <= open), "nothing behind the last stable offset");
}

#[test]
fn a_producers_last_sequence_outlives_its_records() {
    let mut fixture = Fixture::new(4, compacted());
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(NOW + 5, Some(b"a"), Some(b"1"), []).unwrap();
    builder.set_producer(9, 0, 0);
    let batch = builder.build().unwrap();
    fixture.append(batch.clone()).unwrap();
    put(&fixture, "a", Some("2"), NOW);
    seal(&fixture, NOW);
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    assert!(!read_all(&fixture, Isolation::ReadUncommitted).contains_key(&0));
    let latest = fixture.partition.max_timestamp().unwrap().unwrap();
    assert_eq!(
        (latest.offset > 0, latest.timestamp),
        (true, NOW),
        "a batch without records has no record to show"
    );
    fixture.sim.disk.crash();
    fixture.reopen().unwrap();
    assert!(fixture.append(batch).unwrap().duplicate, "the retry of a record that was compacted away");
}

#[test]
fn a_damaged_segment_is_left_alone_until_it_is_whole() {
    let mut fixture = Fixture::new(5, compacted());
    for number in 0..100 {
        put(&fixture, "a", Some(&format!("value {number}")), NOW);
    }
    let path = fixture.log_file(0);
    fixture.manager.close().unwrap();
    fixture.sim.disk.flip_bit(&path, 70).unwrap();
    fixture.reopen().unwrap();
    let error = compact_at(&fixture, NOW, 1 << 20).unwrap_err();
    assert!(matches!(error, LogError::Corrupt { .. }), "{error}");
    assert!(fixture.partition.is_online());
    put(&fixture, "b", Some("still taken"), NOW);
    fixture.manager.close().unwrap();
    let mut attempts = 0;
    let compacted = loop {
        fixture.sim.disk.flip_bit(&path, 70).unwrap();
        fixture.reopen().unwrap();
        match compact_at(&fixture, NOW, 1 << 20) {
            Ok(done) => break done,
            Err(_) => fixture.manager.close().unwrap(),
        }
        attempts += 1;
        assert!(attempts < 5_000, "never repaired");
    };
    assert!(compacted.unwrap().records_after < 10);
}

#[test]
fn no_byte_that_is_not_what_it_was_is_compacted() {
    const BATCH: usize = 70;
    for at in 0..3 * BATCH {
        let mut fixture = Fixture::new(9, compacted());
        for value in ["1", "2", "3"] {
            put(&fixture, "a", Some(value), NOW);
        }
        fixture.partition.end_newest(NOW).unwrap();
        let path = fixture.log_file(0);
        fixture.manager.close().unwrap();
        let mut bytes = fixture.sim.disk.read(&path).unwrap().unwrap();
        assert_eq!(bytes.len(), 3 * BATCH);
        bytes[at] ^= 4;
        fixture.sim.disk.write(&path, &bytes).unwrap();
        fixture.reopen().unwrap();
        let done = compact_at(&fixture, NOW, 1 << 20);
        // Nothing checks a leader epoch, and nothing is decided by it.
        let is_epoch = (12..16).contains(&(at % BATCH));
        assert_eq!(done.is_ok(), is_epoch, "byte {at}: {done:?}");
        if is_epoch {
            assert!(read_all(&fixture, Isolation::ReadUncommitted).contains_key(&2));
        }
    }
}

#[test]
fn an_idle_partition_is_compacted_when_its_lag_is_over() {
    let settings = settings(|settings| {
        settings.cleanup_policy = CleanupPolicy { compact: true, delete: false };
        settings.max_compaction_lag_ms = 60_000;
    });
    let fixture = Fixture::new(6, settings);
    put(&fixture, "a", Some("1"), NOW);
    put(&fixture, "a", Some("2"), NOW);
    let pass = |now_ms: i64| {
        fixture.partition.roll_for_compaction(now_ms).unwrap();
        let debt = fixture.partition.compaction_debt(now_ms).unwrap();
        (debt.overdue, compact_at(&fixture, now_ms, 1 << 20).unwrap())
    };
    assert_eq!(pass(NOW + 60_000), (false, None));
    let (overdue, done) = pass(NOW + 60_001);
    assert!(overdue);
    assert_eq!(done.unwrap().records_after, 1);
    assert_eq!(pass(NOW + 500_000), (false, None));
}

#[test]
fn a_tombstone_goes_on_time_where_nobody_writes_any_more() {
    for restarts in [false, true] {
        let mut fixture = Fixture::new(7, compacted());
        put(&fixture, "a", Some("1"), NOW);
        put(&fixture, "b", Some("2"), NOW);
        let tombstone = put(&fixture, "a", None, NOW);
        fixture.partition.end_newest(NOW).unwrap();
        compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
        if restarts {
            fixture.sim.disk.crash();
            fixture.reopen().unwrap();
        }
        let early = NOW + DELETE_RETENTION_MS - 1;
        assert!(!fixture.partition.compaction_debt(early).unwrap().expired);
        assert_eq!(compact_at(&fixture, early, 1 << 20).unwrap(), None);
        let offsets = |fixture: &Fixture| -> Vec<i64> {
            read_all(fixture, Isolation::ReadUncommitted).into_keys().collect()
        };
        assert_eq!(offsets(&fixture), [1, tombstone]);
        assert!(fixture.partition.compaction_debt(early + 1).unwrap().expired);
        compact_at(&fixture, early + 1, 1 << 20).unwrap().unwrap();
        // The end of the log is still found, by its empty batch.
        assert_eq!(offsets(&fixture), [1]);
        assert!(!fixture.partition.compaction_debt(early + 1_000_000).unwrap().expired);
        assert_eq!(compact_at(&fixture, early + 1_000_000, 1 << 20).unwrap(), None);
    }
}

#[test]
fn tombstones_that_another_broker_left_are_looked_for() {
    let mut fixture = Fixture::new(8, compacted());
    put(&fixture, "a", None, NOW);
    fixture.partition.end_newest(NOW).unwrap();
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    fixture.manager.close().unwrap();
    fixture.sim.disk.remove(&super::root().join("thalweg-delete-horizons")).unwrap();
    fixture.reopen().unwrap();
    assert!(fixture.partition.compaction_debt(NOW + 1).unwrap().expired);
    compact_at(&fixture, NOW + 1, 1 << 20).unwrap().unwrap();
    assert!(!fixture.partition.compaction_debt(NOW + DELETE_RETENTION_MS - 1).unwrap().expired);
    compact_at(&fixture, NOW + DELETE_RETENTION_MS, 1 << 20).unwrap().unwrap();
    assert!(read_all(&fixture, Isolation::ReadUncommitted).is_empty());
}
