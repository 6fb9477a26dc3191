//! SyncGroup of a classic member of a consumer group: it is given what the broker has assigned to it.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::PROTOCOL_TYPE;

use super::ClassicMember;
use crate::coordinator::group::classic::{Sync, Synced};
use crate::coordinator::group::consumer::downgrade::assignment;
use crate::coordinator::group::consumer::member::{MemberState, partitions};
use crate::coordinator::group::{Env, Shard, Step, TimerKey};

impl Shard {
    /// SyncGroup to a consumer group that has members.
    pub(in crate::coordinator::group) fn sync_consumer_group(
        &mut self,
        env: &Env<'_>,
        sync: Sync,
    ) -> Step<Option<Synced>> {
        Step::reply(Some(self.sync_classic(env, sync).unwrap_or_else(Synced::refused)))
    }

    fn sync_classic(&mut self, env: &Env<'_>, sync: Sync) -> Result<Synced, ErrorCode> {
        let id = &sync.group;
        let group = self.consumer_group(id).map_err(|_| ErrorCode::UnknownMemberId)?;
        let known = group.classic_member(&sync.member, sync.instance.as_deref())?;
        known.check(&sync)?;
        let (member, timeout_ms) = (known.member.clone(), known.side.session_timeout_ms);
        let standing = &member.standing;
        if group.assignment_epoch > standing.epoch && standing.state != MemberState::Unrevoked {
            self.expect_to_join(env, id, &member);
            return Err(ErrorCode::RebalanceInProgress);
        }
        let subscription = known.side.protocols.first().map(|(_, metadata)| metadata);
        let assignment = subscription
            .and_then(|subscription| assignment(env, subscription, &partitions(&standing.assigned)))
            .ok_or(ErrorCode::UnknownServerError)?;
        self.timers.cancel(&TimerKey::ClassicMember { group: id.clone(), member: member.id.clone() });
        self.renew_session(env, id, &member.id, timeout_ms);
        let (protocol_type, protocol) = (sync.protocol_type, sync.protocol);
        Ok(Synced { error: ErrorCode::None, protocol_type, protocol, assignment })
    }
}

impl ClassicMember<'_> {
    /// Whether the member means the generation and the protocol that it was told when it joined.
    fn check(&self, sync: &Sync) -> Result<(), ErrorCode> {
        if sync.generation != self.member.standing.epoch {
            return Err(ErrorCode::IllegalGeneration);
        }
        let told = self.side.protocols.first().map(|(name, _)| name);
        let is_other_type = sync.protocol_type.as_deref().is_some_and(|name| name != PROTOCOL_TYPE);
        let is_other = sync.protocol.as_ref().is_some_and(|name| told != Some(name));
        match is_other_type || is_other {
            true => Err(ErrorCode::InconsistentGroupProtocol),
            false => Ok(()),
        }
    }
}
