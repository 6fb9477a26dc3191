//! Groups of other people's clients: members join, leave and die under load, and so does the broker.
//!
//! Every record of the load is processed at least once, none is skipped, and what a member was told is committed is not read again.

mod group;
mod ledger;
mod load;
mod mixed;
mod scenario;

use group::Client;

use crate::harness::setup;

const TOPIC: &str = "load";
const PARTITIONS: i32 = 12;

#[test]
fn members_on_java_join_leave_and_die() {
    let client = |name, protocol| Client { name, program: || setup::java("Member"), protocol };
    scenario::play(vec![
        client("java-eager", "eager"),
        client("java-cooperative", "cooperative"),
        client("java-consumer", "consumer"),
    ]);
}

#[test]
fn members_on_librdkafka_and_python_join_leave_and_die() {
    let confluent =
        |name, protocol| Client { name, program: || setup::python("group_confluent.py"), protocol };
    scenario::play(vec![
        confluent("confluent-kafka-classic", "classic"),
        confluent("confluent-kafka-consumer", "consumer"),
        Client {
            name: "kafka-python",
            program: || setup::python("group_kafka_python.py"),
            protocol: "classic",
        },
        Client { name: "aiokafka", program: || setup::python("group_aio.py"), protocol: "classic" },
    ]);
}

#[test]
fn members_on_go_and_node_join_leave_and_die() {
    let franz = |name, protocol| Client { name, program: || setup::go("franz-go", "group"), protocol };
    scenario::play(vec![
        franz("franz-go-classic", "classic"),
        franz("franz-go-consumer", "consumer"),
        Client { name: "sarama", program: || setup::go("sarama", "group"), protocol: "classic" },
        Client { name: "kafka-go", program: || setup::go("kafka-go", "group"), protocol: "classic" },
        Client { name: "kafkajs", program: || setup::node("kafkajs", "group.js"), protocol: "classic" },
    ]);
}
