//! Committed offsets.

use std::future::Future;

use thalweg_proto::error::ErrorCode;

use super::{CommitOffsets, DeleteOffsets, FetchOffsets, FetchedTopics};
use crate::engine::Engine;

impl Engine {
    /// OffsetCommit: what became of each partition, in order, once it is durable. Topics must have been looked up.
    ///
    /// The commit has happened when this returns; what is awaited is its durability.
    pub fn commit_offsets(
        &self,
        commit: CommitOffsets,
    ) -> impl Future<Output = Vec<ErrorCode>> + Send + 'static + use<> {
        self.metrics.group_commit();
        let (group, partitions) = (commit.group.clone(), commit.partitions.len());
        let step = self.group_step(&group, |shard, env| shard.commit_offsets(env, commit));
        async move { step.await.unwrap_or_else(|error| vec![error; partitions]) }
    }

    /// OffsetFetch, of one group.
    pub async fn fetch_offsets(&self, fetch: &FetchOffsets) -> Result<FetchedTopics, ErrorCode> {
        self.group_read(&fetch.group, |shard, _| shard.fetch_offsets(fetch)).await?
    }

    /// OffsetDelete: what became of each partition, in order.
    pub async fn delete_offsets(&self, delete: &DeleteOffsets) -> Result<Vec<Vec<ErrorCode>>, ErrorCode> {
        self.group_step(&delete.group, |shard, _| shard.delete_offsets(delete)).await?
    }
}
