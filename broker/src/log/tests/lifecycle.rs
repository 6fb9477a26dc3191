//! The steps of a partition's life against each other: deletion and a name that comes back, full disks, power cuts
//! between any two steps, and what may not be seen or lost at their borders.

use std::sync::Arc;

use thalweg_config::{CleanupPolicy, FlushMode};
use thalweg_proto::record::{BatchBuilder, Compression, ControlKind};
use uuid::Uuid;

use super::{Fixture, NOW, TOPIC_ID, batch, id, options, records, root, settings};
use crate::log::{Isolation, Manager, Origin, Partition};
use crate::world::Disk;
use crate::world::disk::Access;

const OTHER_ID: Uuid = Uuid::from_u128(8);

fn append_to(partition: &Partition, value: &str) {
    partition.append(batch(&[value]), Origin::Client, NOW).unwrap();
}

fn all(partition: &Partition) -> Vec<(i64, String)> {
    let (mut found, mut offset) = (Vec::new(), partition.offsets().log_start);
    while offset < partition.offsets().high_watermark {
        let fetched = partition.read(offset, 10_000, true, Isolation::ReadUncommitted).unwrap();
        found.extend(records(&fetched).into_iter().filter(|(at, _)| *at >= offset));
        let next = found.last().map_or(offset, |(at, _)| at + 1);
        assert!(next > offset, "the log does not go on at {offset}");
        offset = next;
    }
    found
}

#[test]
fn behind_a_deletion_nothing_touches_the_paths_of_the_name() {
    let fixture = Fixture::new(1, settings(|settings| settings.retention_ms = Some(1)));
    let old = Arc::clone(&fixture.partition);
    append_to(&old, "old");
    old.flush().unwrap();
    old.idle_close().unwrap();
    old.idle_close().unwrap();
    fixture.manager.delete_partition(&id()).unwrap();
    let new = fixture.manager.open_partition(id(), OTHER_ID, fixture.settings.clone()).unwrap();
    for n in 0..20 {
        append_to(&new, &format!("new {n}"));
    }
    new.flush().unwrap();
    assert!(old.append(batch(&["x"]), Origin::Client, NOW).is_err());
    assert!(
        old.read(0, 1_000, true, Isolation::ReadUncommitted).is_err(),
        "that would be the other's records"
    );
    assert_eq!(old.retain(NOW + 1_000_000).unwrap().segments, 0);
    assert!(old.delete_records_before(1).is_err());
    old.idle_close().unwrap();
    assert_eq!(all(&new).len(), 20);
}

#[test]
fn a_topic_of_the_same_name_is_never_the_one_before() {
    let fixture = Fixture::new(2, settings(|_| {}));
    append_to(&fixture.partition, "old");
    // The deletion did not get as far as this partition.
    let new = fixture.manager.open_partition(id(), OTHER_ID, fixture.settings.clone()).unwrap();
    assert_eq!((new.topic_id(), new.offsets().log_end), (OTHER_ID, 0));
    assert!(fixture.append(batch(&["x"])).is_err());
}

#[test]
fn a_deletion_cut_short_anywhere_hides_no_record_of_the_next_topic() {
    for step in 0..12 {
        let mut fixture = Fixture::new(step, settings(|_| {}));
        for _ in 0..9 {
            append_to(&fixture.partition, "old");
        }
        fixture.partition.flush().unwrap();
        fixture.partition.delete_records_before(8).unwrap();
        fixture.sim.disk.crash_after(step);
        let _ = fixture.manager.delete_partition(&id());
        for round in 0..2 {
            fixture.sim.disk.kill();
            let manager = Manager::open(fixture.sim.world(), &options(&root())).unwrap();
            fixture.partition = manager.open_partition(id(), OTHER_ID, fixture.settings.clone()).unwrap();
            fixture.manager = manager;
            for _ in 0..6 {
                append_to(&fixture.partition, "new");
            }
            fixture.partition.flush().unwrap();
            assert_eq!(all(&fixture.partition).len(), 6 * (round + 1), "step {step}");
        }
    }
}

#[test]
fn a_recovery_point_of_an_earlier_topic_vouches_for_nothing() {
    for seed in 0..40 {
        let mut fixture = Fixture::new(seed, settings(|_| {}));
        for _ in 0..60 {
            append_to(&fixture.partition, "old");
        }
        fixture.partition.flush().unwrap();
        fixture.manager.checkpoint().unwrap();
        fixture.manager.delete_partition(&id()).unwrap();
        let new = fixture.manager.open_partition(id(), OTHER_ID, fixture.settings.clone()).unwrap();
        append_to(&new, "first");
        new.flush().unwrap();
        for _ in 0..20 {
            append_to(&new, &"n".repeat(9_000));
        }
        fixture.sim.disk.crash();
        let manager = Manager::open(fixture.sim.world(), &options(&root())).unwrap();
        let new = manager.open_partition(id(), OTHER_ID, fixture.settings.clone()).unwrap();
        // Each checksum is looked at.
        assert!(!all(&new).is_empty(), "seed {seed}");
        fixture.manager = manager;
    }
}

