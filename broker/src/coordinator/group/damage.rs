//! Records that no broker would have written together: a log that was damaged, adopted, or written by a broker with a fault. The
//! shard makes of them what it can, and goes on; whatever it is asked then, it answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thalweg_config::BrokerSettings;
use thalweg_proto::records::group::{
    ClassicGroupMember, ClassicGroupValue, ClassicMemberMetadata, ClassicProtocol, ConsumerGroupMemberValue,
    ConsumerGroupValue, CurrentAssignmentValue, CurrentPartitions, OffsetCommitValue, RegularExpressionValue,
    TargetAssignmentMemberValue, TargetAssignmentValue, TargetPartitions,
};
use uuid::Uuid;

use super::classic::{Heartbeat, Join, Leave, LeavingMember, Sync};
use super::consumer::ConsumerHeartbeat;
use super::offsets::CommitOffsets;
use super::testing::{self, Topics};
use super::{Env, Record, Shard, Step, Ticket};

const GROUP: &str = "group";
const SUBSCRIPTION: &[u8] = b"\0\0\0\0\0\x01\0\x06orders\xff\xff\xff\xff";

/// Choices, all of them from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    fn some<T>(&mut self, value: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| value(self)).collect()
    }

    fn int(&mut self) -> i32 {
        self.pick(&[-3, -2, -1, 0, 1, 2, 3, 10_000, 60_000, i32::MAX - 1, i32::MAX, i32::MIN])
    }

    fn long(&mut self) -> i64 {
        self.pick(&[-1, 0, 1, 1_700_000_000_000, i64::MAX, i64::MIN])
    }

    fn member(&mut self) -> String {
        self.pick(&["", "a", "b", "c"]).to_owned()
    }

    fn topic(&mut self) -> String {
        self.pick(&["orders", "clicks", "gone", ""]).to_owned()
    }

    fn protocol(&mut self) -> String {
        self.pick(&["range", "roundrobin", ""]).to_owned()
    }

    fn expression(&mut self) -> String {
        self.pick(&["ord.*", "(", "", ".*"]).to_owned()
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u128(self.pick(&[0, 1, 2, 3]))
    }

    fn metadata(&mut self) -> Bytes {
        Bytes::from_static(self.pick(&[SUBSCRIPTION, b"", b"\0\0", b"\xff\xff\x7f\xff\xff\xff"]))
    }

    fn record(&mut self) -> Record {
        let group: Arc<str> = GROUP.into();
        let member: Arc<str> = self.member().into();
        match self.below(9) {
            0 => Record::OffsetCommit {
                group,
                topic: self.topic().into(),
                partition: self.int(),
                value: self.maybe(|dice| OffsetCommitValue {
                    offset: dice.long(),
                    leader_epoch: dice.int(),
                    metadata: String::new(),
                    commit_timestamp: dice.long(),
                    expire_timestamp: dice.long(),
                    topic_id: dice.id(),
                }),
            },
            1 => Record::ClassicGroup { group, value: self.maybe(Self::classic_group) },
            2 => {
                let value = |dice: &mut Self| ConsumerGroupValue { epoch: dice.int(), metadata_hash: 7 };
                Record::ConsumerGroup { group, value: self.maybe(value) }
            }
            3 | 4 => Record::ConsumerGroupMember { group, member, value: self.maybe(Self::profile) },
            5 => Record::TargetAssignment {
                group,
                value: self.maybe(|dice| TargetAssignmentValue {
                    assignment_epoch: dice.int(),
                    assignment_timestamp: dice.long(),
                }),
            },
            6 => {
                let place = |dice: &mut Self| TargetPartitions {
                    topic_id: dice.id(),
                    partitions: dice.some(Self::int),
                };
                let value =
                    |dice: &mut Self| TargetAssignmentMemberValue { topic_partitions: dice.some(place) };
                Record::TargetAssignmentMember { group, member, value: self.maybe(value) }
            }
            7 => Record::CurrentAssignment { group, member, value: self.maybe(Self::standing) },
            _ => Record::RegularExpression {
                group,
                expression: self.expression().into(),
                value: self.maybe(|dice| RegularExpressionValue {
                    topics: dice.some(Self::topic),
                    version: dice.long(),
                    timestamp: dice.long(),
                }),
            },
        }
    }

    fn classic_group(&mut self) -> ClassicGroupValue {
        ClassicGroupValue {
            protocol_type: self.pick(&["consumer", "connect", ""]).to_owned(),
            generation: self.int(),
            protocol: self.maybe(Self::protocol),
            leader: self.maybe(Self::member),
            current_state_timestamp: self.long(),
            members: self.some(|dice| ClassicGroupMember {
                member_id: dice.member(),
                group_instance_id: dice.maybe(Self::member),
                client_id: String::new(),
                client_host: String::new(),
                rebalance_timeout: dice.int(),
                session_timeout: dice.int(),
                subscription: dice.metadata(),
                assignment: dice.metadata(),
            }),
        }
    }

    fn profile(&mut self) -> ConsumerGroupMemberValue {
        ConsumerGroupMemberValue {
            instance_id: self.maybe(Self::member),
            rack_id: None,
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: self.some(Self::topic),
            subscribed_topic_regex: self.maybe(Self::expression),
            rebalance_timeout_ms: self.int(),
            server_assignor: self.maybe(|dice| dice.pick(&["uniform", "range", "none"]).to_owned()),
            classic_member_metadata: self.maybe(|dice| ClassicMemberMetadata {
                session_timeout_ms: dice.int(),
                supported_protocols: dice
                    .some(|dice| ClassicProtocol { name: dice.protocol(), metadata: dice.metadata() }),
            }),
        }
    }

    fn standing(&mut self) -> CurrentAssignmentValue {
        let held = |dice: &mut Self| CurrentPartitions {
            topic_id: dice.id(),
            partitions: dice.some(Self::int),
            assignment_epochs: dice.maybe(|dice| dice.some(Self::int)),
        };
        CurrentAssignmentValue {
            member_epoch: self.int(),
            previous_member_epoch: self.int(),
            state: i8::try_from(self.below(6)).unwrap() - 1,
            assigned_partitions: self.some(held),
            partitions_pending_revocation: self.some(held),
        }
    }
}

