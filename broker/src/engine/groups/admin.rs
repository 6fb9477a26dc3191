//! Groups as administrators see them.

use thalweg_proto::error::ErrorCode;

use super::{GroupDescription, GroupListing};
use crate::coordinator::Refusal;
use crate::coordinator::group::Shard;
use crate::engine::Engine;

impl Engine {
    /// ListGroups: every group of the broker.
    pub async fn list_groups(&self) -> Result<Vec<GroupListing>, ErrorCode> {
        Ok(self.group_read_all(Shard::list_groups).await?.into_iter().flatten().collect())
    }

    /// DescribeGroups, of one group.
    pub async fn describe_group(&self, group: &str) -> Result<GroupDescription, Refusal> {
        self.group_read(group, |shard, _| shard.describe_group(group)).await?
    }

    /// DeleteGroups, of one group.
    pub async fn delete_group(&self, group: &str) -> ErrorCode {
        self.group_step(group, |shard, _| shard.delete_group(group)).await.unwrap_or_else(|error| error)
    }
}
