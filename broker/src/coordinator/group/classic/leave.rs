//! LeaveGroup of a classic group.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::rebalance::Cause;
use super::turn::Turn;
use super::{Leave, LeavingMember, Left};

impl Turn<'_> {
    /// Members leave, or are removed; then the others share anew.
    pub(super) fn leave(&mut self, leave: &Leave) -> Left {
        let members = leave.members.iter().map(|leaving| self.leave_one(leaving)).collect::<Vec<_>>();
        let gone = leave.members.iter().zip(&members).find(|(_, error)| **error == ErrorCode::None);
        if let Some((first, _)) = gone
            && !self.group.is_empty()
        {
            let reason = first.reason.as_deref();
            let member = first.instance.as_ref().unwrap_or(&first.member);
            self.rebalance(Cause { what: "a member leaves", member, reason });
        }
        Left { error: ErrorCode::None, members }
    }

    fn leave_one(&mut self, leaving: &LeavingMember) -> ErrorCode {
        match self.leaver(leaving) {
            Ok(member) => {
                self.let_go(&member);
                ErrorCode::None
            }
            Err(error) => error,
        }
    }

    /// Who it is that leaves. An administrator names static members by their instance alone.
    fn leaver(&self, leaving: &LeavingMember) -> Result<Arc<str>, ErrorCode> {
        let instance = leaving.instance.as_deref();
        if leaving.member.is_empty() {
            let member = instance.and_then(|instance| self.group.members.of_instance(instance));
            return member.cloned().ok_or(ErrorCode::UnknownMemberId);
        }
        if !self.group.pending_joins.contains(&leaving.member) {
            self.group.members.validate(&leaving.member, instance)?;
        }
        Ok(leaving.member.clone())
    }
}
