//! What records of classic groups do to the state, and what is done where they cannot be written.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::group::ClassicGroupValue;

use super::ClassicGroup;
use super::rebalance::Cause;
use super::turn::Turn;
use super::unwritten::Unwritten;
use crate::coordinator::group::{Env, Group, Shard, Step};

impl Shard {
    /// A classic group, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_classic_group(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        value: Option<&ClassicGroupValue>,
    ) {
        let Some(value) = value else { return self.remove_classic_group(env, group) };
        let known = self.turn(env, group, |turn| turn.written(value));
        if known.is_none_or(|known| !known.reply) {
            self.groups.insert(group.clone(), Group::Classic(ClassicGroup::from_value(value)));
            let _: Option<Step> = self.turn(env, group, |turn| turn.expect_everybody());
        }
    }

    /// A classic group, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_classic_group(
        &mut self,
        group: &Arc<str>,
        value: Option<&ClassicGroupValue>,
    ) {
        match value {
            Some(value) => {
                self.groups.insert(group.clone(), Group::Classic(ClassicGroup::from_value(value)));
            }
            None => {
                self.groups.remove(group);
            }
        }
    }

    /// The log is read: the members of the classic groups get a fresh session. Groups that have more members than are allowed
    /// by now join again, and lose those who come last; groups that nobody has led yet join again as well.
    pub(in crate::coordinator::group) fn classic_groups_loaded(&mut self, env: &Env<'_>) -> Step {
        let ids: Vec<Arc<str>> = self.groups.keys().cloned().collect();
        let mut all = Step::default();
        for step in ids.iter().filter_map(|id| self.turn(env, id, |turn| turn.loaded())) {
            all.absorb(step);
        }
        all
    }

    /// The record of a classic group could not be written.
    pub(in crate::coordinator::group) fn refused_classic_group(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        error: ErrorCode,
    ) -> Step {
        let Some(mut step) = self.turn(env, group, |turn| turn.not_written(error)) else {
            return Step::default();
        };
        if let Some(Unwritten::Made { before }) = step.reply.take() {
            self.remove_classic_group(env, group);
            if let Some(before) = before {
                self.groups.insert(group.clone(), Group::Consumer(*before));
            }
        }
        step.map(|_| ())
    }

    fn remove_classic_group(&mut self, env: &Env<'_>, group: &Arc<str>) {
        if self.turn(env, group, |turn| turn.cancel_all()).is_some() {
            self.groups.remove(group);
        }
    }
}

impl Turn<'_> {
    /// The group is written; false if the record is not of its own making.
    fn written(&mut self, value: &ClassicGroupValue) -> bool {
        match self.group.unwritten.take() {
            None => false,
            Some(Unwritten::Assigned) => {
                let members = value.members.iter();
                let assigned: HashMap<&str, Bytes> =
                    members.map(|member| (&*member.member_id, member.assignment.clone())).collect();
                self.stabilize(&assigned);
                self.tally.rebalances.classic += 1;
                true
            }
            Some(Unwritten::Made { .. } | Unwritten::Emptied | Unwritten::Replaced { .. }) => true,
        }
    }

    /// The group could not be written: what the record was about has not happened. Returns what is left to be undone.
    fn not_written(&mut self, error: ErrorCode) -> Option<Unwritten> {
        match self.group.unwritten.take()? {
            Unwritten::Assigned => self.undo_assignment(error),
            Unwritten::Replaced { before, now } => self.undo_replacement(*before, &now),
            // The group is empty all the same; if the broker starts before it is written, members come back and fall silent.
            Unwritten::Emptied => {}
            made @ Unwritten::Made { .. } => return Some(made),
        }
        None
    }

    fn loaded(&mut self) {
        self.expect_everybody();
        let most = usize::try_from(self.env.settings.max_size).unwrap_or(0);
        let what = if self.group.members.len() > most {
            "the group is larger than allowed"
        } else if self.group.leader.is_none() && !self.group.members.is_empty() {
            "the broker stopped when the group had just become a classic one"
        } else {
            return;
        };
        self.rebalance(Cause { what, member: "", reason: None });
    }

    pub(super) fn expect_everybody(&mut self) {
        for member in self.group.members.ids_where(|_| true) {
            self.renew_session(&member);
        }
    }
}
