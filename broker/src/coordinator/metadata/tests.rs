//! The machine under random commands: what is replayed is what was, and the rules of names hold at every step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::*;

/// A catalog with one list and one number, so that the test knows what is right.
#[derive(Debug)]
struct TwoSettings;

impl Catalog for TwoSettings {
    fn is_list(&self, _: ResourceKind, name: &str) -> bool {
        name == "list"
    }

    fn default(&self, _: ResourceKind, name: &str) -> Option<&'static str> {
        (name == "list").then_some("delete")
    }

    fn check(
        &self,
        _: &State,
        _: &ConfigResource,
        configs: &Configs,
        _: &BTreeSet<&str>,
    ) -> Result<(), Refusal> {
        let right = |(name, value): (&String, &String)| match name.as_str() {
            "list" => true,
            "number" => value.parse::<u32>().is_ok(),
            _ => false,
        };
        match configs.iter().all(right) {
            true => Ok(()),
            false => Err(Refusal::bare(ErrorCode::InvalidConfig)),
        }
    }
}

fn rules() -> Rules {
    Rules {
        node_id: 1,
        num_partitions: 3,
        replication_factor: 1,
        delete_topics: true,
        catalog: Arc::new(TwoSettings),
    }
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a.b", "a_b", "orders", "clicks", "", "a b", "..", LOG_TOPIC, "x.y_z", "x_y.z"])
        .prop_map(str::to_owned)
}

fn config() -> impl Strategy<Value = (String, Option<String>)> {
    let names = prop::sample::select(vec!["list", "number", "no.such"]);
    let values =
        prop::sample::select(vec![Some("7"), Some("compact"), Some(""), Some("delete,compact"), None]);
    (names, values).prop_map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
}

fn resource() -> impl Strategy<Value = ConfigResource> {
    let kinds = prop::sample::select(vec![ResourceKind::Topic, ResourceKind::Broker, ResourceKind::Group]);
    let names = prop_oneof![name(), Just("1".to_owned())];
    (kinds, names).prop_map(|(kind, name)| ConfigResource { kind, name })
}

fn command() -> impl Strategy<Value = Command> {
    let create = (name(), -2..6_i32, -1..3_i16, prop::collection::vec(config(), 0..2), any::<u128>())
        .prop_map(|(name, partitions, replication_factor, configs, id)| {
            let id = Uuid::from_u128(id);
            Command::CreateTopic(NewTopic {
                id,
                name,
                partitions,
                replication_factor,
                configs,
                assignments: vec![],
                by_broker: false,
            })
        });
    let change =
        (resource(), prop::collection::vec((config(), -1..5_i8), 0..3)).prop_map(|(resource, changes)| {
            let change = |((name, value), operation): ((String, _), i8)| ConfigChange {
                name,
                operation: operation.into(),
                value,
            };
            Command::ChangeConfigs { resource, changes: changes.into_iter().map(change).collect() }
        });
    prop_oneof![
        4 => create,
        2 => name().prop_map(|name| Command::DeleteTopic(TopicKey::Name(name))),
        2 => (name(), -1..9_i32).prop_map(|(topic, count)| Command::AddPartitions { topic, count, assignments: None }),
        3 => change,
        1 => (resource(), prop::collection::vec(config(), 0..2))
            .prop_map(|(resource, configs)| Command::ReplaceConfigs { resource, configs }),
        1 => (1..2000_i64).prop_map(|count| Command::AllocateProducerIds { count }),
    ]
}

fn replay(records: &[Record]) -> State {
    let mut replay = Replay::default();
    for record in records {
        replay.apply(&Record::decode(&record.encode()).expect("what was written can be read"));
    }
    replay.finish()
}

