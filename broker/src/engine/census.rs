//! How topics stand with compaction and retention, for those who ask again and again.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Engine, TopicHandle};

/// What was counted holds for so long: counting looks at files.
const HOLDS: Duration = Duration::from_secs(10);

/// A topic.
#[derive(Clone, Debug)]
pub struct TopicCensus {
    /// Its name.
    pub topic: Arc<str>,
    /// Whether it is compacted.
    pub is_compacted: bool,
    /// Bytes that can be compacted and have not been.
    pub debt_bytes: u64,
    /// The largest dirty ratio of its partitions.
    pub dirty_ratio: f64,
    /// Partitions whose last compaction failed.
    pub failed_partitions: u64,
    /// Bytes that compactions and purges have removed since the broker was started.
    pub bytes_removed: u64,
    /// Records that they have removed.
    pub records_removed: u64,
    /// When the last compaction began, on the wall clock, in ms.
    pub last_run_ms: Option<i64>,
    /// When retention drops the next segment, on the wall clock, in ms.
    pub next_expiry_ms: Option<i64>,
}

impl TopicCensus {
    /// Whether compactions or purges have, or may have, anything to do here.
    pub fn has_care(&self) -> bool {
        self.is_compacted || self.records_removed > 0
    }
}

/// The last count, and when it was made on the monotonic clock.
#[derive(Default)]
pub(super) struct Census {
    last: Mutex<Option<(Duration, Arc<[TopicCensus]>)>>,
}

impl Engine {
    /// How every topic stands, by name, as it was at most ten seconds ago. Looks at files: to be called where blocking is
    /// allowed.
    pub fn topic_census(&self) -> Arc<[TopicCensus]> {
        // Who asks meanwhile waits for this count.
        let mut last = self.census.last.lock();
        let now = self.world.clock.monotonic();
        if let Some((_, counted)) = last.as_ref().filter(|(at, _)| now < at.saturating_add(HOLDS)) {
            return counted.clone();
        }
        let mut counted: Vec<TopicCensus> =
            self.topics.all().iter().map(|handle| self.count_topic(handle)).collect();
        counted.sort_by(|one, other| one.topic.cmp(&other.topic));
        let counted: Arc<[TopicCensus]> = counted.into();
        *last = Some((now, counted.clone()));
        counted
    }

    fn count_topic(&self, handle: &TopicHandle) -> TopicCensus {
        let mut census = TopicCensus {
            topic: handle.topic.name.clone(),
            is_compacted: handle.settings.cleanup_policy.compact,
            debt_bytes: 0,
            dirty_ratio: 0.0,
            failed_partitions: 0,
            bytes_removed: 0,
            records_removed: 0,
            last_run_ms: None,
            next_expiry_ms: None,
        };
        for served in &handle.partitions {
            let outlook = self.outlook(served);
            let (debt, care) = (outlook.debt, outlook.care);
            census.debt_bytes = census.debt_bytes.saturating_add(debt.dirty_bytes);
            census.dirty_ratio = census.dirty_ratio.max(debt.ratio());
            census.bytes_removed = census.bytes_removed.saturating_add(care.bytes_removed);
            census.records_removed = census.records_removed.saturating_add(care.records_removed);
            if let Some(run) = &care.last_run {
                census.failed_partitions += u64::from(run.outcome.is_err());
                census.last_run_ms = census.last_run_ms.max(Some(run.started_ms));
            }
            let earliest = census.next_expiry_ms.into_iter().chain(outlook.next_expiry_ms).min();
            census.next_expiry_ms = earliest;
        }
        census
    }
}
