//! Commit, fetch, delete, expire.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::{CommitOffsets, DeleteOffsets, FetchOffsets, FetchedOffset};
use crate::coordinator::group::{Env, Shard, Step};

impl Shard {
    /// OffsetCommit: what became of each partition, in the order of the request.
    pub fn commit_offsets(&mut self, env: &Env<'_>, commit: CommitOffsets) -> Step<Vec<ErrorCode>> {
        let _ = env;
        Step::reply(vec![ErrorCode::CoordinatorNotAvailable; commit.partitions.len()])
    }

    /// OffsetFetch, of one group: topics in the order asked for.
    pub fn fetch_offsets(
        &self,
        env: &Env<'_>,
        fetch: &FetchOffsets,
    ) -> Result<Vec<(Arc<str>, Vec<FetchedOffset>)>, ErrorCode> {
        let _ = (env, fetch);
        Err(ErrorCode::CoordinatorNotAvailable)
    }

    /// OffsetDelete: what became of each partition, in the order of the request.
    pub fn delete_offsets(
        &mut self,
        env: &Env<'_>,
        delete: &DeleteOffsets,
    ) -> Step<Result<Vec<Vec<ErrorCode>>, ErrorCode>> {
        let _ = (env, delete);
        Step::reply(Err(ErrorCode::CoordinatorNotAvailable))
    }

    /// Lets go of offsets whose time is over, and of groups that have nothing left (every
    /// `offsets.retention.check.interval.ms`).
    pub fn expire_offsets(&mut self, env: &Env<'_>) -> Step {
        let _ = env;
        Step::reply(())
    }

    /// A topic is gone: so are the offsets committed for it.
    pub fn topic_deleted(&mut self, env: &Env<'_>, topic: &str) -> Step {
        let _ = (env, topic);
        Step::reply(())
    }
}
