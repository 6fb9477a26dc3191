//! What of a partition can be compacted, and whether it is worth while.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use thalweg_config::TopicSettings;

use crate::log::error::LogError;
use crate::log::index::{OFFSET_ENTRY, TIME_ENTRY};
use crate::log::partition::Partition;
use crate::log::segment::Segment;

/// How much of a partition waits for its compaction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Debt {
    /// Bytes that have been compacted before.
    pub clean_bytes: u64,
    /// Bytes that could be compacted now, and have not been.
    pub dirty_bytes: u64,
    /// A record has waited for longer than `max.compaction.lag.ms`.
    pub overdue: bool,
    /// There are tombstones whose time is over.
    pub expired: bool,
    /// Below this offset every key has been considered.
    pub compacted_to: i64,
}

impl Debt {
    /// The part of the bytes that is dirty (`min.cleanable.dirty.ratio`).
    pub fn ratio(&self) -> f64 {
        match self.clean_bytes.saturating_add(self.dirty_bytes) {
            0 => 0.0,
            all => self.dirty_bytes as f64 / all as f64,
        }
    }
}

/// The segments of one compaction.
pub(super) struct Plan {
    /// Those that may be compacted, oldest first, each with the offset behind its end.
    pub(super) segments: Vec<(Arc<Segment>, i64)>,
    /// Everything below has been compacted before.
    pub(super) first_dirty: i64,
}

impl Plan {
    /// What may be compacted of a partition: whole segments, durable up to `durable`, put away and without open transactions,
    /// that are older than `min.compaction.lag.ms`. Never the newest.
    pub(super) fn of(partition: &Partition, durable: i64, now_ms: i64) -> Result<Plan, LogError> {
        let settings = partition.settings();
        let view = partition.view.load_full();
        // Behind the last stable offset nobody knows yet which records count.
        let bound = partition.offsets().last_stable.min(durable).min(partition.first_not_put_away());
        let first_dirty = first_dirty(partition);
        let mut segments = Vec::new();
        for (segment, next) in view.segments.iter().zip(view.segments.iter().skip(1)) {
            let is_dirty = next.base_offset > first_dirty;
            if next.base_offset > bound || (is_dirty && is_young(partition, segment, &settings, now_ms)?) {
                break;
            }
            segments.push((Arc::clone(segment), next.base_offset));
        }
        Ok(Plan { segments, first_dirty })
    }

    /// The first offset of all.
    pub(super) fn start(&self) -> i64 {
        self.segments.first().map_or(0, |(segment, _)| segment.base_offset)
    }

    /// The offset behind the last.
    pub(super) fn end(&self) -> Option<i64> {
        self.segments.last().map(|(_, end)| *end)
    }

    /// The segments that are rewritten when keys are known up to `covered`, in runs that fit one segment each.
    pub(super) fn groups(&self, covered: i64, settings: &TopicSettings) -> Vec<&[(Arc<Segment>, i64)]> {
        let count = self.segments.partition_point(|(segment, _)| segment.base_offset < covered);
        let (mut groups, mut rest) = (Vec::new(), self.segments.get(..count).unwrap_or_default());
        while let Some((first, _)) = rest.first() {
            let (mut bytes, mut offset_entries, mut time_entries) = (0_u64, 0_usize, 0_usize);
            let mut fits = |(segment, end): &(Arc<Segment>, i64)| {
                let indexes = segment.indexes.read();
                bytes = bytes.saturating_add(segment.size());
                offset_entries =
                    offset_entries.saturating_add(indexes.as_ref().map_or(0, |all| all.offsets.len()));
                time_entries = time_entries.saturating_add(indexes.as_ref().map_or(0, |all| all.times.len()));
                let index_bytes =
                    offset_entries.saturating_mul(OFFSET_ENTRY).max(time_entries.saturating_mul(TIME_ENTRY));
                bytes <= u64::from(settings.segment_bytes)
                    && index_bytes <= settings.segment_index_bytes as usize
                    && end.saturating_sub(first.base_offset) <= i64::from(i32::MAX)
            };
            // The first is taken in any case.
            let most = rest.iter().take_while(|one| fits(one)).count().max(1);
            let (group, others) = rest.split_at(most);
            groups.push(group);
            rest = others;
        }
        groups
    }
}

/// The first offset that no compaction has considered.
fn first_dirty(partition: &Partition) -> i64 {
    let view = partition.view.load();
    let start = view.segments.first().map_or(0, |first| first.base_offset);
    let cleaned_to = partition.cleaned_to.load(Ordering::Acquire);
    // What the checkpoint says of another life of the partition is not to be trusted.
    if (start..=partition.published.log_end()).contains(&cleaned_to) { cleaned_to } else { start }
}

/// Whether a segment has a record that is younger than `min.compaction.lag.ms`.
fn is_young(
    partition: &Partition,
    segment: &Segment,
    settings: &TopicSettings,
    now_ms: i64,
) -> Result<bool, LogError> {
    if settings.min_compaction_lag_ms <= 0 {
        return Ok(false);
    }
    let largest = partition.largest_of(segment)?.map_or(i64::MIN, |(largest, _)| largest);
    Ok(largest > now_ms.saturating_sub(settings.min_compaction_lag_ms))
}

impl Partition {
    /// Begins a new segment if the newest holds a record that has waited for `max.compaction.lag.ms`: appends alone would
    /// never begin one where nobody writes any more.
    pub fn roll_for_compaction(&self, now_ms: i64) -> Result<(), LogError> {
        let settings = self.settings();
        let Some(active) = self.view.load().active().cloned() else { return Ok(()) };
        let log_end = self.published.log_end();
        let is_compacted = settings.cleanup_policy.compact && settings.max_compaction_lag_ms < i64::MAX;
        if !is_compacted || !self.is_online() || active.size() == 0 {
            return Ok(());
        }
        let waited = now_ms.saturating_sub(self.begin_of(&active, now_ms)?);
        if waited > settings.max_compaction_lag_ms {
            let _upkeep = self.upkeep.lock();
            if !self.is_out_of_service() {
                self.roll_at(log_end, now_ms)?;
            }
        }
        Ok(())
    }

    /// What waits for compaction; nothing of a partition whose policy does not ask for it.
    pub fn compaction_debt(&self, now_ms: i64) -> Result<Debt, LogError> {
        let settings = self.settings();
        if !settings.cleanup_policy.compact || !self.is_online() {
            return Ok(Debt::default());
        }
        // What is not synced as it comes is synced by its compaction, and waits for that all the same.
        let durable = if self.is_lazy() { i64::MAX } else { self.durable.load(Ordering::Acquire) };
        let plan = Plan::of(self, durable, now_ms)?;
        let expired = !plan.segments.is_empty() && self.has_expired_tombstones(now_ms);
        let mut debt = Debt { compacted_to: plan.first_dirty, expired, ..Debt::default() };
        for (segment, end) in &plan.segments {
            if *end <= plan.first_dirty {
                debt.clean_bytes = debt.clean_bytes.saturating_add(segment.size());
                continue;
            }
            debt.dirty_bytes = debt.dirty_bytes.saturating_add(segment.size());
            if settings.max_compaction_lag_ms < i64::MAX {
                let first = segment.find(self.shared.disk(), plan.first_dirty, segment.visible())?;
                let since = first.map_or(now_ms, |(_, first)| segment.ages.age_from(first.max_timestamp));
                debt.overdue |= now_ms.saturating_sub(since) > settings.max_compaction_lag_ms;
            }
        }
        Ok(debt)
    }
}
