//! What retention is going to do.

use super::partition::Partition;

impl Partition {
    /// When retention drops the oldest segment: the wall clock's time in ms from which on the next check does; `now_ms` where
    /// it would already. `None` where nothing is to be dropped by age, and not enough is there to be dropped by size.
    pub fn next_expiry(&self, now_ms: i64) -> Option<i64> {
        let (settings, view) = (self.settings(), self.view.load_full());
        let oldest = view.segments.first().filter(|oldest| oldest.size() > 0)?;
        let next = view.segments.get(1);
        if next.is_some_and(|next| next.base_offset <= self.published.log_start()) {
            return Some(now_ms);
        }
        if !settings.cleanup_policy.delete {
            return None;
        }
        let excess = settings.retention_bytes.and_then(|limit| self.size_bytes().checked_sub(limit));
        if next.is_some() && excess.is_some_and(|excess| excess >= oldest.size()) {
            return Some(now_ms);
        }
        let age = settings.retention_ms?;
        let known = oldest.ages.largest();
        let indexed = || self.largest_of(oldest).ok().flatten().map(|(timestamp, _)| timestamp);
        let largest = if known.is_exact { Some(known.at_least) } else { indexed() };
        Some(oldest.ages.age_from(largest.unwrap_or(-1)).saturating_add(age).saturating_add(1))
    }
}
