//! Purging a key, over a disk that loses power at any step: either the report was given and no file holds the key, or the
//! purge is simply repeated.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_config::{CleanupPolicy, TopicSettings};
use thalweg_proto::record::{BatchBuilder, Compression, ControlKind};

use super::{Fixture, NOW, batches, settings};
use crate::log::{Isolation, Limits, OffsetRuns, Origin, Proof, PurgeError, PurgedSegment};
use crate::world::Random;

const SECRET: &str = "jane.doe@example.org";

/// Key and value of each record, by offset.
type Records = BTreeMap<i64, (String, Option<String>)>;

fn topic(compact: bool) -> Arc<TopicSettings> {
    settings(|settings| {
        settings.cleanup_policy = CleanupPolicy { compact, delete: !compact };
        settings.segment_bytes = 2_000;
        settings.index_interval_bytes = 256;
        settings.max_message_bytes = 1_500;
        settings.retention_ms = None;
    })
}

fn limits() -> Limits<'static> {
    Limits { now_ms: NOW, memory_bytes: 1 << 20, pace: &|_| true, wrote: &|_| () }
}

/// What a whole purge reports.
#[derive(Debug)]
struct Report {
    found: u64,
    tombstone: Option<i64>,
    purged: Vec<PurgedSegment>,
    proof: Proof,
}

fn purge(fixture: &Fixture, tell: bool) -> Result<Report, PurgeError> {
    let mut purge = fixture.partition.begin_purge(SECRET.as_bytes(), NOW)?.unwrap();
    let found = purge.search(&limits())?;
    let tombstone = if tell { purge.tell_readers(NOW)? } else { None };
    purge.rewrite(&limits())?;
    assert_eq!(purge.still_read()?, 0, "nobody reads");
    let proof = purge.prove(&limits())?;
    Ok(Report { found, tombstone, purged: purge.purged().to_vec(), proof })
}

fn offsets(runs: &OffsetRuns) -> impl Iterator<Item = i64> {
    runs.runs().iter().flat_map(|(first, last)| *first..=*last)
}

/// The files that hold the bytes of the key, wherever in the data directory they lie.
fn files_with_key(fixture: &Fixture) -> Vec<String> {
    let disk = &fixture.sim.world().disk;
    let (mut holding, mut dirs) = (Vec::new(), vec![super::root()]);
    while let Some(dir) = dirs.pop() {
        for entry in disk.list(&dir).unwrap() {
            let path = dir.join(&entry.name);
            if entry.is_dir {
                dirs.push(path);
                continue;
            }
            let bytes = disk.read(&path).unwrap().unwrap();
            if bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
                holding.push(path.display().to_string());
            }
        }
    }
    holding
}

fn read_all(fixture: &Fixture) -> Records {
    let offsets = fixture.partition.offsets();
    let (mut next, mut found) = (offsets.log_start, Records::new());
    while next < offsets.high_watermark {
        let fetched = fixture.partition.read(next, 700, true, Isolation::ReadUncommitted).unwrap();
        let read = batches(&fetched);
        assert!(!read.is_empty(), "a reader stands at {next} and never reaches {}", offsets.high_watermark);
        for batch in read {
            assert!(batch.header().last_offset() >= next);
            next = batch.header().next_offset();
            for record in batch.records(1 << 20).unwrap().iter().map(Result::unwrap) {
                if !batch.header().is_control() {
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                    found.insert(record.offset, (text(record.key.unwrap()), record.value.map(text)));
                }
            }
        }
    }
    found
}

struct Run {
    fixture: Fixture,
    /// Every record there must be.
    model: Records,
    /// Of each producer the next sequence, its last batch and the offset of that.
    producers: BTreeMap<i64, (i32, Bytes, i64)>,
}

impl Run {
    fn below(&self, bound: u64) -> u64 {
        self.fixture.sim.random.below(bound)
    }

