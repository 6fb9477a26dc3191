use super::*;

const NONE: ErrorCode = ErrorCode::None;

#[test]
fn offsets_of_a_consumer_that_is_no_member_live_for_a_week_after_their_commit() {
    let mut broker = Coordinator::new();
    assert_eq!(broker.commit("simple", "orders", 0, 5), NONE);
    broker.pass(DAY);
    assert_eq!(broker.commit("simple", "orders", 1, 6), NONE);
    broker.pass(6 * DAY - 1);
    broker.expire();
    assert_eq!(broker.committed("simple"), [("orders".into(), 0, 5), ("orders".into(), 1, 6)]);
    broker.pass(1);
    broker.expire();
    assert_eq!(broker.committed("simple"), [("orders".into(), 1, 6)]);
    let tally = broker.shard.take_tally().unwrap();
    assert_eq!((tally.offsets_committed, tally.offsets_expired), (2, 1));
    assert_eq!(broker.groups(), ["simple"]);
    broker.restart();
    broker.pass(DAY);
    broker.expire();
    assert!(broker.committed("simple").is_empty());
    assert!(broker.groups().is_empty(), "the group has nothing left");
    broker.restart();
    assert!(broker.groups().is_empty());
    assert_eq!(broker.commit("simple", "orders", 0, 1), NONE);
    assert_eq!(broker.groups(), ["simple"]);
}

#[test]
fn a_clock_that_lies_takes_nothing_before_its_time_and_breaks_nothing() {
    let mut broker = Coordinator::new();
    for wall in [BEGINNING, BEGINNING - 3650 * DAY, 0, -1, i64::MIN, i64::MAX] {
        broker.wall_ms = wall;
        assert_eq!(broker.commit("group", "orders", 0, 5), NONE);
        broker.expire();
        assert_eq!(broker.committed("group").len(), 1, "committed just now, at {wall}");
    }
    broker.wall_ms = BEGINNING;
    broker.expire();
    assert_eq!(broker.committed("group").len(), 1, "committed in what is the future now");
}

#[test]
fn an_old_client_says_how_long_an_offset_is_kept() {
    let mut broker = Coordinator::new();
    for (partition, keep) in [(0, 0), (1, -7), (2, 10 * DAY), (3, i64::MAX), (4, i64::MIN)] {
        let commit = broker.to_commit("old", "orders", partition, 5);
        let commit = CommitOffsets { retention_ms: Some(keep), version: 2, ..commit };
        assert_eq!(broker.run(|shard, env| shard.commit_offsets(env, commit)), [NONE]);
    }
    let left = |broker: &Coordinator| -> Vec<i32> {
        broker.committed("old").into_iter().map(|(_, partition, _)| partition).collect()
    };
    assert_eq!(left(&broker), [0, 1, 2, 3, 4], "until somebody looks");
    broker.restart();
    broker.expire();
    assert_eq!(left(&broker), [2, 3]);
    broker.pass(10 * DAY - 1);
    broker.expire();
    assert_eq!(left(&broker), [2, 3], "longer than the broker's own retention");
    broker.pass(1);
    broker.expire();
    assert_eq!(left(&broker), [3]);
}

#[test]
fn a_deleted_topic_takes_its_offsets_along_but_not_those_of_another_of_its_name() {
    let mut broker = Coordinator::new();
    let long = 30_i32;
    for group in ["one", "two"] {
        for partition in 0..long {
            assert_eq!(broker.commit(group, "orders", partition, 5), NONE);
        }
    }
    assert_eq!(broker.commit("two", "clicks", 0, 6), NONE);
    let before = broker.topics.put("orders", Uuid::from_u128(77), PARTITIONS).unwrap().id;
    assert_eq!(broker.commit("one", "orders", 3, 1), NONE, "the topic was made again");
    let fetch = |broker: &Coordinator, topic_id| {
        let topic = FetchTopic { topic: "orders".into(), topic_id, partitions: vec![2, 3] };
        let fetch = FetchOffsets {
            group: "one".into(),
            member: None,
            member_epoch: -1,
            topics: Some(vec![topic]),
            require_stable: false,
        };
        let fetched = broker.read(|shard, _| shard.fetch_offsets(&fetch)).unwrap();
        fetched[0].1.iter().map(|offset| offset.offset).collect::<Vec<_>>()
    };
    assert_eq!(fetch(&broker, Uuid::nil()), [5, 1]);
    assert_eq!(fetch(&broker, before), [5, -1]);
    assert_eq!(fetch(&broker, Uuid::from_u128(77)), [-1, 1]);
    broker.run(|shard, _| shard.topic_deleted("orders", before));
    broker.restart();
    assert_eq!(broker.committed("one"), [("orders".into(), 3, 1)]);
    assert_eq!(broker.committed("two"), [("clicks".into(), 0, 6)]);
    broker.delete_topic("orders");
    assert!(broker.committed("one").is_empty());
    assert_eq!(broker.groups(), ["one", "two"], "a group stays until the next look");
    broker.expire();
    assert_eq!(broker.groups(), ["two"]);
}

