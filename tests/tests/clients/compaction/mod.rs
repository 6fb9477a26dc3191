//! Logs out of which records go: compacted topics and retention, under clients of three families that produce and read meanwhile.

mod changes;
mod ends;
mod follower;
mod gaps;
mod ledger;
mod producer;
mod retired;
mod segments;
mod tester;

use std::process::Command;

use crate::harness::setup;

/// A family of clients, each with a program that produces and one that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Client {
    Java,
    Librdkafka,
    FranzGo,
}

impl Client {
    const ALL: [Client; 3] = [Client::Java, Client::Librdkafka, Client::FranzGo];

    fn producer(self) -> Command {
        match self {
            Client::Java => setup::java("Producer"),
            Client::Librdkafka => setup::python("produce.py"),
            Client::FranzGo => setup::go("franz-go", "produce"),
        }
    }

    fn follower(self) -> Command {
        match self {
            Client::Java => setup::java("Follower"),
            Client::Librdkafka => setup::python("follow.py"),
            Client::FranzGo => setup::go("franz-go", "follow"),
        }
    }

    /// Whether the library says that it has come to the end of a partition.
    fn tells_ends(self) -> bool {
        self != Client::FranzGo
    }
}
