//! Whatever is asked, what is replayed of the log, whole or compacted, is what was.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Ask {
    Commit { group: &'static str, topic: &'static str, partition: i32, offset: i64, keep: Option<i64> },
    DeleteOffsets { group: &'static str, topic: &'static str, partition: i32 },
    DeleteGroup { group: &'static str },
    RecreateTopic { topic: &'static str, id: u128 },
    Pass { ms: i64 },
    Expire,
}

fn ask() -> impl Strategy<Value = Ask> {
    let group = || prop::sample::select(vec!["", "a", "b"]);
    let topic = || prop::sample::select(vec!["orders", "clicks"]);
    let keep = prop::sample::select(vec![None, Some(0), Some(DAY)]);
    prop_oneof![
        6 => (group(), topic(), 0..5_i32, 0..100_i64, keep).prop_map(|(group, topic, partition, offset, keep)| {
            Ask::Commit { group, topic, partition, offset, keep }
        }),
        2 => (group(), topic(), 0..5_i32)
            .prop_map(|(group, topic, partition)| Ask::DeleteOffsets { group, topic, partition }),
        1 => group().prop_map(|group| Ask::DeleteGroup { group }),
        1 => (topic(), 100..u128::MAX).prop_map(|(topic, id)| Ask::RecreateTopic { topic, id }),
        1 => (-DAY..5 * DAY).prop_map(|ms| Ask::Pass { ms }),
        1 => Just(Ask::Expire),
    ]
}

fn carry_out(broker: &mut Coordinator, ask: Ask) {
    match ask {
        Ask::Commit { group, topic, partition, offset, keep } => {
            let commit = broker.to_commit(group, topic, partition, offset);
            let commit = CommitOffsets { retention_ms: keep, ..commit };
            let outcome = broker.run(|shard, env| shard.commit_offsets(env, commit));
            assert_eq!(outcome, [ErrorCode::None]);
            assert!(broker.committed(group).contains(&(topic.to_owned(), partition, offset)));
        }
        Ask::DeleteOffsets { group, topic, partition } => {
            let delete = DeleteOffsets {
                group: group.into(),
                topics: vec![(topic.into(), vec![partition, partition])],
            };
            let _ = broker.run(|shard, _| shard.delete_offsets(&delete));
            let left = broker.committed(group);
            assert!(!left.iter().any(|(name, number, _)| name == topic && *number == partition));
        }
        Ask::DeleteGroup { group } => {
            broker.run(|shard, _| shard.delete_group(group));
            assert!(
                broker.committed(group).is_empty() && !broker.groups().iter().any(|known| known == group)
            );
        }
        Ask::RecreateTopic { topic, id } => {
            broker.delete_topic(topic);
            broker.topics.put(topic, Uuid::from_u128(id), PARTITIONS);
        }
        Ask::Pass { ms } => broker.pass(ms),
        Ask::Expire => broker.expire(),
    }
}

/// What a cleaner leaves of a log: the last record of each key.
fn compacted(log: &[Record]) -> Vec<Record> {
    let mut last = HashMap::new();
    for (index, record) in log.iter().enumerate() {
        last.insert(record.encode().unwrap().0, index);
    }
    let mut kept: Vec<usize> = last.into_values().collect();
    kept.sort_unstable();
    kept.into_iter().map(|index| log[index].clone()).collect()
}

proptest! {
    #[test]
    fn what_is_replayed_is_what_was(asks in prop::collection::vec(ask(), 0..60)) {
        let mut broker = Coordinator::new();
        for ask in asks {
            carry_out(&mut broker, ask);
        }
        prop_assert_eq!(&replayed(&broker.log).offsets, &broker.shard.offsets);
        let compacted = compacted(&broker.log);
        prop_assert_eq!(&replayed(&compacted).offsets, &broker.shard.offsets);
        let wire: Vec<_> = compacted.iter().map(|record| record.encode().unwrap()).collect();
        let read: Vec<_> =
            wire.iter().map(|(key, value)| Record::decode(key, value.as_deref()).unwrap()).collect();
        prop_assert_eq!(&replayed(&read).offsets, &broker.shard.offsets);
    }
}
