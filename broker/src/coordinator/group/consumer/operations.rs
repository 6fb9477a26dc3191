//! The operations of the consumer protocol.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::{ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Shard, Step};

impl Shard {
    /// ConsumerGroupHeartbeat: joins, keeps alive, or leaves.
    pub fn consumer_heartbeat(
        &mut self,
        env: &Env<'_>,
        heartbeat: ConsumerHeartbeat,
    ) -> Step<Result<ConsumerHeartbeatReply, Refusal>> {
        let _ = (env, heartbeat);
        Step::reply(Err(Refusal::bare(ErrorCode::CoordinatorNotAvailable)))
    }

    /// ConsumerGroupDescribe, of one group.
    pub fn describe_consumer_group(
        &self,
        env: &Env<'_>,
        group: &str,
    ) -> Result<ConsumerGroupDescription, Refusal> {
        let _ = (env, group);
        Err(Refusal::bare(ErrorCode::GroupIdNotFound))
    }

    /// Topics were made, deleted or given partitions: groups that want them look again at their next heartbeat.
    pub fn topics_changed(&mut self, env: &Env<'_>, names: &[Arc<str>]) {
        let _ = (env, names);
    }
}
