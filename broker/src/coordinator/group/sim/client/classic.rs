//! A consumer of the classic protocol, eager or cooperative (KIP-429), static or not (KIP-345).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::embedded::{self, Named, Subscription};
use super::{Next, Positions, Seat, leader};
use crate::coordinator::group::classic::{Heartbeat, Join, Joined, Leave, LeavingMember, Sync, Synced};
use crate::coordinator::group::sim::traffic::{Answer, Ask};
use crate::coordinator::group::sim::world::{Facts, World};

fn facts<'a>(world: &World, names: impl Iterator<Item = &'a Arc<str>>) -> Facts {
    let fact = |name| world.topics.get(name).map(|topic| (topic.id, topic.partitions));
    names.map(|name| (name.clone(), fact(name))).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// It wants into the next generation; commits first if it has something to commit.
    Rejoining {
        committed: bool,
    },
    Joining,
    Syncing(Vec<(Arc<str>, Bytes)>),
    /// It has its assignment.
    Member,
    Leaving,
}

#[derive(Debug)]
pub struct Classic {
    pub seat: Seat,
    /// Assignors, the preferred one first.
    pub protocols: Vec<&'static str>,
    pub member: Arc<str>,
    pub generation: i32,
    pub owned: Positions,
    stage: Stage,
    /// When the application has noticed that there is a rebalance.
    rejoin_at: Option<Duration>,
    /// How many partitions the topics had when it last assigned as the leader.
    assigned: Option<Facts>,
}

impl Classic {
    pub fn new(seat: Seat, protocols: Vec<&'static str>) -> Self {
        Self {
            seat,
            protocols,
            member: "".into(),
            generation: -1,
            owned: Positions::default(),
            stage: Stage::Rejoining { committed: true },
            rejoin_at: None,
            assigned: None,
        }
    }

    fn cooperative(&self) -> bool {
        self.protocols == ["cooperative-sticky"]
    }

    pub fn settled(&self) -> bool {
        self.stage == Stage::Member && self.rejoin_at.is_none()
    }

    pub fn next(&mut self, world: &World) -> Result<Next, String> {
        if self.seat.leaving && self.stage != Stage::Leaving {
            return Ok(self.leave());
        }
        Ok(match &self.stage {
            Stage::Leaving => self.leave(),
            Stage::Rejoining { committed: false } => {
                self.stage = Stage::Rejoining { committed: true };
                self.commit(world).unwrap_or(Next::Wait(world.now))
            }
            Stage::Rejoining { committed: true } => self.join(world),
            Stage::Joining => self.join(world),
            Stage::Syncing(assignments) => Next::Ask(Ask::Sync(Sync {
                group: self.seat.group.clone(),
                generation: self.generation,
                member: self.member.clone(),
                instance: self.seat.instance.clone(),
                protocol_type: None,
                protocol: None,
                assignments: assignments.clone(),
            })),
            Stage::Member => self.poll(world),
        })
    }

    /// What a member does that has its assignment.
    fn poll(&mut self, world: &World) -> Next {
        if self.rejoin_at.is_some_and(|at| at <= world.now) {
            self.rejoin_at = None;
            self.stage = Stage::Rejoining { committed: false };
            return Next::Wait(world.now);
        }
        if self.assigned.as_ref().is_some_and(|then| *then != facts(world, then.keys())) {
            self.rejoin_at.get_or_insert(world.now);
            self.assigned = None;
            return Next::Wait(world.now);
        }
        if self.seat.next_beat <= world.now {
            self.seat.next_beat = world.now + Duration::from_millis(self.seat.session_ms as u64 / 3);
            return Next::Ask(Ask::Beat(Heartbeat {
                group: self.seat.group.clone(),
                generation: self.generation,
                member: self.member.clone(),
                instance: self.seat.instance.clone(),
            }));
        }
        if self.owned.unknown(world) {
            return Next::Ask(Ask::Fetch(self.owned.fetch(&self.seat, None)));
        }
        if self.seat.next_commit <= world.now {
            self.seat.commit_later(world);
            self.owned.advance(world);
            if let Some(commit) = self.commit(world) {
                return commit;
            }
        }
        let wake = self.seat.next_beat.min(self.seat.next_commit).min(world.now + Duration::from_secs(1));
        Next::Wait(self.rejoin_at.map_or(wake, |at| at.min(wake)))
    }

