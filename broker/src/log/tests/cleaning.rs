//! Segments on a disk that is full, fails, or holds what should not be there: what works goes on.

use thalweg_proto::record::{BatchBuilder, Compression};

use super::history::{compact_at, compacted, read_all};
use super::{Fixture, NOW, batches, root};
use crate::log::{Isolation, Limits, Origin};
use crate::world::Disk;

fn put(fixture: &Fixture, key: &str, value: Option<&[u8]>) {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(NOW, Some(key.as_bytes()), value, []).unwrap();
    fixture.partition.append(builder.build().unwrap(), Origin::Client, NOW).unwrap();
    fixture.partition.flush().unwrap();
}

/// Segments of few keys and a tombstone, all of them ended.
fn dirty(seed: u64) -> Fixture {
    let fixture = Fixture::new(seed, compacted());
    for number in 0..40 {
        put(&fixture, &format!("key-{}", number % 5), Some(&[b'v'; 200]));
    }
    put(&fixture, "key-3", None);
    fixture.partition.end_newest(NOW).unwrap();
    fixture
}

/// Files of compactions that are not at their end.
fn unfinished(fixture: &Fixture) -> Vec<String> {
    let listed = fixture.sim.disk.list(&root().join("orders-0")).unwrap();
    let names = listed.into_iter().map(|entry| entry.name);
    names.filter(|name| name.ends_with(".cleaned") || name.ends_with(".swap")).collect()
}

#[test]
fn a_compaction_that_the_disk_cuts_short_takes_no_room() {
    let fixture = dirty(2);
    // There is no room for the new segment; it is there, and cannot be made durable.
    fixture.sim.disk.set_capacity(fixture.sim.disk.used());
    assert!(compact_at(&fixture, NOW, 1 << 20).is_err());
    assert_eq!(unfinished(&fixture), Vec::<String>::new());
    fixture.sim.disk.set_capacity(1 << 40);
    fixture.sim.disk.fail_syncs(true);
    assert!(compact_at(&fixture, NOW, 1 << 20).is_err());
    assert_eq!(unfinished(&fixture), Vec::<String>::new());
    fixture.sim.disk.fail_syncs(false);
    assert!(fixture.partition.is_online(), "what is there was not touched");
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    assert_eq!(read_all(&fixture, Isolation::ReadUncommitted).len(), 5);
}

#[test]
fn what_a_full_disk_kept_from_being_put_away_is_compacted_when_there_is_room() {
    let fixture = dirty(1);
    put(&fixture, "key-1", Some(&[b'v'; 2_000]));
    // Room for a segment, but not for the indexes of the one that it ends.
    let mut room = 0;
    while fixture.partition.writer.lock().unindexed.is_empty() {
        room += 8;
        fixture.sim.disk.set_capacity(fixture.sim.disk.used() + room);
        let _ = fixture.partition.end_newest(NOW);
        assert!(room < 100_000, "it is never short of room for an index alone");
    }
    let (first, debt) = (fixture.partition.first_not_put_away(), fixture.partition.compaction_debt(NOW));
    fixture.sim.disk.set_capacity(1 << 40);
    assert!(debt.unwrap().dirty_bytes > 0);
    let done = compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    assert_eq!(done.cleaned_to, first, "up to there");
    assert_eq!(compact_at(&fixture, NOW, 1 << 20).unwrap(), None, "not again and again");
    fixture.partition.idle_close().unwrap();
    let done = compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    assert!(done.cleaned_to > first);
}

#[test]
fn what_lies_before_damage_is_read() {
    let fixture = dirty(3);
    fixture.partition.idle_close().unwrap();
    fixture.partition.idle_close().unwrap();
    let second = fixture.partition.view.load().segments[1].base_offset;
    fixture.sim.disk.truncate(&fixture.log_file(second), 100).unwrap();
    let read = |offset| fixture.partition.read(offset, 1 << 20, true, Isolation::ReadCommitted);
    let found: Vec<i64> = batches(&read(0).unwrap()).iter().map(|batch| batch.header().base_offset).collect();
    assert_eq!(found, (0..second).collect::<Vec<_>>());
    assert!(read(second).is_err());
    let third = fixture.partition.view.load().segments[2].base_offset;
    assert!(read(third).is_ok());
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let mut fixture = dirty(4);
    let dir = fixture.partition.dir().to_path_buf();
    let files = ["notes.cleaned", "notes.swap", "notes.log", "7.log"];
    let dirs = ["00000000000000000007.log", "00000000000000000007.log.cleaned", "x.swap", "lost+found"];
    files.iter().for_each(|name| fixture.sim.disk.write(&dir.join(name), b"not ours").unwrap());
    dirs.iter().for_each(|name| fixture.sim.disk.create_dir(&dir.join(name)).unwrap());
    for clean in [true, false] {
        let mut purge = fixture.partition.begin_purge(b"key-2", NOW).unwrap().unwrap();
        let limits = Limits { now_ms: NOW, memory_bytes: 1 << 20, pace: &|_| true, wrote: &|_| () };
        purge.search(&limits).unwrap();
        purge.rewrite(&limits).unwrap();
        assert!(purge.prove(&limits).unwrap().holds());
        drop(purge);
        if clean {
            fixture.manager.close().unwrap();
        } else {
            fixture.sim.disk.kill();
        }
        fixture.reopen().unwrap();
        assert_eq!(fixture.partition.offsets().log_end, 41);
    }
    let names: Vec<String> =
        fixture.sim.disk.list(&dir).unwrap().into_iter().map(|entry| entry.name).collect();
    assert!(files.iter().chain(&dirs).all(|name| names.iter().any(|there| there == name)), "{names:?}");
}

#[test]
fn damaged_checkpoints_of_what_can_be_found_out_again_do_not_stop_a_start() {
    for clean in [true, false] {
        let mut fixture = dirty(5);
        compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
        let kept = read_all(&fixture, Isolation::ReadUncommitted);
        if clean {
            fixture.manager.close().unwrap();
        } else {
            fixture.manager.checkpoint().unwrap();
            fixture.sim.disk.kill();
        }
        let names =
            ["cleaner-offset-checkpoint", "thalweg-delete-horizons", "recovery-point-offset-checkpoint"];
        for name in names {
            fixture.sim.disk.write(&root().join(name), b"0\n7\nnot what was written\n").unwrap();
        }
        fixture.reopen().unwrap();
        assert_eq!(read_all(&fixture, Isolation::ReadUncommitted), kept);
        let later = NOW + super::history::DELETE_RETENTION_MS;
        compact_at(&fixture, later, 1 << 20).unwrap().unwrap();
        assert_eq!(
            read_all(&fixture, Isolation::ReadUncommitted).len(),
            4,
            "the tombstone is found, and goes"
        );
        fixture.manager.close().unwrap();
        fixture.reopen().unwrap();
    }
}
