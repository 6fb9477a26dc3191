//! Files: what is made, kept, closed and removed.

use super::{Fixture, NOW, TOPIC_ID, batch, id, options, records, root, sequenced, settings};
use crate::log::{Isolation, LogError, Manager, TopicPartition};
use crate::world::Disk;

#[test]
fn a_clean_stop_reopens_without_reading_the_log() {
    let mut fixture = Fixture::new(1, settings(|settings| settings.segment_bytes = 40_000));
    for n in 0..100 {
        fixture.append(batch(&[format!("{n}-{}", "z".repeat(2_000)).as_str()])).unwrap();
    }
    fixture.manager.close().unwrap();
    let before = fixture.sim.disk.bytes_read();
    fixture.reopen().unwrap();
    let read = fixture.sim.disk.bytes_read() - before;
    assert!(read < 2_000, "{read} bytes were read");
    assert_eq!(fixture.partition.offsets().high_watermark, 100);
    let fetched = fixture.partition.read(57, 1, true, Isolation::ReadUncommitted).unwrap();
    assert!(records(&fetched)[0].1.starts_with("57-"));
    // No room is left behind the records of any segment.
    let files = fixture.sim.disk.list(fixture.partition.dir()).unwrap();
    let stored: u64 = files.iter().filter(|file| file.name.ends_with(".log")).map(|file| file.len).sum();
    assert_eq!(stored, fixture.partition.size_bytes());
}

#[test]
fn a_producer_is_known_when_all_that_it_wrote_is_deleted_and_the_power_goes() {
    for seed in 0..40 {
        let mut fixture = Fixture::new(seed, settings(|_| {}));
        fixture.append(sequenced(9, 0, 0, 2)).unwrap();
        fixture.partition.flush().unwrap();
        // The segment that begins behind it is there when the records go, or begins afterwards.
        if seed % 2 == 0 {
            fixture.partition.end_newest(NOW).unwrap();
        }
        fixture.partition.delete_records_before(2).unwrap();
        if seed % 2 == 1 {
            fixture.partition.end_newest(NOW).unwrap();
        }
        fixture.sim.disk.crash();
        fixture.reopen().unwrap();
        let again = fixture.append(sequenced(9, 0, 0, 2)).unwrap();
        assert_eq!((again.duplicate, again.base_offset), (true, 0), "seed {seed}");
    }
}

#[test]
fn producers_are_known_after_both_kinds_of_stop() {
    let mut fixture = Fixture::new(2, settings(|_| {}));
    fixture.append(sequenced(9, 0, 0, 2)).unwrap();
    fixture.append(sequenced(9, 0, 2, 1)).unwrap();
    let known = fixture.partition.producers();
    fixture.manager.close().unwrap();
    fixture.reopen().unwrap();
    assert_eq!(fixture.partition.producers(), known);
    assert!(fixture.append(sequenced(9, 0, 2, 1)).unwrap().duplicate);
    assert_eq!(fixture.append(sequenced(9, 0, 3, 1)).unwrap().base_offset, 3);
    fixture.partition.flush().unwrap();
    let known = fixture.partition.producers();
    fixture.sim.disk.crash();
    fixture.reopen().unwrap();
    assert_eq!(fixture.partition.producers(), known);
    let repeated = fixture.append(sequenced(9, 0, 3, 1)).unwrap();
    assert!(repeated.duplicate && repeated.base_offset == 3);
}

#[test]
fn every_batch_in_flight_is_known_after_both_kinds_of_stop() {
    let mut fixture = Fixture::new(3, settings(|settings| settings.segment_bytes = 200));
    for sequence in 0..7 {
        fixture.append(sequenced(9, 0, sequence, 1)).unwrap();
        fixture.append(sequenced(4, 2, sequence, 1)).unwrap();
        fixture.partition.flush().unwrap();
    }
    // Nothing is read of the segments before the newest, which holds a batch or two.
    fixture.manager.checkpoint().unwrap();
    assert!(fixture.partition.segments().len() > 5);
    for clean in [false, true, false] {
        if clean {
            fixture.manager.close().unwrap();
        } else {
            fixture.sim.disk.kill();
        }
        fixture.reopen().unwrap();
        for sequence in 2..7 {
            for (producer, epoch, offset) in [(9, 0, 2 * sequence), (4, 2, 2 * sequence + 1)] {
                let again = fixture.append(sequenced(producer, epoch, sequence, 1)).unwrap();
                assert_eq!((again.duplicate, again.base_offset), (true, i64::from(offset)), "{sequence}");
            }
        }
    }
    assert_eq!(fixture.append(sequenced(9, 0, 7, 1)).unwrap().base_offset, 14);
}