    fn commit(&self, world: &World) -> Option<Next> {
        let commit = self.owned.commit(world, &self.seat, &self.member, self.generation)?;
        Some(Next::Ask(Ask::Commit(commit)))
    }

    fn join(&mut self, _: &World) -> Next {
        if !self.cooperative() {
            self.owned = Positions::default();
        }
        self.assigned = None;
        self.stage = Stage::Joining;
        let owned: Named = self.owned.names().into_iter().collect();
        let topics: Vec<_> = self.seat.topics.iter().cloned().collect();
        let subscription = Subscription { topics, owned, generation: self.generation };
        // Older clients tell less.
        let version = if self.cooperative() { 3 } else { 1 };
        Next::Ask(Ask::Join(Join {
            group: self.seat.group.clone(),
            member: self.member.clone(),
            instance: self.seat.instance.clone(),
            client_id: self.seat.name.clone(),
            client_host: "/127.0.0.1".into(),
            protocol_type: "consumer".into(),
            protocols: self
                .protocols
                .iter()
                .map(|name| ((*name).into(), subscription.encode(version)))
                .collect(),
            session_timeout_ms: self.seat.session_ms,
            rebalance_timeout_ms: self.seat.rebalance_ms,
            requires_known_member: self.seat.session_ms % 2 == 0,
            can_skip_assignment: true,
            reason: None,
        }))
    }

    /// A static member goes without a word, and so does one that the broker does not know.
    fn leave(&mut self) -> Next {
        if self.stage == Stage::Leaving || self.seat.instance.is_some() || self.member.is_empty() {
            self.seat.gone = true;
            return Next::Gone;
        }
        self.stage = Stage::Leaving;
        let member = LeavingMember { member: self.member.clone(), instance: None, reason: None };
        Next::Ask(Ask::Leave(Leave { group: self.seat.group.clone(), members: vec![member] }))
    }

    pub fn answered(&mut self, world: &World, answer: Answer) -> Result<(), String> {
        match answer {
            Answer::Failed(error) if !error.retriable() => {
                Err(format!("{error:?} is no reason to try again"))
            }
            Answer::Lost | Answer::Failed(_) => {
                self.seat.back_off(world);
                // A generation that may have gone by is asked for anew.
                if matches!(self.stage, Stage::Syncing(_)) && world.random.percent(70) {
                    self.stage = Stage::Rejoining { committed: true };
                }
                Ok(())
            }
            Answer::Joined(joined) => self.joined(world, joined),
            Answer::Synced(synced) => self.synced(world, synced),
            Answer::Beat(error) => self.judge(world, error),
            Answer::Left(left) => match left.members.as_slice() {
                [ErrorCode::None | ErrorCode::UnknownMemberId] => Ok(()),
                [] if left.error != ErrorCode::None => self.judge(world, left.error),
                other => Err(format!("{} leaves: {:?} {other:?}", self.seat.name, left.error)),
            },
            Answer::Committed(errors) => {
                errors.into_iter().find(|e| *e != ErrorCode::None).map_or(Ok(()), |e| self.judge(world, e))
            }
            Answer::Fetched(Ok(topics)) => self.owned.fetched(&topics),
            Answer::Fetched(Err(error)) => self.judge(world, error),
            Answer::Consumer(_) => Err("a classic member is answered a consumer's heartbeat".to_owned()),
        }
    }

    /// What an error means, whatever was asked.
    fn judge(&mut self, world: &World, error: ErrorCode) -> Result<(), String> {
        match error {
            ErrorCode::None => {}
            ErrorCode::RebalanceInProgress if self.stage == Stage::Member => {
                // The application gets to know at its next poll.
                let slow = if world.random.percent(5) { 20_000 } else { 1500 };
                self.rejoin_at.get_or_insert(world.now + world.random.millis(0, slow));
            }
            ErrorCode::RebalanceInProgress => self.stage = Stage::Rejoining { committed: true },
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration | ErrorCode::GroupIdNotFound => {
                if error != ErrorCode::IllegalGeneration {
                    self.member = "".into();
                }
                self.lost();
            }
            ErrorCode::FencedInstanceId => self.seat.gone = true,
            ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress => self.seat.back_off(world),
            error => return Err(format!("{}: {error:?} in {:?}", self.seat.name, self.stage)),
        }
        Ok(())
    }