#[test]
fn a_power_cut_before_the_first_flush_leaves_what_can_be_opened() {
    for seed in 0..200 {
        let mut fixture = Fixture::new(seed, settings(|_| {}));
        append_to(&fixture.partition, "unsynced");
        fixture.sim.disk.crash();
        fixture.reopen().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        append_to(&fixture.partition, "goes on");
        fixture.partition.flush().unwrap();
    }
}

#[test]
fn a_segment_that_a_full_disk_cut_short_does_not_stand_in_the_way() {
    let mut fixture = Fixture::new(3, settings(|settings| settings.segment_bytes = 10_000));
    for _ in 0..3 {
        append_to(&fixture.partition, &"f".repeat(3_000));
    }
    // There is room for the segment, but not for the snapshot of the producers.
    fixture.sim.disk.set_capacity(fixture.sim.disk.used() + (64 << 10));
    fixture.append(batch(&["f".repeat(3_000).as_str()])).unwrap_err();
    assert!(!fixture.sim.disk.exists(&fixture.log_file(3)));
    fixture.sim.disk.set_capacity(1 << 40);
    fixture.manager.close().unwrap();
    // As a power cut during the attempt may have left it.
    let begun = Access::Append { len: 0, capacity: 10_000 };
    fixture.sim.disk.region(&fixture.log_file(3), begun).unwrap().reserve(1).unwrap();
    fixture.reopen().unwrap();
    assert_eq!(all(&fixture.partition).len(), 3);
    assert_eq!(fixture.append(batch(&["next"])).unwrap().base_offset, 3);
}

#[test]
fn room_left_behind_a_sealed_segment_at_a_clean_stop_is_no_damage() {
    let mut fixture = Fixture::new(4, settings(|settings| settings.segment_bytes = 10_000));
    for _ in 0..10 {
        append_to(&fixture.partition, &"s".repeat(3_000));
    }
    let path = fixture.log_file(0);
    fixture.manager.close().unwrap();
    // A reader that still held its bytes kept the room from being given back.
    let len = fixture.sim.disk.read(&path).unwrap().unwrap().len() as u64;
    let region = fixture.sim.disk.region(&path, Access::Append { len, capacity: 1 << 20 }).unwrap();
    region.reserve(1).unwrap();
    drop(region);
    fixture.reopen().unwrap();
    assert_eq!(all(&fixture.partition).len(), 10);
}

#[test]
fn records_that_waited_for_a_sync_are_not_skipped_when_syncs_are_given_up() {
    for prepares in [false, true] {
        let fixture = Fixture::new(5, settings(|settings| settings.segment_bytes = 10_000));
        for _ in 0..8 {
            append_to(&fixture.partition, &"r".repeat(3_000));
        }
        let lazy = settings(|settings| {
            settings.segment_bytes = 10_000;
            settings.flush_mode = FlushMode::Os;
        });
        fixture.partition.set_config(lazy);
        if prepares {
            fixture.partition.prepare_ahead().unwrap();
        }
        append_to(&fixture.partition, "last");
        let offsets: Vec<i64> = all(&fixture.partition).into_iter().map(|(offset, _)| offset).collect();
        assert_eq!(offsets, (0..9).collect::<Vec<i64>>());
    }
}

#[test]
fn a_stopped_partition_takes_no_appends() {
    let mut fixture = Fixture::new(6, settings(|settings| settings.flush_mode = FlushMode::Os));
    append_to(&fixture.partition, "a");
    fixture.manager.close().unwrap();
    assert!(fixture.append(batch(&["behind the mark of a clean stop"])).is_err());
    assert_eq!(fixture.partition.retain(NOW + (1 << 40)).unwrap().segments, 0);
    fixture.reopen().unwrap();
    assert_eq!(all(&fixture.partition).len(), 1);
}

#[test]
fn records_that_come_while_their_segment_is_judged_are_kept() {
    let fixture = Fixture::new(7, settings(|_| {}));
    append_to(&fixture.partition, "old");
    let judged = fixture.partition.offsets().log_end;
    append_to(&fixture.partition, "fresh");
    assert!(!fixture.partition.roll_at(judged, NOW).unwrap());
    assert!(!fixture.sim.disk.exists(&fixture.log_file(2)));
    assert!(fixture.partition.roll_at(2, NOW).unwrap());
    assert!(!fixture.partition.roll_at(2, NOW).unwrap(), "two who see the same end begin one segment");
    assert_eq!(fixture.partition.view.load().segments.len(), 2);
}

#[test]
fn a_log_start_never_outlives_the_records_below_it() {
    let mut fixture = Fixture::new(8, settings(|settings| settings.flush_mode = FlushMode::Os));
    for round in 0..3 {
        for _ in 0..10 {
            append_to(&fixture.partition, "lazy");
        }
        let high_watermark = fixture.partition.offsets().high_watermark;
        assert_eq!(fixture.partition.delete_records_before(-1).unwrap(), high_watermark);
        fixture.sim.disk.crash();
        fixture.reopen().unwrap();
        let offsets = fixture.partition.offsets();
        assert_eq!((offsets.log_start, offsets.log_end), (high_watermark, high_watermark), "round {round}");
    }
}

