//! Random appends, flushes, reads, rolls, deletions and restarts against a list of records and what their producers sent.

use std::collections::BTreeMap;

use bytes::Bytes;
use thalweg_proto::record::{BatchBuilder, Compression};

use super::{Fixture, batches, records, settings};
use crate::log::{DeleteError, Isolation, ReadError};
use crate::world::Random;

/// What the partition should hold.
#[derive(Default)]
struct Model {
    /// Value by offset.
    values: Vec<String>,
    log_start: i64,
    durable: i64,
    /// Of each producer its next sequence, and its last batch with the offset that it got.
    producers: BTreeMap<i64, (i32, Bytes, i64)>,
}

struct Run {
    fixture: Fixture,
    model: Model,
}

impl Run {
    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.fixture.sim.random.below(bound as u64)).unwrap()
    }

    fn append(&mut self) {
        let count = 1 + self.below(5);
        let first = self.model.values.len();
        let size = if self.below(20) == 0 { 9_000 } else { self.below(300) };
        let values: Vec<String> =
            (first..first + count).map(|n| format!("{n}-{}", "x".repeat(size))).collect();
        let codec = Compression::ALL[self.below(5)];
        let mut builder = BatchBuilder::new(codec);
        for value in &values {
            builder.append(super::NOW, None, Some(value.as_bytes()), []).unwrap();
        }
        // Some write on and on, one in a while, and some hardly ever.
        let producer = [0, 0, 1, 1, 1, 1, 1, 1, 2, 3 + self.below(30) as i64][self.below(10)];
        let sequence = self.model.producers.get(&producer).map_or(0, |known| known.0);
        if producer > 0 {
            builder.set_producer(producer, 0, sequence);
        }
        let batch = builder.build().unwrap();
        let appended = self.fixture.append(batch.clone()).unwrap();
        assert_eq!((appended.base_offset, appended.duplicate), (first as i64, false));
        if producer > 0 {
            let next = sequence + i32::try_from(count).unwrap();
            self.model.producers.insert(producer, (next, batch, appended.base_offset));
        }
        assert_eq!(appended.last_offset, (first + count - 1) as i64);
        self.model.values.extend(values);
    }

    fn flush(&mut self) {
        let end = self.fixture.partition.flush().unwrap();
        self.model.durable = self.model.values.len() as i64;
        assert_eq!(end, self.model.durable);
    }

    fn read(&self) {
        let end = self.model.values.len() as i64;
        let offset = self.below(self.model.values.len() + 3) as i64 - 1;
        let max_bytes = self.below(40_000);
        let read = self.fixture.partition.read(offset, max_bytes, true, Isolation::ReadUncommitted);
        if offset < self.model.log_start || offset > end {
            assert!(matches!(read, Err(ReadError::OutOfRange { .. })), "{offset}");
            return;
        }
        let fetched = read.unwrap();
        let found = records(&fetched);
        if offset >= self.model.durable {
            assert!(found.is_empty());
            return;
        }
        let first = batches(&fetched)[0].clone();
        assert!(first.header().base_offset <= offset && first.header().last_offset() >= offset);
        assert!(fetched.bytes <= max_bytes || batches(&fetched).len() == 1);
        for (step, (offset, value)) in found.iter().enumerate() {
            assert_eq!(*offset, first.header().base_offset + step as i64);
            assert_eq!(*value, self.model.values[usize::try_from(*offset).unwrap()]);
            assert!(*offset < self.model.durable);
        }
        // As much as fits is there: the next batch would not have.
        let next = found.last().unwrap().0 + 1;
        if next < self.model.durable {
            let more = self.fixture.partition.read(next, 0, true, Isolation::ReadUncommitted).unwrap();
            assert!(
                fetched.bytes + more.bytes > max_bytes,
                "{} + {} <= {max_bytes}",
                fetched.bytes,
                more.bytes
            );
        }
    }

    fn delete(&mut self) {
        // Often all of it, as of a topic that is emptied now and then.
        let end = self.model.values.len();
        let offset = if self.below(3) == 0 { self.model.durable } else { self.below(end + 2) as i64 };
        let result = self.fixture.partition.delete_records_before(offset);
        if offset > self.model.durable {
            assert!(matches!(result, Err(DeleteError::OutOfRange)));
        } else {
            self.model.log_start = self.model.log_start.max(offset);
            assert_eq!(result.unwrap(), self.model.log_start);
            if self.below(2) == 0 {
                self.fixture.partition.retain(super::NOW).unwrap();
            }
        }
    }

    fn restart(&mut self) {
        match self.below(3) {
            0 => self.fixture.manager.close().unwrap(),
            // The process dies, the machine lives: what was appended is in the page cache.
            1 => self.fixture.sim.disk.kill(),
            _ => {
                self.flush();
                self.fixture.sim.disk.crash();
            }
        }
        self.model.durable = self.model.values.len() as i64;
        self.fixture.reopen().unwrap();
        // Whatever is left of their batches, the producers are known: what they send again is not stored twice.
        for (producer, (_, batch, base_offset)) in &self.model.producers {
            let again = self.fixture.append(batch.clone()).unwrap();
            assert_eq!((again.duplicate, again.base_offset), (true, *base_offset), "producer {producer}");
        }
    }

    fn check(&self) {
        let offsets = self.fixture.partition.offsets();
        assert_eq!(offsets.log_end, self.model.values.len() as i64);
        assert_eq!(offsets.high_watermark, self.model.durable);
        assert_eq!(offsets.log_start, self.model.log_start);
    }
}

fn run(seed: u64) {
    let settings = settings(|settings| {
        settings.segment_bytes = 60_000;
        settings.index_interval_bytes = 512;
        settings.max_message_bytes = 50_000;
        settings.retention_ms = None;
    });
    let mut run = Run { fixture: Fixture::new(seed, settings), model: Model::default() };
    for _ in 0..400 {
        match run.below(40) {
            0..15 => run.append(),
            15..22 => run.flush(),
            22..36 => run.read(),
            36 => run.delete(),
            37 => run.fixture.partition.idle_close().unwrap(),
            38 => run.fixture.manager.checkpoint().unwrap(),
            _ => run.restart(),
        }
        run.check();
    }
}

#[test]
fn behaves_like_a_list() {
    for seed in 0..40 {
        let result = std::panic::catch_unwind(|| run(seed));
        assert!(result.is_ok(), "seed {seed}");
    }
}
