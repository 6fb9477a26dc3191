//! LeaveGroup of a consumer group: members of either protocol leave, or are removed by an administrator.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use crate::coordinator::group::classic::{Leave, LeavingMember, Left};
use crate::coordinator::group::consumer::ConsumerGroup;
use crate::coordinator::group::consumer::member::Member;
use crate::coordinator::group::{Env, Shard, Step};

impl Shard {
    /// LeaveGroup of a consumer group.
    pub(in crate::coordinator::group) fn leave_consumer_group(
        &mut self,
        env: &Env<'_>,
        leave: &Leave,
    ) -> Step<Left> {
        let found: Vec<Result<Arc<Member>, ErrorCode>> = match self.consumer_group(&leave.group) {
            Ok(group) => leave.members.iter().map(|leaving| group.leaver(leaving)).collect(),
            Err(_) => vec![Err(ErrorCode::UnknownMemberId); leave.members.len()],
        };
        let members = found.iter().map(|found| found.as_ref().err().copied().unwrap_or(ErrorCode::None));
        let left = Left { error: ErrorCode::None, members: members.collect() };
        let mut gone: Vec<Arc<Member>> = Vec::new();
        for member in found.into_iter().flatten() {
            if gone.iter().all(|known| known.id != member.id) {
                gone.push(member);
            }
        }
        match gone.is_empty() {
            true => Step::reply(left),
            false => self.remove_members(env, &leave.group, &gone).map(|()| left),
        }
    }
}

impl ConsumerGroup {
    /// Who it is that leaves. An administrator names static members by their instance alone.
    fn leaver(&self, leaving: &LeavingMember) -> Result<Arc<Member>, ErrorCode> {
        let member = match leaving.instance.as_deref() {
            None => self.member(&leaving.member),
            Some(instance) => self.static_member(instance),
        };
        let member = member.ok_or(ErrorCode::UnknownMemberId)?;
        match leaving.member.is_empty() || member.id == leaving.member {
            true => Ok(member.clone()),
            false => Err(ErrorCode::FencedInstanceId),
        }
    }
}
