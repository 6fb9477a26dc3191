//! Random appends, flushes, reads, rolls, deletions and restarts against a list of records.

use thalweg_proto::record::Compression;

use super::{Fixture, batch_at, batches, records, settings};
use crate::log::{DeleteError, Isolation, ReadError};
use crate::world::Random;

/// What the partition should hold.
#[derive(Default)]
struct Model {
    /// Value by offset.
    values: Vec<String>,
    log_start: i64,
    durable: i64,
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
        let borrowed: Vec<&str> = values.iter().map(String::as_str).collect();
        let appended = self.fixture.append(batch_at(&borrowed, super::NOW, codec)).unwrap();
        assert_eq!(appended.base_offset, first as i64);
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
        let offset = self.below(self.model.values.len() + 2) as i64;
        let result = self.fixture.partition.delete_records_before(offset);
        if offset > self.model.durable {
            assert!(matches!(result, Err(DeleteError::OutOfRange)));
        } else {
            self.model.log_start = self.model.log_start.max(offset);
            assert_eq!(result.unwrap(), self.model.log_start);
            self.fixture.partition.retain(super::NOW).unwrap();
        }
    }

    fn restart(&mut self) {
        if self.below(2) == 0 {
            self.fixture.manager.close().unwrap();
            self.model.durable = self.model.values.len() as i64;
        } else {
            // The process dies, the machine lives: what was appended is in the page cache.
            self.fixture.sim.disk.kill();
            self.model.durable = self.model.values.len() as i64;
        }
        self.fixture.reopen().unwrap();
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
