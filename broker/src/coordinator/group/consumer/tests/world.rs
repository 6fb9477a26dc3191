//! A shard, what surrounds it, and members that behave as clients do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use thalweg_config::{BrokerSettings, GroupSettings};
use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use crate::coordinator::Refusal;
use crate::coordinator::group::classic::{Heartbeat, Join, Joined, Leave, LeavingMember, Left, Sync, Synced};
use crate::coordinator::group::consumer::{
    ConsumerGroup, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
};
use crate::coordinator::group::testing::Topics;
use crate::coordinator::group::{Env, Group, Record, Shard, Step, Surroundings, Tally, Ticket, Woken};

pub const GROUP: &str = "group";

pub struct World {
    pub shard: Shard,
    pub log: Vec<Record>,
    pub woken: Vec<Woken>,
    pub tallies: Vec<Tally>,
    pub settings: GroupSettings,
    pub around: Topics,
    pub now: Duration,
    /// The log takes nothing.
    pub full: bool,
    /// Nobody works at expressions.
    pub unresolved: bool,
    tickets: u64,
}

impl World {
    /// A world in which assignments are made at once.
    pub fn new() -> Self {
        let mut settings = BrokerSettings::default().groups;
        settings.consumer.assignment_interval_ms = (0, 0, 15_000);
        settings.min_session_timeout_ms = 1;
        settings.initial_rebalance_delay_ms = 0;
        Self {
            shard: Shard::default(),
            log: Vec::new(),
            woken: Vec::new(),
            tallies: Vec::new(),
            settings,
            around: Topics::default(),
            now: Duration::from_secs(100),
            full: false,
            unresolved: false,
            tickets: 0,
        }
    }

    pub fn topic(&mut self, name: &str, partitions: i32) -> Uuid {
        let id = match self.around.topic(name) {
            Some(topic) => topic.id,
            None => Uuid::from_u128(1000 + u128::from(self.around.topics_version())),
        };
        self.around.put(name, id, partitions);
        id
    }

    pub fn delete_topic(&mut self, name: &str) {
        self.around.remove(name).unwrap();
    }

    pub fn name_of(&self, id: Uuid) -> String {
        self.around.topic_by_id(id).map_or_else(|| "gone".to_owned(), |topic| topic.name.to_string())
    }

    fn env<'a>(settings: &'a GroupSettings, around: &'a Topics, now: Duration) -> Env<'a> {
        let wall_ms = 1_700_000_000_000 + i64::try_from(now.as_millis()).unwrap();
        Env { now, wall_ms, settings, around }
    }

    /// Runs an operation as the host does; then what is due at this moment.
    pub fn run<R>(&mut self, operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>) -> Option<R> {
        let reply = self.run_one(operation);
        self.expire();
        self.check_replay();
        reply
    }

    fn run_one<R>(&mut self, operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>) -> Option<R> {
        let Self { shard, settings, around, now, .. } = self;
        let env = Self::env(settings, around, *now);
        let step = operation(shard, &env);
        if self.full && !step.records.is_empty() {
            let instead = shard.refused(&env, step, ErrorCode::CoordinatorNotAvailable);
            self.woken.extend(instead.woken);
            self.tallies.extend(shard.take_tally());
            return None;
        }
        for record in &step.records {
            shard.apply(&env, record);
        }
        self.tallies.extend(shard.take_tally());
        self.log.extend(step.records);
        self.woken.extend(step.woken);
        Some(step.reply)
    }

    fn expire(&mut self) {
        for _ in 0..1000 {
            let mut due = false;
            let unresolved = self.unresolved;
            self.run_one(|shard, env| {
                match if unresolved { shard.expire(env) } else { shard.next_due(env) } {
                    Some(step) => {
                        due = true;
                        step
                    }
                    None => Step::reply(()),
                }
            });
            if !due {
                return;
            }
        }
        panic!("deadlines without end");
    }

