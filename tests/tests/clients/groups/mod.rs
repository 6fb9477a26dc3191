//! Groups of other people's clients: members join, leave and die under load, and so does the broker.
//!
//! Every record of the load is processed at least once, none is skipped, and what a member was told is committed is not read again.

mod group;
mod ledger;
mod load;
mod mixed;
mod scenario;

use std::process::Command;

use group::Client;
use scenario::Course;

use crate::harness::{full, setup};

const TOPIC: &str = "load";
const PARTITIONS: i32 = 12;

fn java(name: &'static str, protocol: &'static str) -> Client {
    Client { name, program: || setup::java("Member"), protocol }
}

fn confluent(name: &'static str, protocol: &'static str) -> Client {
    Client { name, program: || setup::python("group_confluent.py"), protocol }
}

fn franz_go(name: &'static str, protocol: &'static str) -> Client {
    Client { name, program: || setup::go("franz-go", "group"), protocol }
}

fn classic(name: &'static str, program: fn() -> Command) -> Client {
    Client { name, program, protocol: "classic" }
}

fn kafka_python() -> Client {
    classic("kafka-python", || setup::python("group_kafka_python.py"))
}

fn aiokafka() -> Client {
    classic("aiokafka", || setup::python("group_aio.py"))
}

fn sarama() -> Client {
    classic("sarama", || setup::go("sarama", "group"))
}

#[test]
fn members_on_java_join_leave_and_die() {
    let clients = vec![
        java("java-eager", "eager"),
        java("java-cooperative", "cooperative"),
        java("java-consumer", "consumer"),
    ];
    scenario::play(Course::ComeAndGo, clients);
}

#[test]
fn members_on_librdkafka_and_python_join_leave_and_die() {
    let clients = vec![
        confluent("confluent-kafka-classic", "classic"),
        confluent("confluent-kafka-consumer", "consumer"),
        kafka_python(),
        aiokafka(),
    ];
    scenario::play(Course::ComeAndGo, clients);
}

#[test]
fn members_on_go_and_node_join_leave_and_die() {
    let clients = vec![
        franz_go("franz-go-classic", "classic"),
        franz_go("franz-go-consumer", "consumer"),
        sarama(),
        classic("kafka-go", || setup::go("kafka-go", "group")),
        classic("kafkajs", || setup::node("kafkajs", "group.js")),
    ];
    scenario::play(Course::ComeAndGo, clients);
}

/// kafkajs and kafka-go have no static members; franz-go and kafka-python
/// rebalance, at Kafka too, when their leader comes back.
#[test]
fn static_members_come_back_without_a_rebalance() {
    let mut clients = vec![
        java("java-consumer", "consumer"),
        confluent("confluent-kafka-classic", "classic"),
        confluent("confluent-kafka-consumer", "consumer"),
        aiokafka(),
        sarama(),
    ];
    if full() {
        clients.extend([java("java-eager", "eager"), java("java-cooperative", "cooperative")]);
    }
    scenario::play(Course::Bounce, clients);
}
