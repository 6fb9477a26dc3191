//! Where each leader epoch begins, as `leader-epoch-checkpoint` keeps it.

/// What stands for no epoch (`RecordBatch.NO_PARTITION_LEADER_EPOCH`).
const NO_EPOCH: i32 = -1;

/// The epochs of a partition, oldest first. A partition that never changed its leader has epoch 0 alone, from the first
/// offset on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Epochs {
    entries: Vec<(i32, i64)>,
}

impl Epochs {
    /// From the lines of the checkpoint; entries out of order end it.
    pub(super) fn new(found: impl IntoIterator<Item = (i32, i64)>) -> Epochs {
        let mut entries: Vec<(i32, i64)> = Vec::new();
        for (epoch, start) in found {
            if entries.last().is_some_and(|(last, at)| *last >= epoch || *at > start) {
                break;
            }
            entries.push((epoch, start));
        }
        Epochs { entries }
    }

    /// Epoch and first offset, oldest first.
    pub(super) fn entries(&self) -> &[(i32, i64)] {
        &self.entries
    }

    /// The epoch that appends carry.
    pub(super) fn current(&self) -> i32 {
        self.entries.last().map_or(0, |(epoch, _)| *epoch)
    }

    /// Makes sure that the current epoch has a first offset; true when it had none.
    pub(super) fn begin(&mut self, offset: i64) -> bool {
        let begins = self.entries.is_empty();
        if begins {
            self.entries.push((0, offset));
        }
        begins
    }

    /// The epoch of an offset.
    pub(super) fn of(&self, offset: i64) -> i32 {
        let after = self.entries.partition_point(|(_, start)| *start <= offset);
        let entry = after.checked_sub(1).and_then(|i| self.entries.get(i)).or(self.entries.first());
        entry.map_or(0, |(epoch, _)| *epoch)
    }

    /// The largest epoch up to `epoch` of which there are records, and the offset where it ends; (-1, -1) when there is none or
    /// it is yet to come (`LeaderEpochFileCache.endOffsetFor`). Of the negative ones -1 alone means no epoch; others lie before
    /// the first, which begins where the log does (`truncateFromStart`).
    pub(super) fn end_of(&self, epoch: i32, log_start: i64, log_end: i64) -> (i32, i64) {
        if epoch == NO_EPOCH || epoch > self.current() {
            return (-1, -1);
        }
        if epoch == self.current() {
            return (epoch, log_end);
        }
        let begun = self.entries.partition_point(|(_, start)| *start <= log_start);
        let left = self.entries.get(begun.saturating_sub(1)..).unwrap_or_default();
        let after = left.partition_point(|(known, _)| *known <= epoch);
        let end = left.get(after).map_or(log_end, |(_, start)| (*start).max(log_start));
        let known = after.checked_sub(1).and_then(|i| left.get(i));
        known.map_or((epoch, end), |(known, _)| (*known, end))
    }
}

#[cfg(test)]
mod tests {
    use super::Epochs;

    #[test]
    fn an_epoch_ends_where_the_next_begins_and_none_before_the_log_does() {
        let epochs = Epochs::new([(0, 0), (3, 10), (5, 20)]);
        let ends = |log_start| [-2, -1, 0, 2, 3, 4, 5, 6].map(|epoch| epochs.end_of(epoch, log_start, 30));
        let none = (-1, -1);
        assert_eq!(ends(0), [(-2, 0), none, (0, 10), (0, 10), (3, 20), (3, 20), (5, 30), none]);
        assert_eq!(ends(4), [(-2, 4), none, (0, 10), (0, 10), (3, 20), (3, 20), (5, 30), none]);
        assert_eq!(ends(15), [(-2, 15), none, (0, 15), (2, 15), (3, 20), (3, 20), (5, 30), none]);
        assert_eq!(ends(30), [(-2, 30), none, (0, 30), (2, 30), (3, 30), (4, 30), (5, 30), none]);
    }
}