    /// Time passes; what is due on the way happens in its time.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(next) = self.shard.next_deadline().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.expire();
        }
        self.now = end;
        self.check_replay();
    }

    pub fn group(&self) -> &ConsumerGroup {
        match self.shard.groups.get(GROUP) {
            Some(Group::Consumer(group)) => group,
            other => panic!("no consumer group: {other:?}"),
        }
    }

    pub fn is_classic(&self) -> bool {
        matches!(self.shard.groups.get(GROUP), Some(Group::Classic(_)))
    }

    /// What the log says is what the shard knows, down to what follows from it.
    fn check_replay(&self) {
        if self.full {
            return;
        }
        let replayed = self.replayed();
        match (self.shard.groups.get(GROUP), replayed.groups.get(GROUP)) {
            (Some(Group::Consumer(live)), Some(Group::Consumer(read))) => {
                assert_eq!(durable(live), durable(read))
            }
            // What goes on in a classic group is not in the log.
            (Some(Group::Classic(_)), Some(Group::Classic(_))) => {}
            (None, None) => {}
            (live, read) => panic!("live {live:?}, replayed {read:?}"),
        }
    }

    pub fn replayed(&self) -> Shard {
        let mut replayed = Shard::default();
        self.log.iter().for_each(|record| replayed.replay(record));
        replayed
    }

    /// The broker starts again.
    pub fn restart(&mut self) {
        self.shard = self.replayed();
        self.run(Shard::loaded);
    }

    pub fn beat(&mut self, heartbeat: ConsumerHeartbeat) -> Result<ConsumerHeartbeatReply, Refusal> {
        self.run(|shard, env| shard.consumer_heartbeat(env, heartbeat)).unwrap()
    }

    pub fn describe(&mut self) -> ConsumerGroupDescription {
        self.run(|shard, env| Step::reply(shard.describe_consumer_group(env, GROUP))).unwrap().unwrap()
    }

    pub fn state(&mut self) -> (&'static str, i32, i32) {
        let group = self.describe();
        (group.state, group.epoch, group.assignment_epoch)
    }

    pub fn join(&mut self, join: Join) -> Option<Joined> {
        let ticket = self.ticket();
        self.run(|shard, env| shard.join(env, ticket, join)).unwrap().or_else(|| {
            let joined =
                self.woken.iter().position(|woken| matches!(woken, Woken::Joined(it, _) if *it == ticket));
            match joined.map(|index| self.woken.remove(index)) {
                Some(Woken::Joined(_, joined)) => Some(joined),
                _ => None,
            }
        })
    }

    pub fn sync(&mut self, sync: Sync) -> Option<Synced> {
        let ticket = self.ticket();
        self.run(|shard, env| shard.sync(env, ticket, sync)).unwrap()
    }

    pub fn classic_heartbeat(&mut self, member: &str, instance: Option<&str>, generation: i32) -> ErrorCode {
        let heartbeat = Heartbeat {
            group: GROUP.into(),
            generation,
            member: member.into(),
            instance: instance.map(Arc::from),
        };
        self.run(|shard, env| shard.heartbeat(env, &heartbeat)).unwrap()
    }

    pub fn leave(&mut self, member: &str, instance: Option<&str>) -> Left {
        let leaving =
            LeavingMember { member: member.into(), instance: instance.map(Arc::from), reason: None };
        let leave = Leave { group: GROUP.into(), members: vec![leaving] };
        self.run(|shard, env| shard.leave(env, &leave)).unwrap()
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }
}

/// Everything that records tell.
fn durable(group: &ConsumerGroup) -> impl PartialEq + std::fmt::Debug {
    let target: BTreeMap<_, _> =
        group.target.iter().map(|(id, target)| (id.clone(), (**target).clone())).collect();
    (
        (group.epoch, group.metadata_hash, group.assignment_epoch, group.assigned_at_ms),
        (group.members.clone(), target, group.regexes.clone(), group.counts.clone()),
    )
}

/// What a joining member says.
pub fn joining(member: &str, topics: &[&str]) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        group: GROUP.into(),
        member: member.into(),
        rebalance_timeout_ms: 30_000,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        topics: Some(topics.iter().map(|topic| Arc::from(*topic)).collect()),
        owned: Some(Vec::new()),
        version: 1,
        ..ConsumerHeartbeat::default()
    }
}

/// A heartbeat that only says that the member lives.
pub fn staying(member: &str, epoch: i32) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        group: GROUP.into(),
        member: member.into(),
        epoch,
        rebalance_timeout_ms: -1,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        version: 1,
        ..ConsumerHeartbeat::default()
    }
}

/// A member that does what it is told.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: &'static str,
    pub epoch: i32,
    pub owned: Vec<(Uuid, Vec<i32>)>,
}

impl Client {
    pub fn enter(world: &mut World, id: &'static str, topics: &[&str]) -> Self {
        Self::enter_as(world, id, joining(id, topics))
    }

    pub fn enter_as(world: &mut World, id: &'static str, heartbeat: ConsumerHeartbeat) -> Self {
        let reply = world.beat(heartbeat).unwrap();
        Self { id, epoch: reply.epoch, owned: reply.assignment.unwrap() }
    }

    /// Says what it has, and takes what it is given.
    pub fn beat(&mut self, world: &mut World) -> &mut Self {
        let owned = Some(self.owned.clone());
        let reply = world.beat(ConsumerHeartbeat { owned, ..staying(self.id, self.epoch) }).unwrap();
        self.epoch = reply.epoch;
        if let Some(given) = reply.assignment {
            self.owned = given;
        }
        self
    }

    pub fn partitions(&self, world: &World) -> Vec<String> {
        let name = |(topic, held): &(Uuid, Vec<i32>)| {
            let name = world.name_of(*topic);
            held.iter().map(|index| format!("{name}-{index}")).collect::<Vec<_>>()
        };
        self.owned.iter().flat_map(name).collect()
    }
}
