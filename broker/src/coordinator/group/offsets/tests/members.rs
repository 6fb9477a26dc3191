//! What members may do, and how long their group keeps what they have committed.

use bytes::Bytes;

use super::*;
use crate::coordinator::group::classic::{Join, Leave, LeavingMember, Sync};
use crate::coordinator::group::consumer::ConsumerHeartbeat;
use crate::coordinator::group::{Ticket, Woken};

const NONE: ErrorCode = ErrorCode::None;
const GROUP: &str = "group";

/// What a consumer tells its group of the topics that it wants (version 0 of the consumer protocol).
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = vec![0, 0];
    bytes.extend(u32::try_from(topics.len()).unwrap().to_be_bytes());
    for topic in topics {
        bytes.extend(u16::try_from(topic.len()).unwrap().to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    bytes.extend((-1_i32).to_be_bytes());
    bytes.into()
}

fn join(instance: Option<&str>, protocol_type: &str, topics: &[&str]) -> Join {
    let join = testing::join(GROUP, "", subscription(topics));
    Join { instance: instance.map(Arc::from), protocol_type: protocol_type.into(), ..join }
}

impl Coordinator {
    /// A member joins alone. Returns its id and generation.
    fn join_alone(&mut self, join: Join) -> (Arc<str>, i32) {
        self.settings.initial_rebalance_delay_ms = 0;
        let (reply, mut woken) = self.run_woken(|shard, env| shard.join(env, Ticket(1), join));
        woken.extend(self.tick());
        let joined = reply.or_else(|| {
            woken.into_iter().find_map(|woken| match woken {
                Woken::Joined(Ticket(1), joined) => Some(joined),
                _ => None,
            })
        });
        let joined = joined.expect("the answer of a member that is alone");
        assert_eq!(joined.error, NONE);
        (joined.member, joined.generation)
    }

    fn run_woken<R>(&mut self, operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>) -> (R, Vec<Woken>) {
        self.run(|shard, env| {
            let mut step = operation(shard, env);
            let woken = std::mem::take(&mut step.woken);
            step.map(|reply| (reply, woken))
        })
    }

    fn sync_leader(&mut self, member: &Arc<str>, generation: i32) {
        let sync = Sync {
            group: GROUP.into(),
            generation,
            member: member.clone(),
            instance: None,
            protocol_type: None,
            protocol: None,
            assignments: vec![(member.clone(), Bytes::from_static(b"all"))],
        };
        let _ = self.run(|shard, env| shard.sync(env, Ticket(2), sync));
    }

    fn leave(&mut self, member: &Arc<str>) {
        let members = vec![LeavingMember { member: member.clone(), instance: None, reason: None }];
        let left = self.run(|shard, env| shard.leave(env, &Leave { group: GROUP.into(), members }));
        assert_eq!((left.error, left.members), (NONE, vec![NONE]));
    }

    fn commit_as(&mut self, member: &str, generation: i32, version: i16) -> ErrorCode {
        let commit = self.to_commit(GROUP, "orders", 0, 5);
        let commit =
            CommitOffsets { member: member.into(), generation_or_epoch: generation, version, ..commit };
        self.run(|shard, env| shard.commit_offsets(env, commit))[0]
    }

    fn state(&self) -> String {
        let listed = self.read(|shard, _| shard.list_groups());
        listed.iter().find(|group| &*group.group == GROUP).map_or("Dead", |group| group.state).to_owned()
    }

    /// What is due by now is done.
    fn tick(&mut self) -> Vec<Woken> {
        let mut all = Vec::new();
        while self.shard.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            let due = self.run_woken(|shard, env| shard.expire(env).unwrap_or_else(|| Step::reply(())));
            all.extend(due.1);
        }
        all
    }

    fn delete_orders(&mut self) -> Result<Vec<Vec<ErrorCode>>, ErrorCode> {
        let delete = DeleteOffsets { group: GROUP.into(), topics: vec![("orders".into(), vec![0])] };
        self.run(|shard, _| shard.delete_offsets(&delete))
    }
}

