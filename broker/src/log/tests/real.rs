//! The same over the machine's own files and maps.

use std::sync::Arc;

use thalweg_config::CleanupPolicy;
use thalweg_proto::record::{BatchBuilder, Batches, Compression};

use super::{batch, open, records, settings};
use crate::log::{Isolation, Limits};
use crate::world::real;

#[test]
fn real_segments_roll_are_given_back_and_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(|settings| settings.segment_bytes = 200_000);
    let value = "v".repeat(10_000);
    let held = {
        let (manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
        for n in 0..100 {
            let appended =
                partition.append(batch(&[value.as_str()]), crate::log::Origin::Client, super::NOW).unwrap();
            assert_eq!(appended.base_offset, n);
            if n % 7 == 0 {
                partition.flush().unwrap();
                partition.prepare_ahead().unwrap();
            }
        }
        partition.flush().unwrap();
        let held = partition.read(3, 50_000, true, Isolation::ReadUncommitted).unwrap();
        manager.delete_partition(&super::id()).unwrap();
        manager.sweep().unwrap();
        held
    };
    assert_eq!(records(&held)[0], (3, value.clone()), "slices outlive files, maps and managers");
    let stored = {
        let (manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
        for _ in 0..50 {
            partition.append(batch(&[value.as_str()]), crate::log::Origin::Client, super::NOW).unwrap();
        }
        manager.close().unwrap();
        partition.size_bytes()
    };
    let mut on_disk = 0;
    for file in std::fs::read_dir(dir.path().join("orders-0")).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap().ends_with(".log") {
            on_disk += file.metadata().unwrap().len();
        }
    }
    assert_eq!(on_disk, stored);
    let reports = crate::storage::verify(dir.path()).unwrap();
    let [report] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!((report.problems.len(), report.batches, report.bytes), (0, 50, stored));
    let (_manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
    assert_eq!(partition.offsets().high_watermark, 50);
    let fetched = partition.read(49, 1, true, Isolation::ReadUncommitted).unwrap();
    assert_eq!(records(&fetched), [(49, value)]);
}

#[test]
fn readers_and_a_writer_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(|settings| {
        settings.segment_bytes = 300_000;
        settings.flush_mode = thalweg_config::FlushMode::Os;
    });
    let (_manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
    let total = 20_000;
    let reader = {
        let partition = Arc::clone(&partition);
        std::thread::spawn(move || {
            let mut next = 0;
            while next < total {
                let fetched = partition.read(next, 100_000, true, Isolation::ReadUncommitted).unwrap();
                for (offset, value) in records(&fetched) {
                    assert_eq!((offset, value.as_str()), (next, format!("value {next}").as_str()));
                    next += 1;
                }
            }
        })
    };
    // Some that ask for what comes next at once: they are never behind the log's end.
    let tails = [(); 3].map(|()| {
        let partition = Arc::clone(&partition);
        std::thread::spawn(move || {
            let mut next = 0;
            while next < total {
                let fetched = partition.read(next, 10_000, true, Isolation::ReadUncommitted).unwrap();
                let last = fetched.slices.iter().flat_map(|slice| Batches::new(slice.clone())).last();
                next = last.map_or(next, |batch| batch.unwrap().header().next_offset());
            }
        })
    });
    for n in 0..total {
        let value = format!("value {n}");
        partition.append(batch(&[value.as_str()]), crate::log::Origin::Client, super::NOW).unwrap();
        if n % 500 == 0 {
            partition.flush().unwrap();
        }
    }
    for reader in tails.into_iter().chain([reader]) {
        reader.join().unwrap();
    }
}

/// A real file system that fills up: the log refuses, nothing dies of a signal, and all goes on when there is room.
#[test]
fn a_full_file_system_is_an_error_and_not_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "none"])
        .arg(dir.path())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: mounting needs root");
        return;
    }
    let settings = settings(|settings| settings.segment_bytes = 400_000);
    let value = "v".repeat(10_000);
    let (manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
    let append = |value: &str| {
        partition.append(batch(&[value]), crate::log::Origin::Client, super::NOW).map(|done| done.base_offset)
    };
    let mut stored = 0;
    while let Ok(offset) = append(&value) {
        assert_eq!(offset, stored);
        stored += 1;
        partition.flush().unwrap();
    }
    assert!((100..200).contains(&stored), "{stored} records were stored");
    let fetched = partition.read(stored - 1, 1, true, Isolation::ReadUncommitted).unwrap();
    assert_eq!(records(&fetched), [(stored - 1, value.clone())]);
    partition.delete_records_before(stored / 2).unwrap();
    assert!(partition.retain(super::NOW).unwrap().segments > 0, "room can be made on a full disk");
    assert_eq!(append(&value).unwrap(), stored);
    manager.close().unwrap();
    drop((manager, partition, fetched));
    std::process::Command::new("umount").arg(dir.path()).status().unwrap();
}

