//! Heartbeat to a classic group.

use thalweg_proto::error::ErrorCode;

use super::Heartbeat;
use super::state::State;
use super::turn::Turn;

impl Turn<'_> {
    /// A member says that it lives, and learns whether it must join again.
    pub(super) fn heartbeat(&mut self, heartbeat: &Heartbeat) -> ErrorCode {
        let valid = self.group.members.validate(&heartbeat.member, heartbeat.instance.as_deref());
        if let Err(error) = valid {
            return error;
        }
        if heartbeat.generation != self.group.generation {
            return ErrorCode::IllegalGeneration;
        }
        self.renew_session(&heartbeat.member);
        match self.group.state {
            State::PreparingRebalance(_) => ErrorCode::RebalanceInProgress,
            State::CompletingRebalance | State::Stable => ErrorCode::None,
            State::Empty => ErrorCode::UnknownMemberId,
        }
    }
}
