//! A shard at work: its records go to a log that may refuse them, time passes when it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thalweg_config::{BrokerSettings, GroupSettings};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::group::ClassicGroupValue;

use super::super::{ClassicGroup, Heartbeat, Join, Joined, Leave, LeavingMember, Sync, Synced};
use crate::coordinator::group::testing::Topics;
use crate::coordinator::group::{Env, Group, Record, Shard, Step, Ticket, Woken};

pub(super) const GROUP: &str = "group";
/// When the wall clock is asked first, in ms since the epoch.
pub(super) const EPOCH_MS: i64 = 1_700_000_000_000;
/// A subscription to `orders`.
pub(super) const ORDERS: &[u8] = b"\0\0\0\0\0\x01\0\x06orders\xff\xff\xff\xff";

/// The shard, its log, and who waits for an answer of it.
pub(super) struct Desk {
    pub(super) shard: Shard,
    pub(super) settings: GroupSettings,
    pub(super) log: Vec<Record>,
    /// Whether the log takes nothing at present.
    pub(super) full: bool,
    pub(super) waiting: BTreeSet<Ticket>,
    pub(super) joined: BTreeMap<Ticket, Joined>,
    pub(super) synced: BTreeMap<Ticket, Synced>,
    now: Duration,
    nowhere: Topics,
    tickets: u64,
}

impl Desk {
    /// A shard with no groups, and no delay before a first rebalance.
    pub(super) fn new() -> Self {
        let settings = GroupSettings { initial_rebalance_delay_ms: 0, ..BrokerSettings::default().groups };
        Self {
            shard: Shard::default(),
            settings,
            log: Vec::new(),
            full: false,
            waiting: BTreeSet::new(),
            joined: BTreeMap::new(),
            synced: BTreeMap::new(),
            now: Duration::ZERO,
            nowhere: Topics::default(),
            tickets: 0,
        }
    }

    /// Runs an operation as the engine does.
    pub(super) fn run<R>(
        &mut self,
        operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>,
    ) -> Result<R, ErrorCode> {
        let wall_ms = EPOCH_MS + i64::try_from(self.now.as_millis()).unwrap();
        let env = Env { now: self.now, wall_ms, settings: &self.settings, around: &self.nowhere };
        let mut step = operation(&mut self.shard, &env);
        let (outcome, woken) = if self.full && !step.records.is_empty() {
            let instead = self.shard.refused(&env, step, ErrorCode::UnknownServerError);
            (Err(ErrorCode::UnknownServerError), instead.woken)
        } else {
            for record in step.records.drain(..) {
                self.shard.apply(&env, &record);
                self.log.push(record);
            }
            (Ok(step.reply), step.woken)
        };
        for woken in woken {
            match woken {
                Woken::Joined(ticket, answer) => self.answer_join(ticket, answer),
                Woken::Synced(ticket, answer) => self.answer_sync(ticket, answer),
            }
        }
        outcome
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        self.waiting.insert(Ticket(self.tickets));
        Ticket(self.tickets)
    }

    fn answer_join(&mut self, ticket: Ticket, answer: Joined) {
        assert!(self.waiting.remove(&ticket), "{ticket:?} is answered once: {answer:?}");
        self.joined.insert(ticket, answer);
    }

    fn answer_sync(&mut self, ticket: Ticket, answer: Synced) {
        assert!(self.waiting.remove(&ticket), "{ticket:?} is answered once: {answer:?}");
        self.synced.insert(ticket, answer);
    }

    pub(super) fn join(&mut self, join: Join) -> Ticket {
        let ticket = self.ticket();
        let member = join.member.clone();
        match self.run(|shard, env| shard.join(env, ticket, join)) {
            Ok(Some(answer)) => self.answer_join(ticket, answer),
            Ok(None) => {}
            Err(error) => self.answer_join(ticket, Joined::refused(error, member)),
        }
        ticket
    }

    pub(super) fn sync(&mut self, sync: Sync) -> Ticket {
        let ticket = self.ticket();
        match self.run(|shard, env| shard.sync(env, ticket, sync)) {
            Ok(Some(answer)) => self.answer_sync(ticket, answer),
            Ok(None) => {}
            Err(error) => self.answer_sync(ticket, Synced::refused(error)),
        }
        ticket
    }

    pub(super) fn heartbeat(&mut self, member: &Joined) -> ErrorCode {
        let heartbeat = Heartbeat {
            group: GROUP.into(),
            generation: member.generation,
            member: member.member.clone(),
            instance: None,
        };
        self.run(|shard, env| shard.heartbeat(env, &heartbeat)).unwrap_or_else(|error| error)
    }

    /// Members leave by id, or by instance where the id is empty.
    pub(super) fn leave(&mut self, members: &[(&str, Option<&str>)]) -> Vec<ErrorCode> {
        let leaving = |(member, instance): &(&str, Option<&str>)| LeavingMember {
            member: (*member).into(),
            instance: instance.map(Into::into),
            reason: None,
        };
        let leave = Leave { group: GROUP.into(), members: members.iter().map(leaving).collect() };
        let left = self.run(|shard, env| shard.leave(env, &leave)).unwrap();
        assert_eq!(left.error, ErrorCode::None);
        left.members
    }

