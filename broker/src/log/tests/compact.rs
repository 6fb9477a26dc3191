//! Compaction against a model, over a disk that loses power at any step.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use thalweg_config::{CleanupPolicy, TopicSettings};
use thalweg_proto::record::{BatchBuilder, Compression, ControlKind, Header};

use super::{Fixture, NOW, batches, settings};
use crate::log::{Compacted, Isolation, Limits, LogError, Origin};
use crate::world::Random;

/// Key, value (none is a tombstone) and headers of a record.
type Entry = (Option<String>, Option<String>, usize);

const DELETE_RETENTION_MS: i64 = 1_000;

fn compacted() -> std::sync::Arc<TopicSettings> {
    settings(|settings| {
        settings.cleanup_policy = CleanupPolicy { compact: true, delete: false };
        settings.segment_bytes = 3_000;
        settings.index_interval_bytes = 256;
        settings.max_message_bytes = 2_500;
        settings.delete_retention_ms = DELETE_RETENTION_MS;
        settings.retention_ms = None;
    })
}

fn compact_at(fixture: &Fixture, now_ms: i64, memory_bytes: usize) -> Result<Option<Compacted>, LogError> {
    fixture.partition.compact(&Limits { now_ms, memory_bytes, pace: &|_| true })
}

/// Every record that a reader finds from the start on, by offset.
fn read_all(fixture: &Fixture, isolation: Isolation) -> BTreeMap<i64, Entry> {
    let offsets = fixture.partition.offsets();
    let end =
        if isolation == Isolation::ReadCommitted { offsets.last_stable } else { offsets.high_watermark };
    let (mut next, mut found) = (offsets.log_start, BTreeMap::new());
    let mut hidden = thalweg_proto::record::Visibility::default();
    while next < end {
        let fetched = fixture.partition.read(next, 1_000, true, isolation).unwrap();
        hidden.set_aborted(fetched.aborted.iter().map(|a| (a.producer_id, a.first_offset)));
        let read = batches(&fetched);
        if read.is_empty() {
            break;
        }
        for batch in read {
            assert!(batch.header().last_offset() >= next, "a batch before {next}");
            next = batch.header().next_offset();
            if hidden.hides(&batch).unwrap() {
                continue;
            }
            for record in &batch.records(1 << 20).unwrap() {
                let record = record.unwrap();
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                for header in record.headers {
                    assert_eq!((header.key, header.value), (b"twice".as_slice(), Some(b"same".as_slice())));
                }
                let entry = (record.key.map(text), record.value.map(text), record.headers.len());
                assert!(found.insert(record.offset, entry).is_none(), "offset {} twice", record.offset);
            }
        }
    }
    found
}

struct Run {
    fixture: Fixture,
    /// Everything that was ever acknowledged, by offset.
    model: BTreeMap<i64, Entry>,
    now_ms: i64,
    sequences: HashMap<i64, i32>,
}

impl Run {
    fn below(&self, bound: u64) -> u64 {
        self.fixture.sim.random.below(bound)
    }

    fn batch(&mut self) -> (Bytes, Vec<Entry>) {
        let codec = Compression::ALL[usize::try_from(self.below(5)).unwrap()];
        let (mut builder, mut entries) = (BatchBuilder::new(codec), Vec::new());
        for _ in 0..=self.below(6) {
            let key = Some(format!("key-{}", self.below(12)));
            let value = (self.below(4) > 0).then(|| format!("{}-{}", self.below(1 << 40), "v".repeat(60)));
            let headers = usize::try_from(self.below(3)).unwrap();
            let twice = std::iter::repeat_n(Header { key: b"twice", value: Some(b"same") }, headers);
            let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
            builder.append(self.now_ms, bytes(&key).as_deref(), bytes(&value).as_deref(), twice).unwrap();
            entries.push((key, value, headers));
        }
        let producer = self.below(4) as i64;
        if producer > 0 {
            let sequence = self.sequences.entry(producer).or_default();
            builder.set_producer(producer, 0, *sequence);
            *sequence += i32::try_from(entries.len()).unwrap();
        }
        (builder.build().unwrap(), entries)
    }

