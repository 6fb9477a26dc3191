//! The messages of the partitions that the consumer has at the moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;

use super::state::{HandedOut, Phase, Shared};
use crate::admin::Admin;
use crate::error::Error;
use crate::positions::{Position, resolve};
use crate::reader::Start;
use crate::record::{Message, TopicPartition};
use crate::source::{Source, Stopped};

/// Time until a partition that cannot be read for the moment is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// Reads the active partitions.
pub(super) struct Feed {
    shared: Arc<Shared>,
    admin: Admin,
    source: Source,
    start: Start,
    version: u64,
    /// The partitions of the source, with the incarnation in which they are read.
    known: BTreeMap<TopicPartition, u64>,
}

impl Feed {
    pub fn new(shared: Arc<Shared>, admin: Admin, source: Source, start: Start) -> Self {
        Self { shared, admin, source, start, version: 0, known: BTreeMap::new() }
    }

    /// The next message. Cancel safe.
    pub async fn next(&mut self) -> Result<Message, Error> {
        self.shared.finish();
        loop {
            self.follow()?;
            if let Some(message) = self.source.buffered()? {
                match self.shared.hand_out(message, self.version) {
                    HandedOut::Yes(message) => return Ok(message),
                    HandedOut::NotYet(message) => self.source.put_back(message),
                }
                continue;
            }
            self.shared.drained(self.source.positions(), self.version);
            if self.source.positions().is_empty() {
                self.shared.changed.notified().await;
                continue;
            }
            let stopped = tokio::select! {
                () = self.shared.changed.notified() => continue,
                stopped = self.source.fetch() => stopped?,
            };
            for stopped in stopped {
                self.stopped(stopped).await?;
            }
        }
    }

    /// Reads the partitions that there are now.
    fn follow(&mut self) -> Result<(), Error> {
        let state = self.shared.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        if state.version == self.version {
            return Ok(());
        }
        self.version = state.version;
        let active = state.entries.iter().filter(|(_, entry)| entry.phase == Phase::Active && !entry.paused);
        let wanted: BTreeMap<TopicPartition, (u64, i64)> =
            active.map(|(partition, entry)| (partition.clone(), (entry.incarnation, entry.handed))).collect();
        drop(state);
        let incarnations =
            wanted.iter().map(|(partition, (incarnation, _))| (partition.clone(), *incarnation));
        let known = std::mem::replace(&mut self.known, incarnations.collect());
        if known == self.known {
            return Ok(());
        }
        let stays = |partition: &TopicPartition| {
            known.get(partition).is_some_and(|incarnation| self.known.get(partition) == Some(incarnation))
        };
        let positions = |before: Vec<Position>| {
            let mut positions: Vec<Position> =
                before.into_iter().filter(|position| stays(&position.topic_partition())).collect();
            let fresh = wanted.iter().filter(|(partition, _)| !stays(partition));
            positions.extend(fresh.map(|(partition, (_, handed))| {
                Position::new(partition.topic.clone(), partition.partition, *handed, None)
            }));
            positions
        };
        self.source.replace(positions, |message| stays(&message.topic_partition()));
        Ok(())
    }

    /// A partition cannot be read where it was to be.
    async fn stopped(&mut self, (index, error): Stopped) -> Result<(), Error> {
        let Some(position) = self.source.positions().get(index) else { return Ok(()) };
        let (partition, offset) = (position.topic_partition(), position.next);
        let error = match error.code() {
            Some(ErrorCode::OffsetOutOfRange) => match self.restart(&partition, offset).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            },
            _ => error,
        };
        // The topic is being deleted, or its disk has failed: what comes of it is for the group to tell.
        if !error.is_retryable() && error.code() != Some(ErrorCode::KafkaStorageError) {
            return Err(error);
        }
        tracing::debug!(%partition, %error, "a partition cannot be read for the moment");
        self.source.reopen();
        tokio::time::sleep(AGAIN).await;
        Ok(())
    }

    /// Records that were to come are gone, or never were: reading goes on where it would begin.
    async fn restart(&self, partition: &TopicPartition, offset: i64) -> Result<(), Error> {
        // What may be out of range itself is no way back into it.
        let start = if let Start::Offset(_) = self.start { Start::Beginning } else { self.start };
        let wanted = vec![(partition.topic.clone(), partition.partition, start)];
        let found = resolve(&self.admin, wanted, false).await?;
        let Some(next) = found.first().map(|position| position.next) else { return Ok(()) };
        tracing::warn!(%partition, offset, next, "the offset is out of range, reading goes on elsewhere");
        let incarnation = self.known.get(partition).copied();
        self.shared.change(|state| state.seek(partition, incarnation, next));
        Ok(())
    }
}
