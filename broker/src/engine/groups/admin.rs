//! Groups as administrators see them.

use thalweg_proto::error::ErrorCode;

use super::{GroupDescription, GroupListing};
use crate::coordinator::metadata::Refusal;
use crate::engine::Engine;

impl Engine {
    /// ListGroups: every group of the broker.
    pub async fn list_groups(&self) -> Result<Vec<GroupListing>, ErrorCode> {
        Ok(self.group_read_all(|shard, env| shard.list_groups(env)).await?.into_iter().flatten().collect())
    }

    /// DescribeGroups, of one group.
    pub async fn describe_group(&self, group: &str) -> Result<GroupDescription, Refusal> {
        let read = self.group_read(group, |shard, env| shard.describe_group(env, group));
        read.await.unwrap_or_else(|code| Err(Refusal::bare(code)))
    }

    /// DeleteGroups, of one group.
    pub async fn delete_group(&self, group: &str) -> ErrorCode {
        self.group_step(group, |shard, env| shard.delete_group(env, group))
            .await
            .unwrap_or_else(|error| error)
    }
}