    fn append(&mut self) -> Result<(), String> {
        let (batch, entries) = self.batch();
        let appended = self.fixture.partition.append(batch, Origin::Client, self.now_ms);
        let appended = appended.map_err(|error| error.to_string())?;
        self.fixture.partition.flush().map_err(|error| error.to_string())?;
        assert!(!appended.duplicate);
        self.model.extend((appended.base_offset..).zip(entries));
        Ok(())
    }

    fn compact(&mut self) -> Result<(), String> {
        let memory = if self.below(3) == 0 { 300 } else { 1 << 20 };
        compact_at(&self.fixture, self.now_ms, memory).map(drop).map_err(|error| error.to_string())
    }

    /// What is read is part of what was written, nothing that counts is missing, and what was compacted has each key once.
    fn check(&self) {
        let found = read_all(&self.fixture, Isolation::ReadUncommitted);
        let mut latest: HashMap<&String, (i64, bool)> = HashMap::new();
        for (offset, entry) in &self.model {
            latest.insert(entry.0.as_ref().unwrap(), (*offset, entry.1.is_some()));
        }
        for (offset, entry) in &found {
            // What was not acknowledged when the power went may be there, or not.
            assert!(self.model.get(offset).is_none_or(|written| written == entry), "offset {offset}");
        }
        for (key, (offset, has_value)) in latest {
            assert!(!has_value || found.contains_key(&offset), "the last of {key}, at {offset}, is gone");
        }
        let cleaned_to = self.fixture.partition.cleaned_to.load(std::sync::atomic::Ordering::Acquire);
        let mut keys = std::collections::HashSet::new();
        for (offset, (key, ..)) in found.range(..cleaned_to) {
            assert!(keys.insert(key.clone()), "{key:?} again at {offset}, below {cleaned_to}");
        }
    }

    /// After a crash the producers may be ahead of, or behind, what this run believes: it learns what is there.
    fn learn(&mut self) {
        let found = read_all(&self.fixture, Isolation::ReadUncommitted);
        for (offset, entry) in found {
            self.model.entry(offset).or_insert(entry);
        }
        let known = self.fixture.partition.producers();
        self.sequences =
            known.iter().map(|producer| (producer.producer_id, producer.last_sequence + 1)).collect();
    }
}

fn run(seed: u64) {
    let fixture = Fixture::new(seed, compacted());
    let mut run = Run { fixture, model: BTreeMap::new(), now_ms: NOW, sequences: HashMap::new() };
    for _ in 0..6 {
        run.fixture.sim.disk.crash_after(run.below(900));
        for _ in 0..60 {
            run.now_ms += run.below(400) as i64;
            let done = match run.below(12) {
                0..9 => run.append(),
                9 => run.fixture.partition.idle_close().map_err(|error| error.to_string()),
                _ => run.compact(),
            };
            if done.is_err() {
                break;
            }
        }
        if run.below(3) == 0 {
            run.fixture.sim.disk.kill()
        } else {
            run.fixture.sim.disk.crash()
        }
        while run.below(3) == 0 {
            run.fixture.sim.disk.crash_after(run.below(80));
            let _ = run.fixture.reopen();
            run.fixture.sim.disk.crash();
        }
        run.fixture.reopen().unwrap();
        run.learn();
        run.check();
        run.compact().unwrap();
        run.check();
    }
}

#[test]
fn the_last_of_each_key_stays_whatever_happens() {
    for seed in 0..30 {
        let result = std::panic::catch_unwind(|| run(seed));
        assert!(result.is_ok(), "seed {seed}");
    }
}

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
    builder.append(NOW, Some(b"a"), Some(b"1"), []).unwrap();
    builder.set_producer(9, 0, 0);
    let batch = builder.build().unwrap();
    fixture.append(batch.clone()).unwrap();
    put(&fixture, "a", Some("2"), NOW);
    seal(&fixture, NOW);
    compact_at(&fixture, NOW, 1 << 20).unwrap().unwrap();
    assert!(!read_all(&fixture, Isolation::ReadUncommitted).contains_key(&0));
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
