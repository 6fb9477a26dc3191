//! The classic protocol.

use thalweg_proto::error::ErrorCode;

use super::{Heartbeat, Join, Joined, Leave, Left, Sync, Synced};
use crate::coordinator::group::{Env, Shard, Woken};
use crate::engine::Engine;

impl Engine {
    /// JoinGroup; returns when the rebalance has ended.
    pub async fn join_group(&self, join: Join) -> Joined {
        self.metrics.group_join();
        let (group, member) = (join.group.clone(), join.member.clone());
        let join = |shard: &mut Shard, env: &Env<'_>, ticket| shard.join(env, ticket, join);
        self.group_wait(&group, join, Woken::joined)
            .await
            .unwrap_or_else(|error| Joined::refused(error, member))
    }

    /// SyncGroup; returns when the leader has assigned.
    pub async fn sync_group(&self, sync: Sync) -> Synced {
        let group = sync.group.clone();
        let sync = |shard: &mut Shard, env: &Env<'_>, ticket| shard.sync(env, ticket, sync);
        self.group_wait(&group, sync, Woken::synced).await.unwrap_or_else(Synced::refused)
    }

    /// Heartbeat. While the group is being loaded nobody is expired, and some clients take any other answer
    /// for the end (aiokafka), so all is well then (Kafka's GroupCoordinatorService.heartbeat).
    pub async fn group_heartbeat(&self, heartbeat: Heartbeat) -> ErrorCode {
        self.metrics.group_heartbeat();
        let step = self.group_step(&heartbeat.group, |shard, env| shard.heartbeat(env, &heartbeat));
        step.await.unwrap_or_else(|error| match error {
            ErrorCode::CoordinatorLoadInProgress => ErrorCode::None,
            error => error,
        })
    }

    /// LeaveGroup.
    pub async fn leave_group(&self, leave: Leave) -> Left {
        let step = self.group_step(&leave.group, |shard, env| shard.leave(env, &leave));
        step.await.unwrap_or_else(|error| Left { error, members: Vec::new() })
    }
}
