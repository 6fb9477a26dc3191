//! What retention is going to do.

use super::error::LogError;
use super::partition::Partition;

impl Partition {
    /// When retention drops the oldest segment: the wall clock's time in ms from which on the next check does; `now_ms` where
    /// it would already. `None` where nothing is to be dropped by age, and not enough is there to be dropped by size.
    pub fn next_expiry(&self, now_ms: i64) -> Result<Option<i64>, LogError> {
        let (settings, view) = (self.settings(), self.view.load_full());
        let Some(oldest) = view.segments.first().filter(|oldest| oldest.size() > 0) else { return Ok(None) };
        let next = view.segments.get(1);
        if next.is_some_and(|next| next.base_offset <= self.published.log_start()) {
            return Ok(Some(now_ms));
        }
        if !settings.cleanup_policy.delete {
            return Ok(None);
        }
        let excess = settings.retention_bytes.and_then(|limit| self.size_bytes().checked_sub(limit));
        if next.is_some() && excess.is_some_and(|excess| excess >= oldest.size()) {
            return Ok(Some(now_ms));
        }
        let Some(age) = settings.retention_ms else { return Ok(None) };
        let largest = self.largest_of(oldest)?.filter(|(largest, _)| *largest >= 0);
        Ok(largest.map(|(largest, _)| largest.saturating_add(age).saturating_add(1)))
    }
}