#[test]
fn a_full_disk_refuses_appends_and_recovers() {
    let fixture = Fixture::new(5, settings(|settings| settings.segment_bytes = 100_000));
    let value = "f".repeat(10_000);
    fixture.append(batch(&[value.as_str()])).unwrap();
    fixture.sim.disk.set_capacity(fixture.sim.disk.used() + 300_000);
    let mut stored: i64 = 1;
    let refused = loop {
        match fixture.append(batch(&[value.as_str()])) {
            Ok(appended) => {
                assert_eq!(appended.base_offset, stored);
                stored += 1;
                fixture.partition.flush().unwrap();
            }
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.code, thalweg_proto::error::ErrorCode::KafkaStorageError);
    assert!(stored > 10);
    fixture.partition.read(stored - 1, 1, true, Isolation::ReadUncommitted).unwrap();
    fixture.sim.disk.set_capacity(1 << 40);
    assert_eq!(fixture.append(batch(&["again"])).unwrap().base_offset, stored);
    assert_eq!(fixture.partition.flush().unwrap(), stored + 1);
}

#[test]
fn retention_by_size_and_by_age_keeps_the_log_end() {
    let fixture = Fixture::new(
        6,
        settings(|settings| {
            settings.segment_bytes = 10_000;
            settings.retention_bytes = Some(25_000);
            settings.retention_ms = Some(1_000);
        }),
    );
    for _ in 0..30 {
        fixture.append(batch(&["r".repeat(3_000).as_str()])).unwrap();
    }
    fixture.partition.flush().unwrap();
    let held = fixture.partition.read(0, 5_000, true, Isolation::ReadUncommitted).unwrap();
    assert!(fixture.partition.retain(NOW).unwrap().segments > 0);
    let left = fixture.partition.size_bytes();
    assert!((25_000..40_000).contains(&left), "{left}");
    assert_eq!(records(&held)[0].0, 0, "a reader keeps what it holds");
    fixture.partition.retain(NOW + 100_000).unwrap();
    let offsets = fixture.partition.offsets();
    assert_eq!((offsets.log_start, offsets.log_end, fixture.partition.size_bytes()), (30, 30, 0));
    assert_eq!(fixture.append(batch(&["next"])).unwrap().base_offset, 30);
}

#[test]
fn an_idle_partition_holds_no_room_and_comes_back() {
    let fixture = Fixture::new(7, settings(|_| {}));
    fixture.append(batch(&["a"])).unwrap();
    fixture.partition.flush().unwrap();
    fixture.partition.idle_close().unwrap();
    fixture.partition.idle_close().unwrap();
    let files = fixture.sim.disk.list(fixture.partition.dir()).unwrap();
    let log = files.iter().find(|file| file.name.ends_with(".log")).unwrap();
    assert_eq!(log.len, fixture.partition.size_bytes());
    assert_eq!(fixture.append(batch(&["b"])).unwrap().base_offset, 1);
    fixture.partition.flush().unwrap();
    let fetched = fixture.partition.read(0, 1_000, true, Isolation::ReadUncommitted).unwrap();
    assert_eq!(records(&fetched), [(0, "a".to_owned()), (1, "b".to_owned())]);
}

#[test]
fn a_directory_of_another_topic_is_set_aside_and_a_deleted_one_removed() {
    let mut fixture = Fixture::new(8, settings(|_| {}));
    fixture.append(batch(&["old"])).unwrap();
    fixture.manager.close().unwrap();
    fixture.reopen().unwrap();
    fixture.manager.delete_partition(&id()).unwrap();
    let refused = fixture.append(batch(&["x"])).unwrap_err();
    assert_eq!(refused.code, thalweg_proto::error::ErrorCode::UnknownTopicOrPartition);
    let again = uuid::Uuid::from_u128(8);
    let partition = fixture.manager.open_partition(id(), again, fixture.settings.clone()).unwrap();
    assert_eq!(partition.offsets().log_end, 0);
    partition.append(batch(&["new"]), crate::log::Origin::Client, NOW).unwrap();
    fixture.manager.sweep().unwrap();
    fixture.manager.close().unwrap();
    drop(partition);
    fixture.reopen().unwrap();
    assert_eq!(fixture.partition.topic_id(), TOPIC_ID);
    assert_eq!(fixture.partition.offsets().log_end, 0, "the directory was another topic's");
    let names = fixture.sim.disk.list(&root()).unwrap();
    let names: Vec<&str> = names.iter().map(|entry| entry.name.as_str()).collect();
    assert!(
        names.iter().any(|name| name.ends_with("-stray"))
            && names.iter().all(|name| !name.ends_with("-delete"))
    );
}

#[test]
fn a_directory_has_one_owner_and_one_format() {
    let fixture = Fixture::new(9, settings(|_| {}));
    let again = Manager::open(fixture.sim.world(), &options(&root())).unwrap_err();
    assert!(matches!(again, LogError::Locked(_)), "{again}");
    let elsewhere = std::path::Path::new("/elsewhere");
    fixture.sim.disk.create_dir(elsewhere).unwrap();
    fixture.sim.disk.write(&elsewhere.join("meta.properties"), b"cluster.id=x\nthalweg.format=99\n").unwrap();
    let unknown = Manager::open(fixture.sim.world(), &options(elsewhere)).unwrap_err();
    assert!(matches!(unknown, LogError::Format { .. }), "{unknown}");
}

#[test]
fn ten_thousand_empty_partitions_hold_no_segment() {
    let fixture = Fixture::new(10, settings(|_| {}));
    for n in 0..10_000 {
        let id = TopicPartition::new("many", n);
        fixture.manager.open_partition(id, TOPIC_ID, fixture.settings.clone()).unwrap();
    }
    let files = fixture.sim.disk.list(&root().join("many-9999")).unwrap();
    assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["partition.metadata"]);
    fixture.manager.close().unwrap();
}