/// Who reads a file's map where the file has no bytes, or the disk cannot give them, is killed.
#[test]
fn bytes_that_cannot_be_read_keep_their_segment_and_kill_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(|settings| settings.segment_bytes = 200_000);
    let value = "v".repeat(10_000);
    {
        let (manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
        for _ in 0..30 {
            partition.append(batch(&[value.as_str()]), crate::log::Origin::Client, super::NOW).unwrap();
        }
        manager.close().unwrap();
    }
    let world = real::world();
    let (_manager, partition) = open(world.clone(), dir.path(), &settings).unwrap();
    let first = Arc::clone(&partition.view.load().segments[0]);
    first.region(&*world.disk).unwrap();
    let path = partition.dir().join("00000000000000000000.log");
    let whole = std::fs::read(&path).unwrap();
    let write = |bytes: &[u8]| {
        use std::io::Write;
        std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes)).unwrap();
    };
    let expired = super::NOW + settings.retention_ms.unwrap() + 1_000;
    write(&whole[..45_000]);
    assert_eq!(partition.retain(expired).unwrap().segments, 0);
    write(&whole);
    assert_eq!(partition.retain(expired).unwrap().segments, 2);
}

/// Reads a whole partition: every byte of it is looked at.
fn read_through(partition: &crate::log::Partition, from: i64, to: i64) -> usize {
    let (mut next, mut count) = (from, 0);
    while next < to {
        let fetched = partition.read(next, 1 << 20, true, Isolation::ReadUncommitted).unwrap();
        let batches = super::batches(&fetched);
        next = batches.last().unwrap().header().next_offset();
        count += batches.iter().map(|batch| batch.records(1 << 20).unwrap().iter().count()).sum::<usize>();
    }
    count
}

#[test]
fn compaction_takes_no_memory_from_others() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(|settings| {
        settings.cleanup_policy = CleanupPolicy { compact: true, delete: false };
        settings.segment_bytes = 20 << 20;
    });
    {
        let (manager, partition) = open(real::world(), dir.path(), &settings).unwrap();
        for n in 0..(50 << 20) / 100_000 {
            let mut batch = BatchBuilder::new(Compression::None);
            let key = format!("key {n}");
            // The first of the two goes, so that all is written anew.
            for value in [10_000, 90_000].map(|bytes| vec![b'v'; bytes]) {
                batch.append(super::NOW, Some(key.as_bytes()), Some(&value), []).unwrap();
            }
            partition.append(batch.build().unwrap(), crate::log::Origin::Client, super::NOW).unwrap();
        }
        manager.close().unwrap();
    }
    let world = real::world();
    let (_manager, partition) = open(world.clone(), dir.path(), &settings).unwrap();
    let segments = || partition.view.load().segments.clone();
    let absent = |number: usize| -> u64 {
        let region = segments()[number].region(&*world.disk).unwrap();
        region.absent().iter().map(|range| range.end - range.start).sum()
    };
    let [cold, warm, active] = segments().try_into().map_err(|s: Vec<_>| s.len()).unwrap();
    for segment in [&cold, &warm] {
        segment.region(&*world.disk).unwrap().forget(0..segment.size());
    }
    if absent(0) == 0 {
        eprintln!("skipped: these files are in memory whatever is asked for");
        return;
    }
    assert_eq!([absent(0), absent(1)], [cold.size(), warm.size()]);
    read_through(&partition, warm.base_offset, active.base_offset);
    assert_eq!(absent(1), 0);

    let limits = Limits { now_ms: super::NOW, memory_bytes: 1 << 20, pace: &|_| true, wrote: &|_| () };
    let done = partition.compact(&limits).unwrap().unwrap();
    assert_eq!(done.records_before, done.records_after * 2);
    let written = [0, 1].map(|place| segments()[place].size());
    assert_eq!([absent(0), absent(1)], written, "what it wrote does not stay");
    let left = cold.open_region().unwrap().absent();
    assert_eq!(left.iter().map(|range| range.end - range.start).sum::<u64>(), cold.size());
    let compacted = u64::try_from(read_through(&partition, 0, active.base_offset)).unwrap();
    assert_eq!(compacted, done.records_after);
}
