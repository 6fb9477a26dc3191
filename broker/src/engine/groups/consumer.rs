//! The consumer protocol (KIP-848).

use thalweg_proto::error::ErrorCode;

use super::{ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::coordinator::Refusal;
use crate::engine::Engine;

impl Engine {
    /// ConsumerGroupHeartbeat: joins, keeps alive, or leaves.
    pub async fn consumer_group_heartbeat(
        &self,
        heartbeat: ConsumerHeartbeat,
    ) -> Result<ConsumerHeartbeatReply, Refusal> {
        self.check_consumer_protocol()?;
        self.metrics.group_heartbeat();
        let group = heartbeat.group.clone();
        self.group_step(&group, |shard, env| shard.consumer_heartbeat(env, heartbeat)).await?
    }

    /// ConsumerGroupDescribe, of one group.
    pub async fn describe_consumer_group(&self, group: &str) -> Result<ConsumerGroupDescription, Refusal> {
        self.check_consumer_protocol()?;
        self.group_read(group, |shard, env| shard.describe_consumer_group(env, group)).await?
    }

    /// Refuses the protocol where it is not among `group.coordinator.rebalance.protocols`: clients then tell their users so.
    fn check_consumer_protocol(&self) -> Result<(), Refusal> {
        match self.settings.groups.rebalance_protocols.iter().any(|name| name == "consumer") {
            true => Ok(()),
            false => Err(Refusal::bare(ErrorCode::UnsupportedVersion)),
        }
    }
}