    /// Lets time pass; what is due happens when it is due.
    pub(super) fn pass(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        let mut rounds = 0;
        while let Some(deadline) = self.shard.next_deadline().filter(|deadline| *deadline <= until) {
            self.now = self.now.max(deadline);
            let _refused: Result<(), ErrorCode> =
                self.run(|shard, env| shard.expire(env).unwrap_or_else(|| Step::reply(())));
            rounds += 1;
            assert!(rounds < 100_000, "deadlines do not come to an end");
        }
        self.now = until;
    }

    /// Starts the shard again from its log; nobody waits any more.
    pub(super) fn restart(&mut self) {
        self.shard = Shard::default();
        self.waiting.clear();
        for record in std::mem::take(&mut self.log) {
            let (key, value) = record.encode().unwrap();
            let read = Record::decode(&key, value.as_deref()).unwrap();
            assert_eq!(read, record);
            self.shard.replay(&read);
            self.log.push(read);
        }
        self.run(|shard, env| shard.loaded(env)).unwrap();
    }

    /// The answer to a JoinGroup that must have come.
    pub(super) fn joined(&mut self, ticket: Ticket) -> Joined {
        self.joined.remove(&ticket).unwrap_or_else(|| panic!("{ticket:?} waits"))
    }

    /// The answer to a SyncGroup that must have come.
    pub(super) fn synced(&mut self, ticket: Ticket) -> Synced {
        self.synced.remove(&ticket).unwrap_or_else(|| panic!("{ticket:?} waits"))
    }

    pub(super) fn group(&self) -> Option<&ClassicGroup> {
        match self.shard.groups.get(GROUP)? {
            Group::Classic(group) => Some(group),
            Group::Consumer(_) => None,
        }
    }

    pub(super) fn state(&self) -> &'static str {
        self.group().map_or("Dead", |group| group.state_name())
    }

    /// What the log says last of the group.
    pub(super) fn written(&self) -> Option<&ClassicGroupValue> {
        match self.log.last()? {
            Record::ClassicGroup { value, .. } => value.as_ref(),
            _ => None,
        }
    }

    /// Members join together, with the ids they are given, and one of them assigns. Returns them as of that generation, the
    /// leader first.
    pub(super) fn assemble(&mut self, count: usize) -> Vec<Joined> {
        let known: Vec<Join> = (0..count).map(|_| self.introduce()).collect();
        let tickets: Vec<Ticket> = known.into_iter().map(|join| self.join(join)).collect();
        self.pass(0);
        let mut members: Vec<Joined> = tickets.into_iter().map(|ticket| self.joined(ticket)).collect();
        members.sort_by_key(|member| member.leader != member.member);
        self.settle(&members);
        members
    }

    /// A new member is given its id; returns the request that it comes again with.
    pub(super) fn introduce(&mut self) -> Join {
        let ticket = self.join(dynamic(""));
        let told = self.joined(ticket);
        assert_eq!(told.error, ErrorCode::MemberIdRequired);
        dynamic(&told.member)
    }

    /// All sync; the leader, which is the first, gives each member its own id.
    pub(super) fn settle(&mut self, members: &[Joined]) {
        let assignments =
            members.iter().map(|member| (member.member.clone(), Bytes::from(member.member.to_string())));
        let assignments: Vec<_> = assignments.collect();
        let tickets: Vec<Ticket> = members
            .iter()
            .rev()
            .map(|member| {
                let given = if member.leader == member.member { assignments.clone() } else { Vec::new() };
                self.sync(sync_of(member, given))
            })
            .collect();
        for (ticket, member) in tickets.into_iter().zip(members.iter().rev()) {
            assert_eq!(self.synced(ticket).assignment, *member.member.as_bytes());
        }
        assert_eq!(self.state(), "Stable");
    }
}

/// A dynamic consumer that joins.
pub(super) fn dynamic(member: &str) -> Join {
    Join {
        group: GROUP.into(),
        member: member.into(),
        instance: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), Bytes::from_static(ORDERS))],
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        requires_known_member: true,
        can_skip_assignment: true,
        reason: Some("testing".into()),
    }
}

/// A static consumer that joins.
pub(super) fn fixed(instance: &str, member: &str) -> Join {
    Join { instance: Some(instance.into()), ..dynamic(member) }
}

/// SyncGroup of a member.
pub(super) fn sync_of(member: &Joined, assignments: Vec<(Arc<str>, Bytes)>) -> Sync {
    Sync {
        group: GROUP.into(),
        generation: member.generation,
        member: member.member.clone(),
        instance: None,
        protocol_type: member.protocol_type.clone(),
        protocol: member.protocol.clone(),
        assignments,
    }
}
