//! Deadlines of classic groups that have come.

use std::sync::Arc;

use super::rebalance::Cause;
use super::state::State;
use super::turn::Turn;
use crate::coordinator::group::{Env, Shard, Step};

impl Shard {
    /// A member of a classic group has been silent for too long.
    pub(in crate::coordinator::group) fn expire_classic_session(
        &mut self,
        env: &Env<'_>,
        group: &str,
        member: &Arc<str>,
    ) -> Step {
        self.turn(env, group, |turn| turn.session_deadline(member)).unwrap_or_default()
    }

    /// The time of a join phase is over.
    pub(in crate::coordinator::group) fn expire_join(&mut self, env: &Env<'_>, group: &str) -> Step {
        self.turn(env, group, |turn| turn.join_deadline()).unwrap_or_default()
    }

    /// The time of a sync phase is over.
    pub(in crate::coordinator::group) fn expire_sync(&mut self, env: &Env<'_>, group: &str) -> Step {
        self.turn(env, group, |turn| turn.sync_deadline()).unwrap_or_default()
    }
}

impl Turn<'_> {
    fn session_deadline(&mut self, member: &Arc<str>) {
        let known = self.group.members.get(member);
        if known.is_some_and(|known| known.may_be_silent()) {
            // It gets a new session together with its answer.
            return;
        }
        let was_pending = known.is_none();
        if was_pending && !self.group.pending_joins.contains(member) {
            return;
        }
        self.let_go(member);
        self.tally.silent_members.classic += u64::from(!was_pending);
        tracing::info!(group = &*self.id, member = &**member, "has been silent for too long");
        match self.group.state {
            // One that gathers ends as well: nobody else may come any more.
            State::PreparingRebalance(_) if self.group.has_all_joined() => self.complete_join(),
            State::CompletingRebalance | State::Stable if !was_pending => {
                self.rebalance(Cause { what: "a member has been silent for too long", member, reason: None });
            }
            _ => {}
        }
    }
}
