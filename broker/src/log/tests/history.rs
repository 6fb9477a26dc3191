//! A compacted log against a model: puts and deletes in every codec, segments that end, compactions, retention, time that
//! passes, clean stops and power cuts at any step. In the end a reader finds the model, record by record.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use thalweg_config::{CleanupPolicy, TopicSettings};
use thalweg_proto::record::{BatchBuilder, Compression, Header};

use super::{Fixture, NOW, batches, settings};
use crate::log::{Compacted, Isolation, Limits, LogError, Origin, ReadError};
use crate::world::{Disk, Random};

pub(super) const DELETE_RETENTION_MS: i64 = 1_000;
const RETENTION_MS: i64 = 6_000;
const COMPACTION_LAG_MS: i64 = 3_000;
const PLENTY: usize = 1 << 20;

/// A record as it was written. Without a value it is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    key: String,
    value: Option<String>,
    headers: usize,
    timestamp: i64,
}

pub(super) fn compacted() -> Arc<TopicSettings> {
    settings(|settings| {
        settings.cleanup_policy = CleanupPolicy { compact: true, delete: false };
        settings.segment_bytes = 3_000;
        settings.index_interval_bytes = 256;
        settings.max_message_bytes = 2_500;
        settings.delete_retention_ms = DELETE_RETENTION_MS;
        settings.file_delete_delay_ms = 500;
        settings.retention_ms = None;
    })
}

pub(super) fn compact_at(
    fixture: &Fixture,
    now_ms: i64,
    memory_bytes: usize,
) -> Result<Option<Compacted>, LogError> {
    fixture.partition.compact(&Limits { now_ms, memory_bytes, pace: &|_| true, wrote: &|_| () })
}

/// Every record that a reader finds from the start on, by offset.
pub(super) fn read_all(fixture: &Fixture, isolation: Isolation) -> BTreeMap<i64, Entry> {
    try_read_all(fixture, isolation).unwrap()
}

/// The same where the power may go. A reader must not be left standing before the end.
fn try_read_all(fixture: &Fixture, isolation: Isolation) -> Result<BTreeMap<i64, Entry>, ReadError> {
    let offsets = fixture.partition.offsets();
    let end =
        if isolation == Isolation::ReadCommitted { offsets.last_stable } else { offsets.high_watermark };
    let (mut next, mut found) = (offsets.log_start, BTreeMap::new());
    let mut hidden = thalweg_proto::record::Visibility::default();
    while next < end {
        let fetched = fixture.partition.read(next, 1_000, true, isolation)?;
        hidden.set_aborted(fetched.aborted.iter().map(|a| (a.producer_id, a.first_offset)));
        let read = batches(&fetched);
        assert!(!read.is_empty(), "a reader stands at {next} and never reaches {end}");
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
                let entry = Entry {
                    key: record.key.map(text).unwrap(),
                    value: record.value.map(text),
                    headers: record.headers.len(),
                    timestamp: record.timestamp,
                };
                assert!(found.insert(record.offset, entry).is_none(), "offset {} twice", record.offset);
            }
        }
    }
    Ok(found)
}

struct Run {
    fixture: Fixture,
    /// Everything that was ever acknowledged, by offset.
    model: BTreeMap<i64, Entry>,
    /// When the tombstones among it were acknowledged.
    deleted_at: HashMap<i64, i64>,
    now_ms: i64,
    sequences: HashMap<i64, i32>,
}

impl Run {
    fn new(seed: u64) -> Run {
        let mut settings = (*compacted()).clone();
        settings.max_compaction_lag_ms = COMPACTION_LAG_MS;
        if seed.is_multiple_of(3) {
            settings.cleanup_policy.delete = true;
            settings.retention_ms = Some(RETENTION_MS);
        }
        let fixture = Fixture::new(seed, Arc::new(settings));
        let (model, deleted_at, sequences) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        Run { fixture, model, deleted_at, now_ms: NOW, sequences }
    }

    fn below(&self, bound: u64) -> u64 {
        self.fixture.sim.random.below(bound)
    }