#[test]
fn a_classic_member_commits_in_its_generation_and_not_before_it_has_synced() {
    let mut broker = Coordinator::new();
    let (member, generation) = broker.join_alone(join(None, "consumer", &["orders"]));
    assert_eq!(broker.state(), "CompletingRebalance");
    assert_eq!(broker.commit_as(&member, generation, 9), ErrorCode::RebalanceInProgress);
    assert_eq!(broker.commit_as(&member, generation + 1, 9), ErrorCode::IllegalGeneration);
    broker.sync_leader(&member, generation);
    assert_eq!(broker.state(), "Stable");
    for version in [2, 8, 9, 10] {
        assert_eq!(broker.commit_as(&member, generation, version), NONE);
        assert_eq!(broker.commit_as(&member, generation - 1, version), ErrorCode::IllegalGeneration);
        assert_eq!(broker.commit_as("nobody", generation, version), ErrorCode::UnknownMemberId);
        assert_eq!(broker.commit_as("", -1, version), ErrorCode::UnknownMemberId, "the group is not empty");
        assert_eq!(broker.commit_as(&member, -1, version), ErrorCode::IllegalGeneration);
    }
    assert_eq!(broker.run(|shard, _| shard.delete_group(GROUP)), ErrorCode::NonEmptyGroup);
    assert_eq!(broker.delete_orders(), Ok(vec![vec![ErrorCode::GroupSubscribedToTopic]]));
    broker.leave(&member);
    assert_eq!(broker.state(), "Empty");
    assert_eq!(broker.commit_as(&member, generation, 9), ErrorCode::UnknownMemberId);
    assert_eq!(broker.commit_as("", -1, 9), NONE, "as a simple consumer, or an administrator");
    assert_eq!(broker.delete_orders(), Ok(vec![vec![NONE]]));
    assert_eq!(broker.run(|shard, _| shard.delete_group(GROUP)), NONE);
    broker.restart();
    assert_eq!(broker.state(), "Dead");
}

#[test]
fn a_static_member_is_fenced_by_the_one_that_took_its_place() {
    let mut broker = Coordinator::new();
    let (member, generation) = broker.join_alone(join(Some("one"), "consumer", &["orders"]));
    broker.sync_leader(&member, generation);
    let commit = |broker: &mut Coordinator, member: &str, instance: &str| {
        let commit = broker.to_commit(GROUP, "orders", 0, 5);
        let commit = CommitOffsets {
            member: member.into(),
            instance: Some(instance.into()),
            generation_or_epoch: generation,
            ..commit
        };
        broker.run(|shard, env| shard.commit_offsets(env, commit))[0]
    };
    assert_eq!(commit(&mut broker, &member, "one"), NONE);
    assert_eq!(commit(&mut broker, "another", "one"), ErrorCode::FencedInstanceId);
    assert_eq!(commit(&mut broker, &member, "two"), ErrorCode::UnknownMemberId);
}

#[test]
fn a_commit_is_as_good_as_a_heartbeat() {
    let mut broker = Coordinator::new();
    let (member, generation) = broker.join_alone(join(None, "consumer", &["orders"]));
    broker.sync_leader(&member, generation);
    for _ in 0..5 {
        broker.pass(9_000);
        broker.tick();
        assert_eq!(broker.commit_as(&member, generation, 9), NONE);
        assert_eq!(broker.commit_as("nobody", generation, 9), ErrorCode::UnknownMemberId);
    }
    broker.pass(9_000);
    assert_eq!(broker.commit_as(&member, generation + 1, 9), ErrorCode::IllegalGeneration);
    broker.pass(1_001);
    broker.tick();
    assert_eq!(broker.state(), "Empty", "a commit that was refused is none");
}

#[test]
fn a_group_of_others_than_consumers_keeps_its_offsets_while_it_has_members() {
    let mut broker = Coordinator::new();
    let (member, generation) = broker.join_alone(join(None, "connect", &["orders"]));
    broker.sync_leader(&member, generation);
    assert_eq!(broker.commit_as(&member, generation, 9), NONE);
    assert_eq!(broker.delete_orders(), Err(ErrorCode::NonEmptyGroup));
    broker.wall_ms += 30 * DAY;
    broker.expire();
    assert_eq!(broker.committed(GROUP).len(), 1);
    broker.leave(&member);
    broker.expire();
    assert_eq!(broker.committed(GROUP).len(), 1, "it has only just become empty");
    broker.wall_ms += 7 * DAY - 1;
    broker.restart();
    broker.expire();
    assert_eq!(broker.committed(GROUP).len(), 1);
    broker.wall_ms += 1;
    broker.expire();
    assert!(broker.committed(GROUP).is_empty() && broker.groups().is_empty());
}

