//! How compaction and expiry are shown.

use std::time::SystemTime;

use serde::Serialize;
use thalweg_client::{CompactionOutcome, CompactionRun, CompactionState};

use super::compact::outcome;
use crate::output::Row;

/// How compaction stands in a partition.
#[derive(Clone, Serialize)]
pub struct ShownCompaction {
    #[serde(skip)]
    pub partition: i32,
    pub dirty_ratio: f64,
    pub debt_bytes: i64,
    pub clean_bytes: i64,
    pub overdue: bool,
    pub compacted_to: i64,
    pub runs: i64,
    pub failures: i64,
    pub bytes_removed: i64,
    pub records_removed: i64,
    pub last_run: Option<ShownRun>,
}

/// The last compaction.
#[derive(Clone, Serialize)]
pub struct ShownRun {
    pub started: i64,
    pub milliseconds: u64,
    pub outcome: &'static str,
    pub bytes_before: i64,
    pub bytes_after: i64,
    pub records_before: i64,
    pub records_after: i64,
    pub error: Option<String>,
}

impl ShownCompaction {
    /// That of a partition.
    pub fn new(partition: i32, state: CompactionState) -> Self {
        ShownCompaction {
            partition,
            dirty_ratio: state.dirty_ratio,
            debt_bytes: state.debt_bytes,
            clean_bytes: state.clean_bytes,
            overdue: state.overdue,
            compacted_to: state.compacted_to,
            runs: state.runs,
            failures: state.failures,
            bytes_removed: state.bytes_removed,
            records_removed: state.records_removed,
            last_run: state.last_run.map(ShownRun::from),
        }
    }
}

impl From<CompactionRun> for ShownRun {
    fn from(run: CompactionRun) -> Self {
        ShownRun {
            started: run.started_ms,
            milliseconds: u64::try_from(run.took.as_millis()).unwrap_or(u64::MAX),
            outcome: outcome(&run.outcome),
            bytes_before: run.bytes_before,
            bytes_after: run.bytes_after,
            records_before: run.records_before,
            records_after: run.records_after,
            error: match run.outcome {
                CompactionOutcome::Failed(error) => Some(format!("cannot be compacted: {error}")),
                _ => None,
            },
        }
    }
}

impl Row for ShownCompaction {
    const COLUMNS: &'static [&'static str] = &[
        "partition",
        "dirty",
        "debt",
        "compacted_to",
        "bytes_removed",
        "records_removed",
        "last_run",
        "ms",
        "outcome",
        "error",
    ];

    fn cells(&self) -> Vec<String> {
        let run = self.last_run.as_ref();
        let overdue = if self.overdue { " overdue" } else { "" };
        vec![
            self.partition.to_string(),
            format!("{:.0}%{overdue}", self.dirty_ratio * 100.0),
            self.debt_bytes.to_string(),
            self.compacted_to.to_string(),
            self.bytes_removed.to_string(),
            self.records_removed.to_string(),
            run.map_or_else(|| "not since the start".to_owned(), |run| from_now(run.started)),
            run.map(|run| run.milliseconds.to_string()).unwrap_or_default(),
            run.map(|run| run.outcome.to_owned()).unwrap_or_default(),
            run.and_then(|run| run.error.clone()).unwrap_or_default(),
        ]
    }

    fn name(&self) -> String {
        self.partition.to_string()
    }
}

/// A moment as people say it: `in 6d23h`, `3m12s ago`, `now`.
pub fn from_now(moment_ms: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    between(i64::try_from(now.as_millis()).unwrap_or(i64::MAX), moment_ms)
}

fn between(now_ms: i64, moment_ms: i64) -> String {
    let seconds = moment_ms.saturating_sub(now_ms) / 1000;
    match seconds {
        0 => "now".to_owned(),
        ..0 => format!("{} ago", span(seconds.unsigned_abs())),
        _ => format!("in {}", span(seconds.unsigned_abs())),
    }
}

/// The two largest units.
fn span(seconds: u64) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];
    let mut rest = seconds;
    let counts = units.map(|(size, unit)| {
        let count = rest / size;
        rest %= size;
        (count, unit)
    });
    let shown = counts.into_iter().skip_while(|(count, _)| *count == 0).take(2);
    shown.filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect()
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn moments_are_said_by_their_distance() {
        let cases = [
            (0, "now"),
            (999, "now"),
            (1_000, "in 1s"),
            (-61_000, "1m1s ago"),
            (7_200_000, "in 2h"),
            (604_799_000, "in 6d23h"),
            (-86_460_000, "1d ago"),
        ];
        for (distance, said) in cases {
            assert_eq!(between(1_700_000_000_000, 1_700_000_000_000 + distance), said);
        }
    }
}