    fn lost(&mut self) {
        self.generation = -1;
        self.owned = Positions::default();
        self.rejoin_at = None;
        self.stage = Stage::Rejoining { committed: true };
    }

    fn joined(&mut self, world: &World, joined: Joined) -> Result<(), String> {
        if joined.error == ErrorCode::MemberIdRequired {
            self.member = joined.member;
            return Ok(());
        }
        if joined.error != ErrorCode::None {
            return self.judge(world, joined.error);
        }
        self.member = joined.member.clone();
        self.generation = joined.generation;
        self.rejoin_at = None;
        let mut assignments = Vec::new();
        if joined.leader.is_empty() {
            // The broker assigns. Should the group become a classic one without a rebalance, because somebody static has come
            // back with the other protocol, then nobody watches the topics: as in Kafka, with the Java client. This one does.
            self.assigned = Some(facts(world, self.seat.topics.iter()));
        }
        if joined.leader == joined.member {
            if joined.skip_assignment {
                // What has changed since its former self assigned is noticed. The Java client would not.
                let seen = world.assigned.borrow().get(&self.seat.group).cloned();
                self.assigned = seen.or_else(|| Some([("never seen".into(), Some((Uuid::nil(), 0)))].into()));
            } else {
                assignments = self.assign(world, &joined)?;
            }
        }
        self.seat.not_before = world.now + world.random.millis(0, 300);
        self.stage = Stage::Syncing(assignments);
        Ok(())
    }

    fn assign(&mut self, world: &World, joined: &Joined) -> Result<Vec<(Arc<str>, Bytes)>, String> {
        let members = joined
            .members
            .iter()
            .map(|member| Some((member.member.clone(), Subscription::decode(&member.metadata)?)))
            .collect::<Option<BTreeMap<_, _>>>()
            .ok_or("a subscription was not passed on as it is")?;
        if !members.contains_key(&self.member) {
            return Err(format!("the leader {} is not among the members", self.member));
        }
        // What the others want is the leader's to watch as well.
        let facts = facts(world, members.values().flat_map(|wants| &wants.topics));
        world.assigned.borrow_mut().insert(self.seat.group.clone(), facts.clone());
        self.assigned = Some(facts);
        let given = match joined.protocol.as_deref() {
            Some("range") => leader::range(world, &members),
            Some("cooperative-sticky") => leader::cooperative(world, &members),
            other => return Err(format!("the group agreed on {other:?}")),
        };
        Ok(given.into_iter().map(|(id, partitions)| (id, embedded::assignment(&partitions))).collect())
    }

    fn synced(&mut self, world: &World, synced: Synced) -> Result<(), String> {
        if synced.error != ErrorCode::None {
            return self.judge(world, synced.error);
        }
        let given =
            embedded::assigned(&synced.assignment).ok_or("an assignment was not passed on as it is")?;
        // Of a topic that has been made anew meanwhile the client knows only the name, as the leader did.
        let revoked = self.owned.names().iter().any(|partition| !given.contains(partition));
        self.owned.forget_gone(world);
        let before: Named = self.owned.names().into_iter().collect();
        self.owned.0.retain(|(topic, _, partition), _| given.contains(&(topic.clone(), *partition)));
        for (topic, partition) in given.difference(&before) {
            let id = world.topics.get(topic).map_or(Uuid::nil(), |facts| facts.id);
            self.owned.0.insert((topic.clone(), id, *partition), None);
        }
        self.seat.next_beat = world.now + Duration::from_millis(self.seat.session_ms as u64 / 3);
        self.seat.commit_later(world);
        self.stage = Stage::Member;
        if revoked && self.cooperative() {
            self.rejoin_at = Some(world.now + world.random.millis(0, 500));
        }
        Ok(())
    }
}