#[test]
fn offsets_of_topics_that_consumers_no_longer_want_expire_while_they_go_on() {
    let mut broker = Coordinator::new();
    assert_eq!(broker.commit(GROUP, "orders", 0, 5), NONE);
    assert_eq!(broker.commit(GROUP, "clicks", 0, 5), NONE);
    let (member, generation) = broker.join_alone(join(None, "consumer", &["orders"]));
    broker.wall_ms += 8 * DAY;
    broker.expire();
    assert_eq!(broker.committed(GROUP).len(), 2, "not in the middle of a rebalance");
    broker.sync_leader(&member, generation);
    broker.expire();
    assert_eq!(broker.committed(GROUP), [("orders".into(), 0, 5)]);
    broker.leave(&member);
    broker.wall_ms += 7 * DAY;
    broker.expire();
    assert!(broker.committed(GROUP).is_empty() && broker.groups().is_empty());
}

impl Coordinator {
    /// A heartbeat of a member of the consumer protocol. Returns its epoch.
    fn beat(&mut self, epoch: i32, topics: Option<&[&str]>) -> i32 {
        let heartbeat = ConsumerHeartbeat {
            group: GROUP.into(),
            member: "me".into(),
            epoch,
            rebalance_timeout_ms: if epoch == 0 { 60_000 } else { -1 },
            topics: topics.map(|topics| topics.iter().map(|topic| Arc::from(*topic)).collect()),
            owned: (epoch == 0).then(Vec::new),
            client_id: "client".into(),
            client_host: "/127.0.0.1".into(),
            version: 1,
            ..ConsumerHeartbeat::default()
        };
        self.run(|shard, env| shard.consumer_heartbeat(env, heartbeat)).expect("a heartbeat").epoch
    }
}

#[test]
fn a_member_of_the_consumer_protocol_commits_in_its_epoch() {
    let mut broker = Coordinator::new();
    let epoch = broker.beat(0, Some(&["orders"]));
    assert_eq!(broker.commit_as("me", epoch, 8), ErrorCode::UnsupportedVersion);
    assert_eq!(broker.commit_as("me", epoch, 9), NONE);
    assert_eq!(broker.commit_as("me", epoch + 1, 9), ErrorCode::StaleMemberEpoch);
    assert_eq!(broker.commit_as("nobody", epoch, 9), ErrorCode::UnknownMemberId);
    assert_eq!(broker.commit_as("", -1, 9), ErrorCode::UnknownMemberId, "the group is not empty");
    let fetch = |broker: &Coordinator, member: Option<&str>, member_epoch| {
        let fetch = FetchOffsets {
            group: GROUP.into(),
            member: member.map(Arc::from),
            member_epoch,
            topics: None,
            require_stable: true,
        };
        broker.read(|shard, _| shard.fetch_offsets(&fetch)).map(|topics| topics.len())
    };
    assert_eq!(fetch(&broker, Some("me"), epoch), Ok(1));
    assert_eq!(fetch(&broker, None, -1), Ok(1));
    assert_eq!(fetch(&broker, Some("me"), epoch + 1), Err(ErrorCode::StaleMemberEpoch));
    assert_eq!(fetch(&broker, Some("nobody"), epoch), Err(ErrorCode::UnknownMemberId));
    assert_eq!(broker.run(|shard, _| shard.delete_group(GROUP)), ErrorCode::NonEmptyGroup);
    assert_eq!(broker.delete_orders(), Ok(vec![vec![ErrorCode::GroupSubscribedToTopic]]));
    broker.beat(-1, None);
    assert_eq!(broker.commit_as("", -1, 9), NONE);
    assert_eq!(broker.run(|shard, _| shard.delete_group(GROUP)), NONE);
    broker.restart();
    assert_eq!(broker.state(), "Dead");
}

#[test]
fn offsets_of_a_consumer_group_expire_by_their_commit_where_nobody_wants_the_topic() {
    let mut broker = Coordinator::new();
    let epoch = broker.beat(0, Some(&["orders"]));
    assert_eq!(broker.commit_as("me", epoch, 9), NONE);
    broker.wall_ms += 8 * DAY;
    broker.expire();
    assert_eq!(broker.committed(GROUP).len(), 1);
    broker.beat(epoch, Some(&["clicks"]));
    broker.expire();
    assert!(broker.committed(GROUP).is_empty());
    assert_eq!(broker.groups(), [GROUP], "it has a member");
    broker.beat(-1, None);
    broker.expire();
    assert!(broker.groups().is_empty());
    broker.restart();
    assert!(broker.groups().is_empty());
}