    fn batch(&mut self) -> (Bytes, Vec<Entry>) {
        let codec = Compression::ALL[usize::try_from(self.below(5)).unwrap()];
        let (mut builder, mut entries) = (BatchBuilder::new(codec), Vec::new());
        for _ in 0..=self.below(6) {
            let entry = Entry {
                key: format!("key-{}", self.below(12)),
                value: (self.below(4) > 0).then(|| format!("{}-{}", self.below(1 << 40), "v".repeat(60))),
                headers: usize::try_from(self.below(3)).unwrap(),
                timestamp: self.now_ms - self.below(300) as i64,
            };
            let twice = std::iter::repeat_n(Header { key: b"twice", value: Some(b"same") }, entry.headers);
            let value = entry.value.as_ref().map(String::as_bytes);
            builder.append(entry.timestamp, Some(entry.key.as_bytes()), value, twice).unwrap();
            entries.push(entry);
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
        for (offset, entry) in (appended.base_offset..).zip(entries) {
            if entry.value.is_none() {
                self.deleted_at.insert(offset, self.now_ms);
            }
            self.model.insert(offset, entry);
        }
        Ok(())
    }

    fn compact(&mut self) -> Result<(), LogError> {
        let memory = if self.below(3) == 0 { 300 } else { PLENTY };
        compact_at(&self.fixture, self.now_ms, memory).map(drop)
    }

    /// Lets retention pass, and looks whether what went was old enough.
    fn retain(&self) -> Result<(), String> {
        let partition = &self.fixture.partition;
        let before = partition.offsets().log_start;
        let readable = try_read_all(&self.fixture, Isolation::ReadUncommitted);
        let readable = readable.map_err(|error| error.to_string())?;
        let done = partition.retain(self.now_ms);
        let after = partition.offsets().log_start;
        assert!(before == after || partition.settings().cleanup_policy.delete);
        for (offset, entry) in readable.range(..after) {
            assert!(entry.timestamp < self.now_ms - RETENTION_MS, "{offset} went too early");
        }
        done.map(drop).map_err(|error| error.to_string())
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms as i64;
        self.fixture.sim.clock.advance(Duration::from_millis(ms));
        self.fixture.manager.sweep_retired();
    }

    fn step(&mut self) -> Result<(), String> {
        self.pass(self.below(300));
        let done = match self.below(16) {
            0..10 => return self.append(),
            10 => self.fixture.partition.idle_close(),
            11 => return self.retain(),
            12 => self.fixture.partition.roll_for_compaction(self.now_ms),
            13 => {
                self.pass(self.below(4_000));
                Ok(())
            }
            _ => self.compact(),
        };
        done.map_err(|error| error.to_string())
    }

    /// The newest record of each key.
    fn latest(&self) -> BTreeMap<&str, (i64, &Entry)> {
        self.model.iter().map(|(offset, entry)| (entry.key.as_str(), (*offset, entry))).collect()
    }

    /// What is read is part of what was written, nothing that counts is missing, and what was compacted has each key once.
    fn check(&self) {
        let found = read_all(&self.fixture, Isolation::ReadUncommitted);
        let log_start = self.fixture.partition.offsets().log_start;
        for (offset, entry) in &found {
            // What was not acknowledged when the power went may be there, or not.
            assert!(self.model.get(offset).is_none_or(|written| written == entry), "offset {offset}");
        }
        for (key, (offset, entry)) in self.latest() {
            let deleted_at = self.deleted_at.get(&offset);
            let lives = entry.value.is_some()
                || deleted_at.is_some_and(|deleted_at| self.now_ms < deleted_at + DELETE_RETENTION_MS);
            let is_there = offset < log_start || found.contains_key(&offset);
            assert!(!lives || is_there, "the last of {key}, at {offset}, is gone");
        }
        let cleaned_to = self.fixture.partition.cleaned_to.load(Ordering::Acquire);
        let mut keys = HashSet::new();
        for (offset, entry) in found.range(..cleaned_to) {
            assert!(keys.insert(&entry.key), "{} again at {offset}, below {cleaned_to}", entry.key);
        }
    }

    /// Stops the broker, one way or another, and starts it again.
    fn restart(&mut self) {
        let disk = &self.fixture.sim.disk;
        match self.below(4) {
            0 => disk.kill(),
            1 => {
                // With no power left, this is no clean stop.
                if self.fixture.manager.close().is_err() {
                    disk.crash();
                }
            }
            _ => disk.crash(),
        }
        while self.below(3) == 0 {
            self.fixture.sim.disk.crash_after(self.below(80));
            let _ = self.fixture.reopen();
            self.fixture.sim.disk.crash();
        }
        self.fixture.sim.disk.crash_after(1 << 40);
        self.fixture.reopen().unwrap();
        // The producers may be ahead of, or behind, what this run believes: it learns what is there.
        for (offset, entry) in read_all(&self.fixture, Isolation::ReadUncommitted) {
            self.model.entry(offset).or_insert(entry);
        }
        let known = self.fixture.partition.producers();
        self.sequences =
            known.iter().map(|producer| (producer.producer_id, producer.last_sequence + 1)).collect();
    }

    /// Nobody writes any more, and time passes: what is left is the last value of each key, and nothing else.
    fn end(&mut self) {
        for pause in [COMPACTION_LAG_MS as u64 + 400, 2 * DELETE_RETENTION_MS as u64] {
            self.pass(pause);
            self.fixture.partition.roll_for_compaction(self.now_ms).unwrap();
            while compact_at(&self.fixture, self.now_ms, PLENTY).unwrap().is_some() {}
            self.check();
        }
        let (log_start, mut values) = (self.fixture.partition.offsets().log_start, BTreeMap::new());
        for (offset, entry) in self.latest().into_values() {
            if offset >= log_start && entry.value.is_some() {
                values.insert(offset, entry.clone());
            }
        }
        assert_eq!(read_all(&self.fixture, Isolation::ReadUncommitted), values);
        self.pass(500);
        let left = self.fixture.sim.disk.list(self.fixture.partition.dir()).unwrap();
        assert!(left.iter().all(|entry| !entry.name.ends_with(".deleted")), "{left:?}");
    }
}

fn run(seed: u64) {
    let mut run = Run::new(seed);
    for _ in 0..5 {
        run.fixture.sim.disk.crash_after(run.below(1_200));
        for _ in 0..70 {
            if run.step().is_err() {
                break;
            }
        }
        run.restart();
        run.check();
        run.compact().unwrap();
        run.check();
    }
    run.end();
}

#[test]
fn the_last_of_each_key_stays_whatever_happens_and_in_the_end_nothing_else() {
    // SEEDS=10000 FROM=0 for a long look.
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let from = number("FROM").unwrap_or(0);
    for seed in from..from + number("SEEDS").unwrap_or(30) {
        let result = std::panic::catch_unwind(|| run(seed));
        assert!(result.is_ok(), "seed {seed}");
    }
}