#[test]
fn offsets_of_a_topic_that_went_while_the_broker_was_away_go_too() {
    let mut broker = Coordinator::new();
    assert_eq!(broker.commit("group", "orders", 0, 5), NONE);
    assert_eq!(broker.commit("group", "clicks", 0, 6), NONE);
    broker.topics.remove("orders");
    broker.restart();
    broker.expire();
    assert_eq!(broker.committed("group"), [("clicks".into(), 0, 6)]);
}

#[test]
fn metadata_is_measured_as_java_does_and_a_long_one_is_refused_alone() {
    let mut broker = Coordinator::new();
    let most = broker.settings.offsets.metadata_max_bytes;
    let mut commit = broker.to_commit("group", "orders", 0, 5);
    for metadata in ["ä".repeat(most), "x".repeat(most + 1), "🦀".repeat(most / 2), "🦀".repeat(most / 2 + 1)]
    {
        let partition = i32::try_from(commit.partitions.len()).unwrap();
        let before = commit.partitions[0].clone();
        commit.partitions.push(CommitPartition { partition, metadata, ..before });
    }
    let long = ErrorCode::OffsetMetadataTooLarge;
    let outcome = broker.run(|shard, env| shard.commit_offsets(env, commit));
    assert_eq!(outcome, [NONE, NONE, long, NONE, long]);
    broker.restart();
    let kept = |partition| broker.shard.offsets.get("group", "orders", partition).cloned();
    assert_eq!(kept(1).unwrap().metadata.chars().count(), most);
    assert_eq!(kept(3).unwrap().metadata.chars().count(), most / 2);
    assert_eq!((kept(2), kept(4)), (None, None));
}

#[test]
fn a_generation_needs_a_group_and_none_needs_none() {
    let mut broker = Coordinator::new();
    for (version, error) in [
        (2, ErrorCode::IllegalGeneration),
        (8, ErrorCode::IllegalGeneration),
        (9, ErrorCode::GroupIdNotFound),
    ] {
        let commit = broker.to_commit("nowhere", "orders", 0, 5);
        let commit = CommitOffsets { generation_or_epoch: 3, member: "nobody".into(), version, ..commit };
        assert_eq!(broker.run(|shard, env| shard.commit_offsets(env, commit)), [error]);
    }
    assert!(broker.groups().is_empty());
    assert_eq!(broker.commit("", "orders", 0, 5), NONE, "a group may be without a name");
    assert_eq!(broker.groups(), [""]);
}

#[test]
fn offsets_and_groups_are_deleted_with_their_records() {
    let mut broker = Coordinator::new();
    let delete = |group: &str, topic: &str, partitions: Vec<i32>| DeleteOffsets {
        group: group.into(),
        topics: vec![(topic.into(), partitions)],
    };
    let missing = broker.run(|shard, _| shard.delete_offsets(&delete("group", "orders", vec![0])));
    assert_eq!(missing, Err(ErrorCode::GroupIdNotFound));
    for (topic, partition) in [("orders", 0), ("orders", 1), ("clicks", 0)] {
        assert_eq!(broker.commit("group", topic, partition, 5), NONE);
    }
    let deleted = broker.run(|shard, _| shard.delete_offsets(&delete("group", "orders", vec![0, 9])));
    assert_eq!(deleted, Ok(vec![vec![NONE, NONE]]));
    assert_eq!(broker.log.len(), 4, "no record for an offset that there is not");
    broker.restart();
    assert_eq!(broker.committed("group"), [("clicks".into(), 0, 5), ("orders".into(), 1, 5)]);
    assert_eq!(broker.run(|shard, _| shard.delete_group("group")), NONE);
    assert_eq!(broker.run(|shard, _| shard.delete_group("group")), ErrorCode::GroupIdNotFound);
    broker.restart();
    assert!(broker.groups().is_empty() && broker.committed("group").is_empty());
    assert_eq!(broker.shard.offsets, Offsets::default(), "nothing is left in memory");
}

#[test]
fn the_names_of_topics_are_kept_once_for_all_groups() {
    let mut broker = Coordinator::new();
    for group in 0..100 {
        assert_eq!(broker.commit(&format!("group-{group}"), "orders", 0, 5), NONE);
    }
    broker.restart();
    let name = |group: &str| broker.shard.offsets.of_group(group).next().unwrap().0.clone();
    assert!(Arc::ptr_eq(&name("group-0"), &name("group-99")));
}
