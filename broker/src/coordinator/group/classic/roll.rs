//! The members of a classic group, with what must always be true of them together.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use super::member::{Member, Protocols, Waiting};
use super::vote::Ballot;

/// All members of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Roll {
    members: BTreeMap<Arc<str>, Member>,
    /// Member ids of the static members, by instance id.
    instances: BTreeMap<Arc<str>, Arc<str>>,
    ballot: Ballot,
    /// How many members have joined the rebalance that is going on.
    joined: usize,
}

impl Roll {
    pub(super) fn get(&self, member: &str) -> Option<&Member> {
        self.members.get(member)
    }

    pub(super) fn contains(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members in the order of their ids.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    /// The ids of the members that a condition holds for.
    pub(super) fn ids_where(&self, condition: impl Fn(&Member) -> bool) -> Vec<Arc<str>> {
        self.iter().filter(|member| condition(member)).map(|member| member.id.clone()).collect()
    }

    /// The member id that a static member has at present.
    pub(super) fn of_instance(&self, instance: &str) -> Option<&Arc<str>> {
        self.instances.get(instance)
    }

    /// How many have joined the rebalance.
    pub(super) fn joined(&self) -> usize {
        self.joined
    }

    /// The longest that a member wants a rebalance to wait for it, in ms.
    pub(super) fn rebalance_timeout_ms(&self) -> i32 {
        self.iter().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }

    /// Takes a member in.
    pub(super) fn insert(&mut self, member: Member) {
        if let Some(instance) = &member.instance {
            self.instances.insert(instance.clone(), member.id.clone());
        }
        self.ballot.enter(&member.protocols);
        self.joined += usize::from(member.has_joined());
        let before = self.members.insert(member.id.clone(), member);
        assert!(before.is_none(), "a member is taken in once");
    }

    /// Lets a member go.
    pub(super) fn remove(&mut self, member: &str) -> Option<Member> {
        let member = self.members.remove(member)?;
        self.ballot.withdraw(&member.protocols);
        self.joined -= usize::from(member.has_joined());
        if let Some(instance) = &member.instance
            && self.instances.get(instance) == Some(&member.id)
        {
            self.instances.remove(instance);
        }
        Some(member)
    }

    /// Sets what a member waits for; returns what it has waited for until now.
    pub(super) fn set_waiting(&mut self, member: &str, waiting: Waiting) -> Waiting {
        let Some(member) = self.members.get_mut(member) else { return Waiting::No };
        self.joined -= usize::from(member.has_joined());
        let before = std::mem::replace(&mut member.waiting, waiting);
        self.joined += usize::from(member.has_joined());
        before
    }

    /// Sets what a member has said anew.
    pub(super) fn update(
        &mut self,
        member: &str,
        protocols: Protocols,
        session_timeout_ms: i32,
        rebalance_timeout_ms: i32,
    ) {
        let Some(member) = self.members.get_mut(member) else { return };
        self.ballot.withdraw(&member.protocols);
        self.ballot.enter(&protocols);
        member.protocols = protocols;
        member.session_timeout_ms = session_timeout_ms;
        member.rebalance_timeout_ms = rebalance_timeout_ms;
    }

    /// Notes that a member has been answered once.
    pub(super) fn greet(&mut self, member: &str) {
        if let Some(member) = self.members.get_mut(member) {
            member.new = false;
        }
    }

    /// Gives every member its assignment.
    pub(super) fn assign(&mut self, assignment: impl Fn(&Member) -> Bytes) {
        for member in self.members.values_mut() {
            member.assignment = assignment(member);
        }
    }

    /// Whether one of the protocols is known to all members.
    pub(super) fn share_one_of(&self, protocols: &[(Arc<str>, Bytes)]) -> bool {
        protocols.iter().any(|(name, _)| self.ballot.is_common(name, self.len()))
    }

    /// The protocol that the members choose.
    pub(super) fn elect(&self) -> Option<Arc<str>> {
        self.ballot.elect(self.iter())
    }

    /// Whether a request comes from who it says (`ClassicGroup.validateMember`): a static member whose place another has
    /// taken is fenced.
    pub(super) fn validate(&self, member: &str, instance: Option<&str>) -> Result<(), ErrorCode> {
        match instance.map(|instance| self.of_instance(instance)) {
            Some(None) => Err(ErrorCode::UnknownMemberId),
            Some(Some(holder)) if **holder != *member => Err(ErrorCode::FencedInstanceId),
            _ if self.contains(member) => Ok(()),
            _ => Err(ErrorCode::UnknownMemberId),
        }
    }
}
