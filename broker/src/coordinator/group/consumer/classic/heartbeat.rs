//! Heartbeat of a classic member of a consumer group.

use thalweg_proto::error::ErrorCode;

use crate::coordinator::group::classic::Heartbeat;
use crate::coordinator::group::{Env, Shard, Step};

impl Shard {
    /// Heartbeat to a consumer group.
    pub(in crate::coordinator::group) fn heartbeat_consumer_group(
        &mut self,
        env: &Env<'_>,
        heartbeat: &Heartbeat,
    ) -> Step<ErrorCode> {
        Step::reply(self.beat_classic(env, heartbeat).err().unwrap_or(ErrorCode::None))
    }

    fn beat_classic(&mut self, env: &Env<'_>, heartbeat: &Heartbeat) -> Result<(), ErrorCode> {
        let id = &heartbeat.group;
        let group = self.consumer_group(id).map_err(|_| ErrorCode::UnknownMemberId)?;
        let known = group.classic_member(&heartbeat.member, heartbeat.instance.as_deref())?;
        if heartbeat.generation != known.member.standing.epoch {
            return Err(ErrorCode::IllegalGeneration);
        }
        let (member, timeout_ms) = (known.member.clone(), known.side.session_timeout_ms);
        let must_join = group.must_join_again(&member);
        self.renew_session(env, id, &member.id, timeout_ms);
        if !must_join {
            return Ok(());
        }
        self.expect_to_join(env, id, &member);
        Err(ErrorCode::RebalanceInProgress)
    }
}
