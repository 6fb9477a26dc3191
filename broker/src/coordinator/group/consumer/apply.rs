//! What records of consumer groups do to the state.

use std::sync::Arc;

use thalweg_proto::records::group::{
    ConsumerGroupMemberValue, ConsumerGroupValue, CurrentAssignmentValue, RegularExpressionValue,
    TargetAssignmentMemberValue, TargetAssignmentValue,
};

use crate::coordinator::group::{Env, Shard};

impl Shard {
    /// A group's epoch, or the group's removal, was written.
    pub(in crate::coordinator::group) fn apply_consumer_group(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        value: Option<&ConsumerGroupValue>,
    ) {
        let _ = (env, group, value);
    }

    /// A group's epoch, or the group's removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_consumer_group(
        &mut self,
        group: &Arc<str>,
        value: Option<&ConsumerGroupValue>,
    ) {
        let _ = (group, value);
    }

    /// A member, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_consumer_group_member(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        member: &Arc<str>,
        value: Option<&ConsumerGroupMemberValue>,
    ) {
        let _ = (env, group, member, value);
    }

    /// A member, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_consumer_group_member(
        &mut self,
        group: &Arc<str>,
        member: &Arc<str>,
        value: Option<&ConsumerGroupMemberValue>,
    ) {
        let _ = (group, member, value);
    }

    /// The epoch of a group's target assignment, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_target_assignment(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        value: Option<&TargetAssignmentValue>,
    ) {
        let _ = (env, group, value);
    }

    /// The epoch of a group's target assignment, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_target_assignment(
        &mut self,
        group: &Arc<str>,
        value: Option<&TargetAssignmentValue>,
    ) {
        let _ = (group, value);
    }

    /// What a member is to own, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_target_assignment_member(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        member: &Arc<str>,
        value: Option<&TargetAssignmentMemberValue>,
    ) {
        let _ = (env, group, member, value);
    }

    /// What a member is to own, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_target_assignment_member(
        &mut self,
        group: &Arc<str>,
        member: &Arc<str>,
        value: Option<&TargetAssignmentMemberValue>,
    ) {
        let _ = (group, member, value);
    }

    /// What a member owns, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_current_assignment(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        member: &Arc<str>,
        value: Option<&CurrentAssignmentValue>,
    ) {
        let _ = (env, group, member, value);
    }

    /// What a member owns, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_current_assignment(
        &mut self,
        group: &Arc<str>,
        member: &Arc<str>,
        value: Option<&CurrentAssignmentValue>,
    ) {
        let _ = (group, member, value);
    }

    /// What a regular expression resolved to, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_regular_expression(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        expression: &Arc<str>,
        value: Option<&RegularExpressionValue>,
    ) {
        let _ = (env, group, expression, value);
    }

    /// What a regular expression resolved to, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_regular_expression(
        &mut self,
        group: &Arc<str>,
        expression: &Arc<str>,
        value: Option<&RegularExpressionValue>,
    ) {
        let _ = (group, expression, value);
    }
}