    fn append(&mut self) {
        // The bytes of most records stand in the files as they are.
        let codec = Compression::ALL[usize::try_from(self.below(10)).unwrap().saturating_sub(5)];
        let (mut builder, mut entries) = (BatchBuilder::new(codec), Vec::new());
        for _ in 0..=self.below(4) {
            let number = self.below(6);
            let key = if number == 0 { SECRET.to_owned() } else { format!("key-{number}") };
            let value = (self.below(5) > 0).then(|| format!("{}-{}", self.below(1 << 40), "v".repeat(40)));
            builder.append(NOW, Some(key.as_bytes()), value.as_ref().map(String::as_bytes), []).unwrap();
            entries.push((key, value));
        }
        let producer = self.below(4) as i64;
        if producer > 0 {
            builder.set_producer(producer, 0, self.producers.get(&producer).map_or(0, |known| known.0));
        }
        let batch = builder.build().unwrap();
        let appended = self.fixture.append(batch.clone()).unwrap();
        self.fixture.partition.flush().unwrap();
        if producer > 0 {
            let known = self.producers.entry(producer).or_default();
            *known = (known.0 + i32::try_from(entries.len()).unwrap(), batch, appended.base_offset);
        }
        self.model.extend((appended.base_offset..).zip(entries));
    }

    /// Has compaction or retention drop segments, whose files stay for a while.
    fn drop_segments(&mut self, compact: bool) {
        let partition = &self.fixture.partition;
        if compact {
            partition.compact(&limits()).unwrap();
        } else {
            let end = u64::try_from(partition.offsets().high_watermark).unwrap();
            partition.delete_records_before(i64::try_from(self.below(end.max(1))).unwrap()).unwrap();
            partition.retain(NOW).unwrap();
        }
        self.model = read_all(&self.fixture);
    }

    /// Purges, with the power going at some moment, until a report is given.
    fn purge(&mut self, tell: bool) -> Report {
        for attempt in 0..6 {
            let fuse = if attempt == 5 { 1 << 40 } else { self.below(120) };
            self.fixture.sim.disk.crash_after(fuse);
            let report = purge(&self.fixture, tell);
            let is_shown = report.as_ref().is_ok_and(|report| report.tombstone.is_none());
            self.fixture.sim.disk.crash_after(1 << 40);
            if is_shown {
                assert_eq!(files_with_key(&self.fixture), Vec::<String>::new(), "when the report is given");
            }
            if self.below(3) == 0 {
                self.fixture.sim.disk.kill()
            } else {
                self.fixture.sim.disk.crash()
            }
            if is_shown {
                assert_eq!(files_with_key(&self.fixture), Vec::<String>::new(), "whatever happens then");
            }
            while self.below(4) == 0 {
                self.fixture.sim.disk.crash_after(self.below(40));
                let _ = self.fixture.reopen();
                self.fixture.sim.disk.crash();
            }
            self.fixture.reopen().unwrap();
            if let Ok(report) = report {
                return report;
            }
        }
        unreachable!("the last attempt has all the power that it needs");
    }

    fn check(&self, report: &Report) {
        assert!(report.proof.holds(), "{report:?}");
        assert_eq!(report.proof.up_to, self.fixture.partition.offsets().log_end);
        let found = read_all(&self.fixture);
        let secrets = found.iter().filter(|(_, (key, _))| key == SECRET);
        let stay: Vec<_> = secrets.map(|(offset, (_, value))| (*offset, value.clone())).collect();
        match report.tombstone {
            None => {
                assert_eq!(stay, []);
                assert_eq!(files_with_key(&self.fixture), Vec::<String>::new());
            }
            Some(tombstone) => {
                assert_eq!(stay, [(tombstone, None)]);
                assert!(files_with_key(&self.fixture).len() <= 1, "the file of the tombstone");
            }
        }
        let others = |records: &Records| -> Records {
            records.iter().filter(|(_, (key, _))| key != SECRET).map(|(o, e)| (*o, e.clone())).collect()
        };
        assert_eq!(others(&found), others(&self.model), "what is not the key's is as it was");
        for purged in &report.purged {
            assert!(offsets(&purged.removed).all(|offset| self.model[&offset].0 == SECRET));
        }
        let log_start = self.fixture.partition.offsets().log_start;
        for (_, batch, _) in self.producers.values().filter(|(_, _, offset)| *offset >= log_start) {
            assert!(self.fixture.append(batch.clone()).unwrap().duplicate, "a retry of the last batch");
        }
    }
}

