//! A consumer of the consumer protocol (KIP-848).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::{Next, Positions, Seat};
use crate::coordinator::Refusal;
use crate::coordinator::group::consumer::{AssignedPartitions, ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::coordinator::group::sim::traffic::{Answer, Ask};
use crate::coordinator::group::sim::world::World;

#[derive(Debug)]
pub struct Consumer {
    pub seat: Seat,
    pub member: Arc<str>,
    pub epoch: i32,
    pub owned: Positions,
    regex: Option<Arc<str>>,
    assignor: Option<Arc<str>>,
    version: i16,
    /// What the broker wants it to have.
    target: BTreeSet<(Uuid, i32)>,
    /// Everything is told in the next heartbeat.
    tell_all: bool,
    /// What it owns is told in the next heartbeat.
    acknowledge: bool,
    /// When the application will have given up what was revoked; until then it keeps it.
    revoke_at: Option<Duration>,
    committed: bool,
    left: bool,
}

impl Consumer {
    pub fn new(seat: Seat, world: &World, regex: Option<Arc<str>>, assignor: Option<Arc<str>>) -> Self {
        let version = if regex.is_some() || world.random.percent(70) { 1 } else { 0 };
        let own = Uuid::from_u64_pair(world.random.bits(), world.random.bits()).to_string();
        Self {
            seat,
            member: if version == 0 { "".into() } else { own.into() },
            epoch: 0,
            owned: Positions::default(),
            regex,
            assignor,
            version,
            target: BTreeSet::new(),
            tell_all: true,
            acknowledge: false,
            revoke_at: None,
            committed: false,
            left: false,
        }
    }

    pub fn settled(&self) -> bool {
        self.epoch > 0 && !self.acknowledge && !self.tell_all && self.revoke_at.is_none()
    }

    fn holds(&self) -> BTreeSet<(Uuid, i32)> {
        self.owned.0.keys().map(|(_, id, partition)| (*id, *partition)).collect()
    }

    pub fn next(&mut self, world: &World) -> Result<Next, String> {
        if self.seat.leaving {
            return Ok(self.leave());
        }
        if self.epoch > 0
            && let Some(next) = self.reconcile(world)
        {
            return Ok(next);
        }
        if self.tell_all || self.acknowledge || self.seat.next_beat <= world.now {
            return Ok(self.beat());
        }
        if self.owned.unknown(world) {
            let member = Some((self.member.clone(), self.epoch));
            return Ok(Next::Ask(Ask::Fetch(self.owned.fetch(&self.seat, member))));
        }
        if self.seat.next_commit <= world.now {
            self.seat.commit_later(world);
            self.owned.advance(world);
            if let Some(commit) = self.owned.commit(world, &self.seat, &self.member, self.epoch) {
                return Ok(Next::Ask(Ask::Commit(commit)));
            }
        }
        let wake = self.seat.next_beat.min(self.seat.next_commit);
        Ok(Next::Wait(self.revoke_at.map_or(wake, |at| at.min(wake))))
    }

    /// Goes on to what the broker wants: gives up first, and tells; takes then, and tells.
    fn reconcile(&mut self, world: &World) -> Option<Next> {
        let holds = self.holds();
        let resolved: BTreeSet<_> =
            self.target.iter().filter(|(id, _)| world.name(*id).is_some()).copied().collect();
        if holds == resolved {
            self.revoke_at = None;
            return None;
        }
        if holds.difference(&resolved).next().is_some() {
            let slow = if world.random.percent(3) { 20_000 } else { 1500 };
            let at = *self.revoke_at.get_or_insert(world.now + world.random.millis(0, slow));
            if at > world.now {
                return None;
            }
            if !self.committed {
                self.committed = true;
                if let Some(commit) = self.owned.commit(world, &self.seat, &self.member, self.epoch) {
                    return Some(Next::Ask(Ask::Commit(commit)));
                }
            }
        }
        (self.committed, self.revoke_at, self.acknowledge) = (false, None, true);
        self.owned.0.retain(|(_, id, partition), _| resolved.contains(&(*id, *partition)));
        for (id, partition) in resolved.difference(&holds) {
            let name = world.name(*id)?;
            self.owned.0.insert((name, *id, *partition), None);
        }
        None
    }

    fn beat(&mut self) -> Next {
        let all = self.tell_all || self.epoch == 0;
        let mut beat = self.sign_of_life(self.epoch);
        if all {
            beat.rebalance_timeout_ms = self.seat.rebalance_ms;
            match &self.regex {
                Some(regex) => beat.regex = Some((&**regex).into()),
                None => beat.topics = Some(self.seat.topics.iter().cloned().collect()),
            }
            beat.assignor = self.assignor.clone();
        }
        if all || self.acknowledge {
            let mut owned: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
            for (id, partition) in self.holds() {
                owned.entry(id).or_default().push(partition);
            }
            beat.owned = Some(owned.into_iter().collect());
        }
        Next::Ask(Ask::Consumer(beat))
    }

    fn leave(&mut self) -> Next {
        if self.left || self.epoch == 0 && self.member.is_empty() {
            self.seat.gone = true;
            return Next::Gone;
        }
        self.left = true;
        let epoch = if self.seat.instance.is_some() { -2 } else { -1 };
        Next::Ask(Ask::Consumer(self.sign_of_life(epoch)))
    }

    /// A heartbeat that tells of nothing new.
    fn sign_of_life(&self, epoch: i32) -> ConsumerHeartbeat {
        ConsumerHeartbeat {
            group: self.seat.group.clone(),
            member: self.member.clone(),
            epoch,
            instance: self.seat.instance.clone(),
            rebalance_timeout_ms: -1,
            client_id: self.seat.name.clone(),
            client_host: "/127.0.0.1".into(),
            version: self.version,
            ..Default::default()
        }
    }

    pub fn answered(&mut self, world: &World, answer: Answer) -> Result<(), String> {
        match answer {
            _ if self.left => Ok(()),
            Answer::Failed(error) if !error.retriable() => {
                Err(format!("{error:?} is no reason to try again"))
            }
            Answer::Lost | Answer::Failed(_) => {
                self.seat.back_off(world);
                self.tell_all = true;
                Ok(())
            }
            Answer::Consumer(Ok(reply)) => self.beaten(world, reply),
            Answer::Consumer(Err(refusal)) => self.refused(world, &refusal),
            Answer::Committed(errors) => {
                let error = errors.into_iter().find(|error| *error != ErrorCode::None);
                error.map_or(Ok(()), |error| self.stale(world, error))
            }
            Answer::Fetched(Ok(topics)) => self.owned.fetched(&topics),
            Answer::Fetched(Err(error)) => self.stale(world, error),
            answer => Err(format!("a consumer is answered {answer:?}")),
        }
    }

    fn beaten(&mut self, world: &World, reply: ConsumerHeartbeatReply) -> Result<(), String> {
        if self.epoch > reply.epoch {
            return Err(format!("{}: epoch {} after {}", self.seat.name, reply.epoch, self.epoch));
        }
        if let Some(member) = reply.member {
            self.member = member;
        }
        if self.member.is_empty() {
            return Err(format!("{} is not told who it is", self.seat.name));
        }
        self.epoch = reply.epoch;
        (self.tell_all, self.acknowledge) = (false, false);
        let interval = u64::try_from(reply.heartbeat_interval_ms).map_err(|error| error.to_string())?;
        self.seat.next_beat = world.now + Duration::from_millis(interval);
        if let Some(assignment) = reply.assignment {
            self.target = flat(&assignment);
            if self.revoke_at.is_none() {
                self.committed = false;
            }
        }
        if self.seat.next_commit < world.now {
            self.seat.commit_later(world);
        }
        Ok(())
    }

    fn refused(&mut self, world: &World, refusal: &Refusal) -> Result<(), String> {
        match refusal.code {
            ErrorCode::UnknownMemberId | ErrorCode::FencedMemberEpoch | ErrorCode::GroupIdNotFound => {
                self.owned = Positions::default();
                self.target.clear();
                (self.epoch, self.tell_all, self.acknowledge) = (0, true, false);
                (self.revoke_at, self.committed) = (None, false);
            }
            ErrorCode::FencedInstanceId => self.seat.gone = true,
            // Its predecessor has not left; its session will end.
            ErrorCode::UnreleasedInstanceId
            | ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress => {
                self.seat.back_off(world);
                self.tell_all = true;
            }
            _ => return Err(format!("{}: {refusal}", self.seat.name)),
        }
        Ok(())
    }

    /// An offset cannot be committed or fetched now: the next heartbeat will tell why.
    fn stale(&mut self, world: &World, error: ErrorCode) -> Result<(), String> {
        match error {
            ErrorCode::StaleMemberEpoch
            | ErrorCode::UnknownMemberId
            | ErrorCode::GroupIdNotFound
            | ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress => {
                self.seat.back_off(world);
                self.seat.next_beat = world.now;
                Ok(())
            }
            error => Err(format!("{}: {error:?} for an offset", self.seat.name)),
        }
    }
}

fn flat(of: &AssignedPartitions) -> BTreeSet<(Uuid, i32)> {
    of.iter().flat_map(|(id, partitions)| partitions.iter().map(|partition| (*id, *partition))).collect()
}