/// A shard of such records, and those who ask it.
struct Place {
    dice: Dice,
    shard: Shard,
    topics: Topics,
    settings: BrokerSettings,
    now: Duration,
}

impl Place {
    fn run<R>(&mut self, operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>) -> R {
        let wall_ms = 1_700_000_000_000 + i64::try_from(self.now.as_millis()).unwrap();
        let env = Env { now: self.now, wall_ms, settings: &self.settings.groups, around: &self.topics };
        let step = operation(&mut self.shard, &env);
        for record in &step.records {
            // What cannot be written is not.
            if record.encode().is_err() {
                continue;
            }
            self.shard.apply(&env, record);
        }
        self.shard.take_tally();
        step.reply
    }

    /// At each moment, what is due comes to an end.
    fn pass(&mut self, time: Duration) {
        let end = self.now.saturating_add(time);
        loop {
            let due = |shard: &mut Shard, env: &Env<'_>| match shard.next_due(env) {
                Some(step) => step.map(|()| true),
                None => Step::reply(false),
            };
            let mut at_once = 0;
            while self.run(due) {
                at_once += 1;
                assert!(at_once < 1_000, "deadlines without end");
            }
            match self.shard.next_deadline().filter(|next| *next <= end) {
                Some(next) => self.now = self.now.max(next),
                None => break,
            }
        }
        self.now = end;
    }

    fn ask(&mut self, ticket: u64) {
        let dice = &mut self.dice;
        let (group, member): (Arc<str>, Arc<str>) = (GROUP.into(), dice.member().into());
        let (number, instance) = (dice.int(), dice.maybe(Dice::member).map(Arc::from));
        let ticket = Ticket(ticket);
        match dice.below(9) {
            0 => {
                let join = Join {
                    instance,
                    requires_known_member: false,
                    ..testing::join(GROUP, &member, dice.metadata())
                };
                self.run(|shard, env| shard.join(env, ticket, join));
            }
            1 => {
                let assignments = dice.some(|dice| (dice.member().into(), dice.metadata()));
                let (protocol_type, protocol) = (None, None);
                let generation = number;
                let sync = Sync { group, generation, member, instance, protocol_type, protocol, assignments };
                self.run(|shard, env| shard.sync(env, ticket, sync));
            }
            2 => {
                let beat = Heartbeat { group, generation: number, member, instance };
                self.run(|shard, env| shard.heartbeat(env, &beat));
            }
            3 => {
                let leave = Leave { group, members: vec![LeavingMember { member, instance, reason: None }] };
                self.run(|shard, env| shard.leave(env, &leave));
            }
            4 | 5 => {
                let joins = dice.below(2) == 0;
                let beat = ConsumerHeartbeat {
                    group,
                    member,
                    epoch: if joins { 0 } else { number },
                    instance,
                    rebalance_timeout_ms: 30_000,
                    topics: dice.maybe(|dice| dice.some(|dice| dice.topic().into())),
                    regex: dice.maybe(|dice| dice.expression().as_str().into()),
                    owned: joins.then(Vec::new),
                    version: 1,
                    ..ConsumerHeartbeat::default()
                };
                drop(self.run(|shard, env| shard.consumer_heartbeat(env, beat)));
            }
            6 => {
                let commit = CommitOffsets {
                    generation_or_epoch: number,
                    member,
                    ..testing::commit(GROUP, "orders", Uuid::from_u128(1), 0, 5)
                };
                self.run(|shard, env| shard.commit_offsets(env, commit));
            }
            7 => {
                self.run(|shard, env| {
                    drop((shard.list_groups(), shard.describe_group(GROUP)));
                    drop(shard.describe_consumer_group(env, GROUP));
                    shard.expire_offsets(env)
                });
            }
            _ => drop(self.run(|shard, _| shard.delete_group(GROUP))),
        }
    }
}

#[test]
fn records_that_make_no_sense_together_stop_nothing() {
    for seed in 0..1_000 {
        let mut topics = Topics::default();
        topics.put("orders", Uuid::from_u128(1), 3);
        topics.put("clicks", Uuid::from_u128(2), 1);
        let (shard, settings) = (Shard::default(), BrokerSettings::default());
        let now = Duration::from_secs(100);
        let mut place = Place { dice: Dice(seed), shard, topics, settings, now };
        for _ in 0..place.dice.below(30) {
            let record = place.dice.record();
            place.shard.replay(&record);
        }
        place.run(Shard::loaded);
        for ticket in 0..12 {
            place.ask(ticket);
            let seconds = place.dice.pick(&[0, 0, 1, 10, 100]);
            place.pass(Duration::from_secs(seconds));
        }
        place.pass(Duration::from_secs(1_000));
    }
}
