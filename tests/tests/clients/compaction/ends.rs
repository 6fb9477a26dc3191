//! The last records of a log are removed: its end stays where it was, and readers come to it.

use std::sync::Arc;

use super::Client;
use super::follower::{Follower, From};
use super::gaps::{EAGER, wait_until_left, write_plainly};
use super::ledger::Ledger;
use crate::harness::broker::Broker;
use crate::harness::own;
use crate::kcat;

#[test]
fn readers_reach_the_end_of_a_log_whose_last_records_are_gone() {
    let mut broker = Broker::start(&["log.cleaner.backoff.ms=50"]);
    let settings = [EAGER.as_slice(), &["delete.retention.ms=0"]].concat();
    own::create_topic_with(&broker, "tail", 1, &settings);
    let ledger = Arc::new(Ledger::default());
    // By a producer that is not idempotent: of such a one nothing is kept for its sequence.
    for (from, value) in [(0, "here"), (10, "")] {
        let changes: Vec<_> = (from..40).map(|n| (format!("key-{n}"), value)).collect();
        write_plainly(&broker, "tail", 0, &changes, &ledger);
    }
    assert_eq!(kcat::ends(&broker, "tail", 1), [70]);
    wait_until_left(&broker, "tail", &ledger);
    assert_eq!(ledger.left().len(), 10);

    assert_ends(&broker, &Client::ALL, &[0, 68], &ledger);
    broker.kill();
    broker.start_again();
    assert_ends(&broker, &[Client::Librdkafka], &[0, 5, 30, 69, 70], &ledger);

    // And what comes behind the end comes.
    let mut followers = Client::ALL.map(|client| Follower::start(client, &broker, "tail", 1, &ledger));
    for follower in &mut followers {
        follower.wait("what is left", |state| state.last(0) == Some(9));
    }
    write_plainly(&broker, "tail", 0, &[("key-new".to_owned(), "here")], &ledger);
    for mut follower in followers {
        follower.wait("the new record", |state| state.last(0) == Some(70));
        assert_eq!(follower.finish().places().len(), 11);
    }
}

/// Has clients read from these offsets on: they get what is left there, and come to the end.
fn assert_ends(broker: &Broker, clients: &[Client], offsets: &[i64], ledger: &Arc<Ledger>) {
    assert_eq!(kcat::ends(broker, "tail", 1), [70]);
    let mut followers = Vec::new();
    for (client, offset) in clients.iter().flat_map(|client| offsets.iter().map(|offset| (*client, *offset)))
    {
        let from = From { partitions: 1, offset, reset: "none" };
        followers.push((offset, Follower::from(client, broker, "tail", &from, ledger)));
    }
    for (offset, mut follower) in followers {
        let (client, left) = (follower.client, usize::try_from((10 - offset).max(0)).unwrap());
        follower.wait("the end", |state| {
            let at_end = !client.tells_ends() || state.ends.get(&0) == Some(&70);
            at_end && state.places().len() >= left
        });
        assert_eq!(follower.finish().places().len(), left, "{client:?} from {offset}");
    }
}
