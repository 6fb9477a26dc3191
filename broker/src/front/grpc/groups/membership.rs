//! What a session knows of its member: which partitions it has, which it shall have, and what the client is still to be told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use thalweg_proto::grpc::v1;
use uuid::Uuid;

/// A partition as the client names it, and the id by which the machine does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub topic: Arc<str>,
    pub partition: i32,
    /// The topic's id; nil for one that is gone, which is to be revoked.
    pub id: Uuid,
}

impl Place {
    fn told(&self) -> v1::TopicPartition {
        v1::TopicPartition { topic: self.topic.to_string(), partition: self.partition }
    }
}

/// The state of one member. At most one revocation is open, and nothing is assigned meanwhile.
#[derive(Debug, Default)]
pub(super) struct Membership {
    epoch: i32,
    told_epoch: i32,
    owned: BTreeSet<Place>,
    target: BTreeSet<Place>,
    revocation: Option<(i64, BTreeSet<Place>)>,
    revocations: i64,
    outbox: VecDeque<v1::join_group_response::Event>,
}

impl Membership {
    /// A member that is new, or comes back with an epoch and partitions.
    pub fn new(epoch: i32, owned: BTreeSet<Place>) -> Self {
        Self { epoch, told_epoch: epoch, target: owned.clone(), owned, ..Self::default() }
    }

    /// The epoch that the next heartbeat names.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The partitions that the next heartbeat names, by topic.
    pub fn owned(&self) -> Vec<(Uuid, Vec<i32>)> {
        let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
        for place in self.owned.iter().filter(|place| !place.id.is_nil()) {
            topics.entry(place.id).or_default().push(place.partition);
        }
        topics.into_iter().collect()
    }

    /// Whether the member has exactly what it shall have.
    pub fn is_settled(&self) -> bool {
        self.owned == self.target
    }

    /// The machine has taken the member in.
    pub fn joined(&mut self, member: &str) {
        let member_id = member.to_owned();
        self.outbox.push_back(v1::join_group_response::Event::Joined(v1::GroupJoined { member_id }));
    }

    /// Takes over what a heartbeat was answered, and moves towards it. Whether the partitions that the member has are others
    /// now, which the machine must be told.
    pub fn accept(&mut self, epoch: i32, target: Option<BTreeSet<Place>>, timeout_ms: i32) -> bool {
        self.epoch = epoch;
        if let Some(target) = target {
            self.target = target;
        }
        self.reconcile(timeout_ms)
    }

    fn reconcile(&mut self, timeout_ms: i32) -> bool {
        if self.revocation.is_some() {
            return false;
        }
        let revoked: BTreeSet<Place> = self.owned.difference(&self.target).cloned().collect();
        if !revoked.is_empty() {
            self.revocations += 1;
            let revocation = self.revocations;
            let partitions = revoked.iter().map(Place::told).collect();
            self.outbox.push_back(v1::join_group_response::Event::Revoked(v1::GroupRevoked {
                revocation,
                partitions,
                timeout_ms,
            }));
            self.revocation = Some((revocation, revoked));
            return false;
        }
        let assigned: Vec<_> = self.target.difference(&self.owned).map(Place::told).collect();
        if assigned.is_empty() {
            return false;
        }
        self.owned.clone_from(&self.target);
        // A client that reads slowly finds one message, however often there was something new.
        match self.outbox.back_mut() {
            Some(v1::join_group_response::Event::Assigned(waiting)) => waiting.partitions.extend(assigned),
            _ => self.outbox.push_back(v1::join_group_response::Event::Assigned(v1::GroupAssigned {
                partitions: assigned,
            })),
        }
        true
    }

    /// The client has given up what was revoked. False if no such revocation is open, as after a loss.
    pub fn acknowledge(&mut self, revocation: i64, timeout_ms: i32) -> bool {
        let Some((_, revoked)) = self.revocation.take_if(|(open, _)| *open == revocation) else {
            return false;
        };
        self.owned = &self.owned - &revoked;
        self.reconcile(timeout_ms);
        true
    }

    /// The group has gone on without the member, which begins anew.
    pub fn lose(&mut self, problem: v1::Problem) {
        let revocations = self.revocations;
        let joined = |event: &v1::join_group_response::Event| {
            matches!(event, v1::join_group_response::Event::Joined(_))
        };
        self.outbox.retain(joined);
        let mut outbox = std::mem::take(&mut self.outbox);
        outbox.push_back(v1::join_group_response::Event::Lost(v1::GroupLost { problem: Some(problem) }));
        *self = Self { revocations, outbox, ..Self::default() };
    }

    /// Whether the client is still to be told something.
    pub fn has_news(&self) -> bool {
        !self.outbox.is_empty() || self.told_epoch != self.epoch
    }

    /// What the client is told next.
    pub fn news(&mut self) -> v1::JoinGroupResponse {
        self.told_epoch = self.epoch;
        v1::JoinGroupResponse { member_epoch: self.epoch, event: self.outbox.pop_front() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use v1::join_group_response::Event;

    fn places(partitions: &[i32]) -> BTreeSet<Place> {
        let place = |&partition: &i32| Place { topic: "t".into(), partition, id: Uuid::from_u128(7) };
        partitions.iter().map(place).collect()
    }

    fn numbers(partitions: &[v1::TopicPartition]) -> Vec<i32> {
        partitions.iter().map(|place| place.partition).collect()
    }

    #[test]
    fn what_is_revoked_is_owned_until_it_is_acknowledged_and_nothing_is_assigned_before() {
        let mut member = Membership::new(0, BTreeSet::new());
        member.joined("m");
        assert!(member.accept(1, Some(places(&[0, 1])), 60));
        assert!(member.accept(1, Some(places(&[0, 1, 2])), 60));
        assert!(matches!(member.news().event, Some(Event::Joined(_))));
        let Some(Event::Assigned(assigned)) = member.news().event else { panic!("nothing is assigned") };
        assert_eq!(numbers(&assigned.partitions), [0, 1, 2]);
        assert!(!member.has_news());

        assert!(!member.accept(1, Some(places(&[0, 3])), 60));
        assert!(!member.accept(1, Some(places(&[3])), 60));
        let Some(Event::Revoked(revoked)) = member.news().event else { panic!("nothing is revoked") };
        assert_eq!((numbers(&revoked.partitions), revoked.timeout_ms), (vec![1, 2], 60));
        assert!(!member.has_news());
        assert_eq!(member.owned(), [(Uuid::from_u128(7), vec![0, 1, 2])]);
        assert!(!member.acknowledge(revoked.revocation + 1, 60));
        assert!(member.acknowledge(revoked.revocation, 60));
        assert!(!member.acknowledge(revoked.revocation, 60));
        let Some(Event::Revoked(revoked)) = member.news().event else { panic!("the rest is not revoked") };
        assert_eq!(numbers(&revoked.partitions), [0]);
        assert!(member.acknowledge(revoked.revocation, 60) && member.is_settled());
        let Some(Event::Assigned(assigned)) = member.news().event else { panic!("nothing is assigned") };
        assert_eq!(numbers(&assigned.partitions), [3]);

        member.accept(2, None, 60);
        assert_eq!(
            (member.has_news(), member.news()),
            (true, v1::JoinGroupResponse { member_epoch: 2, event: None })
        );
        member.accept(2, Some(places(&[])), 60);
        member.lose(v1::Problem::default());
        assert!(matches!(member.news().event, Some(Event::Lost(_))), "a revocation that waits is void");
        assert_eq!((member.has_news(), member.epoch(), member.owned()), (false, 0, Vec::new()));
    }
}
