//! A line on standard error that says how far a command is.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use thalweg_client::WorkProgress;

const EVERY: Duration = Duration::from_millis(200);
/// Records between two looks at the clock.
const STRIDE: u64 = 256;

/// Counts records and bytes, and tells of them where a person looks at standard error.
pub struct Progress {
    shown: bool,
    begun: Instant,
    next: Instant,
    records: u64,
    bytes: u64,
}

impl Progress {
    /// Nothing has been moved yet; `wanted` is whether the line would disturb nobody.
    pub fn new(wanted: bool) -> Self {
        let begun = Instant::now();
        let shown = wanted && std::io::stderr().is_terminal();
        Self { shown, begun, next: begun + EVERY, records: 0, bytes: 0 }
    }

    /// A record of so many bytes has been moved.
    pub fn moved(&mut self, bytes: usize) {
        self.records += 1;
        self.bytes += bytes as u64;
        if self.shown && self.records.is_multiple_of(STRIDE) && Instant::now() >= self.next {
            self.next = Instant::now() + EVERY;
            self.tell("");
        }
    }

    /// Leaves the last line standing.
    pub fn end(&self) {
        if self.shown && self.records > 0 {
            self.tell("\n");
        }
    }

    fn tell(&self, end: &str) {
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let rate = self.bytes as f64 / seconds / f64::from(1 << 20);
        // A terminal that is gone needs no progress.
        let _ = write!(std::io::stderr(), "\r{} records, {rate:.1} MiB/s\x1b[K{end}", self.records);
    }
}

/// A line on standard error that says how far the broker is with a long work, where a person looks.
pub struct WorkLine {
    shown: bool,
    told: bool,
}

impl WorkLine {
    /// Nothing is told yet.
    pub fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), told: false }
    }

    /// Tells it.
    pub fn tell(&mut self, work: &WorkProgress) {
        if self.shown {
            self.told = true;
            let mebibytes = |bytes: i64| bytes as f64 / f64::from(1 << 20);
            let (done, total) = (mebibytes(work.bytes_done), mebibytes(work.bytes_total));
            let amount =
                if work.bytes_total > 0 { format!(" {done:.1} of {total:.1} MiB") } else { String::new() };
            let line = format!("partition {}: {}{amount}", work.partition, work.phase);
            // A terminal that is gone needs no progress.
            let _ = write!(std::io::stderr(), "\r{line}\x1b[K");
        }
    }

    /// Takes the line away: what was done is told by the result.
    pub fn end(&self) {
        if self.told {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
