//! What can be asked of a consumer from anywhere, while another task reads.

use std::sync::Arc;

use super::commit::Committer;
use super::state::{Phase, Shared, Upto};
use crate::admin::OffsetAt;
use crate::connection::Client;
use crate::error::Error;
use crate::groups::Offset;
use crate::positions::resolve;
use crate::reader::Start;
use crate::record::{Message, TopicPartition};

/// A handle on a consumer, cheap to clone. It does not keep the consumer in its group: when that is closed or dropped, calls
/// fail with [`Error::NotAssigned`].
#[derive(Debug, Clone)]
pub struct Control {
    pub(super) client: Client,
    pub(super) shared: Arc<Shared>,
    pub(super) committer: Committer,
}

impl Control {
    /// Commits that everything of the message's partition up to the message has been dealt with.
    ///
    /// Cancel safe: a commit that was begun goes on without who waited for it. Commits of one consumer are sent one after the
    /// other, in the order of the calls.
    ///
    /// # Errors
    /// [`Error::NotAssigned`] if the partition is another's by now, who will get the message again; else the broker's refusal,
    /// or what kept the answer from coming.
    pub async fn commit(&self, message: &Message) -> Result<(), Error> {
        let offset = message.offset.saturating_add(1);
        self.commit_offsets(vec![Offset::new(message.topic.clone(), message.partition, offset)]).await
    }

    /// Commits that every message that was handed out has been dealt with, the last one too. Cancel safe as
    /// [`Control::commit`].
    ///
    /// # Errors
    /// The broker's refusal, or what kept the answer from coming.
    pub async fn commit_all(&self) -> Result<(), Error> {
        self.committer.commit(self.shared.uncommitted(Upto::Handed, |_| true)).await
    }

    /// Commits the given offsets. Cancel safe as [`Control::commit`].
    ///
    /// # Errors
    /// As [`Control::commit`]; with [`Error::NotAssigned`] nothing has been committed.
    pub async fn commit_offsets(&self, offsets: Vec<Offset>) -> Result<(), Error> {
        self.owned(offsets.iter().map(|offset| &offset.partition))?;
        self.committer.commit(offsets).await
    }

    /// Reads a partition from elsewhere: the next message of it is from there. Cancel safe: either it has happened or not.
    ///
    /// # Errors
    /// [`Error::NotAssigned`], or what kept the broker from finding the offset.
    pub async fn seek(&self, partition: &TopicPartition, to: Start) -> Result<(), Error> {
        self.owned([partition])?;
        let offset = match to {
            Start::Offset(offset) => offset,
            to => {
                let wanted = vec![(partition.topic.clone(), partition.partition, to)];
                let found = resolve(&self.client.admin(), wanted, false).await?;
                found.first().ok_or(Error::Protocol("a partition without an offset"))?.next
            }
        };
        match self.shared.change(|state| state.seek(partition, None, offset)) {
            true => Ok(()),
            false => Err(Error::NotAssigned { partition: partition.clone() }),
        }
    }

    /// Hands out nothing of these partitions until [`Control::resume`]. They stay the consumer's.
    ///
    /// # Errors
    /// [`Error::NotAssigned`], and nothing has been paused.
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.set_paused(partitions, true)
    }

    /// Hands out messages of these partitions again, from where it was.
    ///
    /// # Errors
    /// [`Error::NotAssigned`], and nothing has been resumed.
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.set_paused(partitions, false)
    }

    fn set_paused(&self, partitions: &[TopicPartition], paused: bool) -> Result<(), Error> {
        self.owned(partitions)?;
        self.shared.change(|state| {
            for partition in partitions {
                if let Some(entry) = state.entries.get_mut(partition) {
                    entry.paused = paused;
                }
            }
        });
        Ok(())
    }

    /// The partitions that the consumer has, those that it is giving up among them.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.shared.lock().entries.keys().cloned().collect()
    }

    /// The offset after the last message handed out of a partition; `None` if it is not assigned, or where to begin is not
    /// known yet.
    #[must_use]
    pub fn position(&self, partition: &TopicPartition) -> Option<i64> {
        let state = self.shared.lock();
        state.entries.get(partition).map(|entry| entry.handed).filter(|&handed| handed >= 0)
    }

    /// How many records are still to come in each partition that is being read, as of now.
    ///
    /// # Errors
    /// What kept the broker from telling the ends.
    pub async fn lag(&self) -> Result<Vec<(TopicPartition, u64)>, Error> {
        let positions: Vec<(TopicPartition, i64)> = {
            let state = self.shared.lock();
            let active = state.entries.iter().filter(|(_, entry)| entry.phase == Phase::Active);
            active.map(|(partition, entry)| (partition.clone(), entry.handed)).collect()
        };
        let places = positions.iter().map(|(place, _)| place);
        let queries: Vec<_> = places.map(|place| (&*place.topic, place.partition, OffsetAt::End)).collect();
        let ends = self.client.admin().offsets(&queries).await?;
        let behind = |((partition, position), end): ((TopicPartition, i64), Option<i64>)| {
            (partition, u64::try_from(end.unwrap_or(0).saturating_sub(position)).unwrap_or(0))
        };
        Ok(positions.into_iter().zip(ends).map(behind).collect())
    }

    /// The member's id in the group.
    #[must_use]
    pub fn member_id(&self) -> String {
        self.shared.lock().member_id.clone()
    }

    fn owned<'a>(&self, partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Result<(), Error> {
        let state = self.shared.lock();
        let mut partitions = partitions.into_iter();
        match partitions.find(|partition| !state.entries.contains_key(partition)) {
            Some(partition) => Err(Error::NotAssigned { partition: partition.clone() }),
            None => Ok(()),
        }
    }
}