#[test]
fn retention_makes_room_on_a_disk_that_is_full_to_the_last_byte() {
    let fixture = Fixture::new(
        9,
        settings(|settings| {
            settings.segment_bytes = 10_000;
            settings.retention_bytes = Some(20_000);
        }),
    );
    for _ in 0..20 {
        append_to(&fixture.partition, &"r".repeat(3_000));
    }
    fixture.partition.flush().unwrap();
    fixture.sim.disk.remove(&root().join("thalweg-ballast")).unwrap();
    fixture.sim.disk.set_capacity(fixture.sim.disk.used());
    assert!(fixture.partition.retain(NOW).unwrap().segments > 0);
    assert!(fixture.partition.offsets().log_start > 0);
}

#[test]
fn a_disk_too_full_for_a_new_segment_does_not_keep_the_old_ones() {
    let fixture = Fixture::new(
        10,
        settings(|settings| {
            settings.segment_bytes = 10_000;
            settings.segment_ms = 1_000;
            settings.retention_ms = Some(60_000);
        }),
    );
    for _ in 0..20 {
        append_to(&fixture.partition, &"r".repeat(3_000));
    }
    fixture.partition.flush().unwrap();
    fixture.partition.retain(NOW).unwrap();
    let newest = fixture.partition.view.load().active().unwrap().base_offset;
    fixture.sim.disk.remove(&root().join("thalweg-ballast")).unwrap();
    fixture.sim.disk.set_capacity(fixture.sim.disk.used());
    // The newest is old enough to be ended, and then to go: neither is possible, the others go all the same.
    assert!(fixture.partition.retain(NOW + 120_000).unwrap().segments > 0);
    assert_eq!(fixture.partition.offsets().log_start, newest);
    assert!(fixture.partition.retain(NOW + 120_000).is_err(), "what cannot be done is told");
    fixture.sim.disk.set_capacity(1 << 40);
    assert_eq!(fixture.partition.retain(NOW + 120_000).unwrap().segments, 1);
    let offsets = fixture.partition.offsets();
    assert_eq!((offsets.log_start, offsets.log_end, fixture.partition.size_bytes()), (20, 20, 0));
}

#[test]
fn the_stable_offset_lies_between_start_and_watermark() {
    let fixture = Fixture::new(10, settings(|_| {}));
    let mut open = BatchBuilder::new(Compression::None).transactional();
    open.append(NOW, None, Some(b"open"), []).unwrap();
    open.set_producer(5, 0, 0);
    fixture.append(open.build().unwrap()).unwrap();
    append_to(&fixture.partition, "plain");
    fixture.partition.flush().unwrap();
    assert_eq!(fixture.partition.offsets().last_stable, 0);
    fixture.partition.delete_records_before(1).unwrap();
    let offsets = fixture.partition.offsets();
    assert_eq!((offsets.log_start, offsets.last_stable, offsets.high_watermark), (1, 1, 2));
}

#[test]
fn the_end_of_a_transaction_is_told_when_its_marker_is_durable() {
    for lazy in [false, true] {
        let mode = if lazy { FlushMode::Os } else { FlushMode::Sync };
        let fixture = Fixture::new(12, settings(|settings| settings.flush_mode = mode));
        let mut open = BatchBuilder::new(Compression::None).transactional();
        open.append(NOW, None, Some(b"decided"), []).unwrap();
        open.set_producer(5, 0, 0);
        fixture.append(open.build().unwrap()).unwrap();
        fixture.partition.flush().unwrap();
        let mut marker = BatchBuilder::new(Compression::None).transactional().control();
        marker.append_marker(ControlKind::Commit, 3, NOW).unwrap();
        marker.set_producer(5, 0, -1);
        fixture.partition.append(marker.build().unwrap(), Origin::Internal, NOW).unwrap();
        let told = if lazy { 2 } else { 0 };
        assert_eq!(fixture.partition.offsets().last_stable, told);
        fixture.partition.flush().unwrap();
        assert_eq!(fixture.partition.offsets().last_stable, 2);
    }
}

#[test]
fn a_batch_of_faults_is_refused_without_a_text_for_each() {
    let fixture = Fixture::new(
        11,
        settings(|settings| settings.cleanup_policy = CleanupPolicy { compact: true, delete: false }),
    );
    assert_eq!(fixture.partition.topic_id(), TOPIC_ID);
    let values = vec![""; 50_000];
    let refused = fixture.append(super::batch_at(&values, NOW, Compression::Zstd)).unwrap_err();
    assert_eq!(refused.records.len(), 1_000);
    assert!(refused.message.unwrap().contains("due to 50000 record errors"));
}