fn run(seed: u64) {
    let compact = seed.is_multiple_of(2);
    let fixture = Fixture::new(seed, topic(compact));
    let mut run = Run { fixture, model: Records::new(), producers: BTreeMap::new() };
    for _ in 0..3 {
        for _ in 0..=run.below(25) {
            run.append();
        }
        if run.below(2) == 0 {
            run.drop_segments(compact);
        }
        let tell = compact && run.below(2) == 0;
        let report = run.purge(tell);
        run.model.retain(|_, (key, _)| key != SECRET);
        // What was there and is not told by the last report was told by nobody: the attempt before it lost its power.
        run.model.extend(
            report.purged.iter().flat_map(|purged| {
                offsets(&purged.removed).map(|offset| (offset, (SECRET.to_owned(), None)))
            }),
        );
        run.check(&report);
        run.model.retain(|_, (key, _)| key != SECRET);
    }
}

#[test]
fn no_file_holds_a_purged_key_whatever_happens() {
    for seed in 0..60 {
        let result = std::panic::catch_unwind(|| run(seed));
        assert!(result.is_ok(), "seed {seed}");
    }
}

fn put(fixture: &Fixture, key: &str, value: &str) -> i64 {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(NOW, Some(key.as_bytes()), Some(value.as_bytes()), []).unwrap();
    let offset = fixture.append(builder.build().unwrap()).unwrap().base_offset;
    fixture.partition.flush().unwrap();
    offset
}

#[test]
fn the_report_tells_which_offsets_went_from_which_segments() {
    let fixture = Fixture::new(1, topic(false));
    let mut secrets = Vec::new();
    for number in 0..60 {
        let is_secret = (20..24).contains(&number) || number == 59;
        let offset = put(&fixture, if is_secret { SECRET } else { "other" }, &"v".repeat(40));
        secrets.extend(is_secret.then_some(offset));
    }
    let survey = |key: &str, tombstone| {
        let survey = fixture.partition.survey_purge(key.as_bytes(), tombstone, &limits()).unwrap();
        survey.unwrap()
    };
    let (before, files) = (survey(SECRET, false), files_with_key(&fixture));
    assert_eq!(before.proof.remaining.runs(), [(20, 23), (59, 59)]);
    assert_eq!((before.tombstone, survey(SECRET, true).segments.len()), (None, before.segments.len()));
    assert_eq!((survey("nobody", true).segments.len(), files_with_key(&fixture)), (0, files));
    let report = purge(&fixture, false).unwrap();
    let would_go =
        before.segments.iter().map(|would| (would.base_offset, &would.removed, would.bytes_before));
    let went = report.purged.iter().map(|purged| (purged.base_offset, &purged.removed, purged.bytes_before));
    assert!(would_go.eq(went), "{before:?} {report:?}");
    let told: Vec<i64> = report.purged.iter().flat_map(|purged| offsets(&purged.removed)).collect();
    assert_eq!((report.found, told), (5, secrets));
    assert!(report.purged.len() < 4, "only what holds the key is written anew: {report:?}");
    assert!(report.purged.iter().all(|purged| purged.bytes_after < purged.bytes_before));
    let proof = &report.proof;
    assert_eq!((proof.segments, proof.up_to), (fixture.partition.view.load().segments.len() as u64, 60));
    assert_eq!((proof.records, read_all(&fixture).len()), (55, 55));
    let again = purge(&fixture, false).unwrap();
    assert_eq!((again.found, again.purged.len()), (0, 0));
}