/// What must hold whatever was asked for.
fn check_invariants(state: &State) {
    let mut metric_names = BTreeSet::new();
    for topic in state.topics() {
        assert_eq!(validate_topic_name(&topic.name), Ok(()));
        assert!(topic.partitions > 0);
        assert_eq!(state.topic_by_id(topic.id), Some(topic));
        assert!(metric_names.insert(topic.name.replace('.', "_")), "{} collides", topic.name);
        assert!(!topic.overrides.contains_key("no.such"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_replayed_state_is_the_live_one(commands in prop::collection::vec(command(), 0..60), cut in 0..60_usize) {
        let mut live = State::default();
        let mut log = Vec::new();
        for (step, command) in commands.into_iter().enumerate() {
            let before = live.clone();
            match live.decide(&rules(), command) {
                Ok((records, _)) => {
                    records.iter().for_each(|record| live.apply(record));
                    log.extend(records);
                }
                Err(_) => prop_assert_eq!(&before, &live),
            }
            check_invariants(&live);
            if step == cut {
                log.extend(live.snapshot());
            }
        }
        prop_assert_eq!(&replay(&log), &live);
        prop_assert_eq!(&replay(&live.snapshot()), &live);
    }

    #[test]
    fn a_snapshot_that_was_cut_off_changes_nothing(commands in prop::collection::vec(command(), 1..40), keep in 0..50_usize) {
        let mut live = State::default();
        let mut log = Vec::new();
        for command in commands {
            if let Ok((records, _)) = live.decide(&rules(), command) {
                records.iter().for_each(|record| live.apply(record));
                log.extend(records);
            }
        }
        let snapshot = live.snapshot();
        log.extend(snapshot.iter().take(keep.min(snapshot.len() - 1)).cloned());
        prop_assert_eq!(&replay(&log), &live);
    }

    #[test]
    fn no_bytes_are_too_strange_to_decode(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Record::decode(&bytes);
        let mut framed = vec![0, bytes.first().copied().unwrap_or(0) % 8];
        framed.extend_from_slice(&bytes);
        if let Ok(record) = Record::decode(&framed) {
            prop_assert_eq!(Record::decode(&record.encode()), Ok(record));
        }
    }
}

#[test]
fn a_record_that_is_cut_short_or_claims_too_much_is_refused() {
    let configs = [("a".to_owned(), "b".to_owned())].into();
    let whole =
        Record::TopicCreated { id: Uuid::from_u128(7), name: "orders".into(), partitions: 3, configs }
            .encode();
    for end in 0..whole.len() {
        assert!(Record::decode(&whole[..end]).is_err(), "{end} bytes");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(Record::decode(&longer).is_err());
    let mut huge = whole;
    huge[18..22].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(Record::decode(&huge).is_err());
}

#[test]
fn every_refusal_has_kafkas_code() {
    let mut state = State::default();
    let create = |name: &str, partitions, replication_factor| {
        let id = Uuid::from_u128(u128::from(name.len() as u64) + 100);
        Command::CreateTopic(NewTopic {
            id,
            name: name.into(),
            partitions,
            replication_factor,
            ..NewTopic::default()
        })
    };
    let (records, _) = state.decide(&rules(), create("my.orders", 2, 1)).unwrap();
    records.iter().for_each(|record| state.apply(record));
    let grow = |count| Command::AddPartitions { topic: "my.orders".into(), count, assignments: None };
    let delete = |name: &str| Command::DeleteTopic(TopicKey::Name(name.into()));
    let cases = [
        (create("my.orders", 1, 1), ErrorCode::TopicAlreadyExists),
        (create("my_orders", 1, 1), ErrorCode::InvalidTopicException),
        (create("", 1, 1), ErrorCode::InvalidTopicException),
        (create(LOG_TOPIC, 1, 1), ErrorCode::InvalidRequest),
        (create("__consumer_offsets", 1, 1), ErrorCode::TopicAlreadyExists),
        (create("x", 0, 1), ErrorCode::InvalidPartitions),
        (create("x", -2, 1), ErrorCode::InvalidPartitions),
        (create("x", 100_001, 1), ErrorCode::PolicyViolation),
        (create("x", 1, 2), ErrorCode::InvalidReplicationFactor),
        (create("x", 1, 0), ErrorCode::InvalidReplicationFactor),
        (grow(2), ErrorCode::InvalidPartitions),
        (grow(1), ErrorCode::InvalidPartitions),
        (grow(100_001), ErrorCode::PolicyViolation),
        (delete("nowhere"), ErrorCode::UnknownTopicOrPartition),
        (Command::DeleteTopic(TopicKey::Id(Uuid::from_u128(9))), ErrorCode::UnknownTopicId),
    ];
    for (command, code) in cases {
        let text = format!("{command:?}");
        assert_eq!(state.decide(&rules(), command).unwrap_err().code, code, "{text}");
    }
    let no_deletion = Rules { delete_topics: false, ..rules() };
    let refusal = state.decide(&no_deletion, delete("my.orders")).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::TopicDeletionDisabled);
}
