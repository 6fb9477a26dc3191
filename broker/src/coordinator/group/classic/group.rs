//! A classic group: what is true of it at one moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::records::consumer::{PROTOCOL_TYPE, Subscription, read_beginning};

use super::member::Member;
use super::roll::Roll;
use super::state::{JoinPhase, State};
use super::unwritten::Unwritten;

/// A group whose members assign by themselves.
#[derive(Clone, Debug, Default)]
pub struct ClassicGroup {
    pub(super) state: State,
    /// When it came into its state, in ms since the epoch; not known of groups that never had members, and of old records.
    pub(super) since_ms: Option<i64>,
    pub(super) generation: i32,
    /// Type of the protocol; none while the group never had a member.
    pub(super) protocol_type: Option<Arc<str>>,
    /// The protocol of the generation.
    pub(super) protocol: Option<Arc<str>>,
    pub(super) leader: Option<Arc<str>>,
    pub(super) members: Roll,
    /// Member ids that have been given out, and whose clients have not come again with them yet (KIP-394).
    pub(super) pending_joins: BTreeSet<Arc<str>>,
    /// Members that have not sent SyncGroup in this generation.
    pub(super) pending_syncs: BTreeSet<Arc<str>>,
    /// The topics of the generation's members, where the group is one of consumers and all of them can be read.
    pub(super) subscribed: Option<BTreeSet<Arc<str>>>,
    /// What the record is about that is on its way to the log.
    pub(super) unwritten: Option<Unwritten>,
}

impl ClassicGroup {
    /// A group that somebody is about to join.
    pub(super) fn new(wall_ms: i64) -> Self {
        Self { since_ms: Some(wall_ms), ..Self::default() }
    }

    /// The generation.
    pub fn generation(&self) -> i32 {
        self.generation
    }

    /// The protocol of the generation.
    pub fn protocol(&self) -> Option<&Arc<str>> {
        self.protocol.as_ref()
    }

    /// The members in the order of their ids.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.iter()
    }

    /// Whether its protocol is that of consumers.
    pub fn is_of_consumers(&self) -> bool {
        self.protocol_type.as_deref() == Some(PROTOCOL_TYPE)
    }

    pub(super) fn is_leader(&self, member: &str) -> bool {
        self.leader.as_deref() == Some(member)
    }

    pub(super) fn is_preparing(&self) -> bool {
        matches!(self.state, State::PreparingRebalance(_))
    }

    /// Whether the join phase waits for more than those that it knows.
    pub(super) fn is_gathering(&self) -> bool {
        matches!(self.state, State::PreparingRebalance(JoinPhase::Gathering { .. }))
    }

    /// Whether nobody is missing in the join phase.
    pub(super) fn has_all_joined(&self) -> bool {
        self.members.joined() == self.members.len() && self.pending_joins.is_empty()
    }

    pub(super) fn move_to(&mut self, state: State, wall_ms: i64) {
        self.state = state;
        self.since_ms = Some(wall_ms);
    }

    /// Whether somebody with such protocols can be a member.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[(Arc<str>, Bytes)]) -> bool {
        if self.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(protocol_type) && self.members.share_one_of(protocols)
    }

    /// Takes a member in; the first is the leader, and says what kind of group it is.
    pub(super) fn add(&mut self, member: Member, protocol_type: &Arc<str>) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.clone());
            self.leader = Some(member.id.clone());
        }
        self.pending_joins.remove(&member.id);
        self.members.insert(member);
    }

    /// Lets a member go, or an id that was given out. If it was the leader, another member is.
    pub(super) fn remove(&mut self, member: &str) -> Option<Member> {
        let removed = self.members.remove(member);
        self.pending_joins.remove(member);
        self.pending_syncs.remove(member);
        if self.is_leader(member) {
            self.leader = self.members.iter().next().map(|member| member.id.clone());
        }
        removed
    }

    /// The members choose a protocol, and a generation begins.
    pub(super) fn next_generation(&mut self, wall_ms: i64) {
        self.generation = self.generation.wrapping_add(1);
        self.protocol = self.members.elect();
        self.subscribed = self.read_subscriptions();
        self.pending_syncs.clear();
        let state = if self.members.is_empty() { State::Empty } else { State::CompletingRebalance };
        self.move_to(state, wall_ms);
    }

    /// The topics of all members, where each of them can be read (`ClassicGroup.computeSubscribedTopics`).
    pub(super) fn read_subscriptions(&self) -> Option<BTreeSet<Arc<str>>> {
        if !self.is_of_consumers() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol.as_deref()?;
        let mut all = BTreeSet::new();
        for member in self.members.iter() {
            let subscription: Subscription = read_beginning(&member.protocols.metadata(protocol)).ok()?;
            all.extend(subscription.topics.into_iter().map(Arc::from));
        }
        Some(all)
    }
}