#[test]
fn what_comes_meanwhile_is_told() {
    let fixture = Fixture::new(2, topic(true));
    put(&fixture, SECRET, "before");
    let mut purge = fixture.partition.begin_purge(SECRET.as_bytes(), NOW).unwrap().unwrap();
    assert!(fixture.partition.begin_purge(SECRET.as_bytes(), NOW).unwrap().is_none(), "one at a time");
    assert_eq!(purge.search(&limits()).unwrap(), 1);
    let during = put(&fixture, SECRET, "during");
    // Nobody can see this one yet, and it is found.
    let mut builder = BatchBuilder::new(Compression::Zstd);
    builder.append(NOW, Some(SECRET.as_bytes()), Some(b"not durable"), []).unwrap();
    let unseen = fixture.append(builder.build().unwrap()).unwrap().base_offset;
    purge.rewrite(&limits()).unwrap();
    let proof = purge.prove(&limits()).unwrap();
    assert!(!proof.holds());
    assert_eq!(offsets(&proof.remaining).collect::<Vec<_>>(), [during, unseen]);
}

#[test]
fn who_reads_the_old_files_is_waited_for() {
    let fixture = Fixture::new(3, topic(false));
    put(&fixture, SECRET, "before");
    let reading = fixture.partition.read(0, 1_000, true, Isolation::ReadUncommitted).unwrap();
    let mut purge = fixture.partition.begin_purge(SECRET.as_bytes(), NOW).unwrap().unwrap();
    purge.search(&limits()).unwrap();
    purge.rewrite(&limits()).unwrap();
    assert_eq!(purge.still_read().unwrap(), 1);
    assert_eq!(batches(&reading).len(), 1, "what was read stays true");
    drop(reading);
    assert_eq!(purge.still_read().unwrap(), 0);
    assert_eq!(files_with_key(&fixture), Vec::<String>::new());
}

#[test]
fn transactions_go_on_without_the_key() {
    let mut fixture = Fixture::new(4, topic(false));
    let transactional = |fixture: &Fixture, producer: i64, sequence: i32| {
        let mut builder = BatchBuilder::new(Compression::None).transactional();
        builder.append(NOW, Some(SECRET.as_bytes()), Some(b"in a transaction"), []).unwrap();
        builder.set_producer(producer, 0, sequence);
        let appended = fixture.partition.append(builder.build().unwrap(), Origin::Client, NOW);
        fixture.partition.flush().unwrap();
        appended.unwrap().base_offset
    };
    let marker = |fixture: &Fixture, producer: i64, kind: ControlKind| {
        let mut builder = BatchBuilder::new(Compression::None).transactional().control();
        builder.append_marker(kind, 1, NOW).unwrap();
        builder.set_producer(producer, 0, -1);
        fixture.partition.append(builder.build().unwrap(), Origin::Internal, NOW).unwrap();
        fixture.partition.flush().unwrap();
    };
    let aborted = transactional(&fixture, 1, 0);
    marker(&fixture, 1, ControlKind::Abort);
    let open = transactional(&fixture, 2, 0);
    put(&fixture, "other", "behind the open transaction");
    assert!(purge(&fixture, false).unwrap().proof.holds());
    for _ in 0..2 {
        assert_eq!(fixture.partition.offsets().last_stable, open, "the open one still holds readers back");
        let fetched = fixture.partition.read(0, 10_000, true, Isolation::ReadCommitted).unwrap();
        let told: Vec<_> =
            fetched.aborted.iter().map(|entry| (entry.producer_id, entry.first_offset)).collect();
        assert_eq!(told, [(1, aborted)]);
        fixture.sim.disk.crash();
        fixture.reopen().unwrap();
    }
    transactional(&fixture, 2, 1);
    marker(&fixture, 2, ControlKind::Commit);
    let offsets = fixture.partition.offsets();
    assert_eq!(offsets.last_stable, offsets.log_end);
    assert_eq!(files_with_key(&fixture).len(), 1, "the record of after the purge");
}
