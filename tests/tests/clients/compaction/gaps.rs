//! Gaps, and batches without records: readers pass over them, and the producers that wrote them go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Client;
use super::follower::{Follower, From};
use super::ledger::{Change, Ledger};
use super::producer::Producer;
use super::segments;
use crate::harness::broker::Broker;
use crate::harness::own;
use crate::harness::records::Seen;
use crate::kcat;

/// Compacted as soon as nobody writes for a moment.
pub const EAGER: [&str; 4] =
    ["cleanup.policy=compact", "min.cleanable.dirty.ratio=0", "max.compaction.lag.ms=200", "segment.ms=200"];
const LIMIT: Duration = Duration::from_secs(180);
const KEYS: usize = 20;

/// Waits until the topic's records stand at these places, and nothing else is left.
pub fn wait_until_left(broker: &Broker, topic: &str, ledger: &Ledger) {
    let until = Instant::now() + LIMIT;
    let wanted = ledger.left();
    loop {
        let seen = kcat::consume(broker, topic);
        let mut places: Vec<(i32, i64)> =
            seen.iter().map(|record| (record.partition, record.offset)).collect();
        places.sort_unstable();
        seen.into_iter().for_each(|record| ledger.seen("kcat", record));
        if places == wanted {
            return;
        }
        let too_many = places.iter().filter(|place| !wanted.contains(place)).count();
        let lost: Vec<_> = wanted.iter().filter(|place| !places.contains(place)).collect();
        assert!(lost.is_empty(), "compaction has lost {lost:?}");
        assert!(Instant::now() < until, "{too_many} records of {} are not compacted away", places.len());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn change(partition: i32, key: &str, value: &str) -> Change {
    Change { partition, key: key.as_bytes().to_vec(), value: Some(value.as_bytes().to_vec()) }
}

/// Writes records with a producer that is not idempotent, so that nothing of it is kept for its own sake. Nobody else may be
/// writing to the partition.
pub fn write_plainly(
    broker: &Broker,
    topic: &str,
    partition: i32,
    changes: &[(String, &str)],
    ledger: &Ledger,
) {
    let at = usize::try_from(partition).unwrap();
    let end = kcat::ends(broker, topic, partition + 1)[at];
    let lines: String = changes.iter().map(|(key, value)| format!("{key}\t{value}\n")).collect();
    kcat::produce_lines(broker, topic, at, &lines);
    for (offset, (key, value)) in (end..).zip(changes) {
        let value = (!value.is_empty()).then(|| value.as_bytes().to_vec());
        ledger.seen("kcat", Seen { partition, offset, key: Some(key.as_bytes().to_vec()), value });
    }
}

#[test]
fn readers_pass_over_gaps_and_emptied_batches_whose_producers_go_on() {
    let mut broker = Broker::start(&["log.cleaner.backoff.ms=50"]);
    own::create_topic_with(&broker, "gaps", 3, &EAGER);
    let ledger = Arc::new(Ledger::default());
    let mut producers = Client::ALL.map(|client| Producer::start(client, &broker, "gaps", "lz4", &ledger));
    for (partition, producer) in (0..).zip(&mut producers) {
        (0..KEYS).for_each(|n| producer.send(&change(partition, &format!("key-{n}"), "first")));
        producer.flush();
    }
    for partition in 0..3 {
        // One call is a batch or a few; the second empties those of the first in part.
        let keys = (0..KEYS).map(|n| (format!("key-{n}"), "overwritten"));
        let changes: Vec<_> = keys.clone().chain(keys.step_by(3)).collect();
        for part in changes.chunks(KEYS) {
            write_plainly(&broker, "gaps", partition, part, &ledger);
        }
    }
    wait_until_left(&broker, "gaps", &ledger);
    for partition in 0..3 {
        let batches = segments::batches(&broker, "gaps", partition);
        let empty: Vec<_> = batches.iter().filter(|batch| batch.records_count == 0).collect();
        assert!(
            empty.iter().any(|batch| batch.has_producer() && batch.base_sequence >= 0),
            "partition {partition}: the last batch of its producer is kept without records: {batches:?}"
        );
        assert!(batches.first().unwrap().next_offset() <= i64::try_from(KEYS).unwrap());
    }

    // What the producers have written last is known by the emptied batches alone.
    broker.kill();
    broker.start_again();
    for (partition, producer) in (0..).zip(&mut producers) {
        (0..5).for_each(|n| producer.send(&change(partition, &format!("more-{n}"), "second")));
        producer.flush();
        let batches = segments::batches(&broker, "gaps", partition);
        let emptied = batches.iter().find(|batch| batch.records_count == 0 && batch.has_producer()).unwrap();
        let first =
            batches.iter().rev().find(|batch| batch.has_producer() && batch.records_count > 0).unwrap();
        assert_eq!(
            (first.producer_id, first.producer_epoch),
            (emptied.producer_id, emptied.producer_epoch),
            "partition {partition}: the producer goes on as who it was"
        );
        assert!(first.base_sequence >= 20, "partition {partition}: its sequence goes on: {first:?}");
    }
    producers.into_iter().for_each(Producer::finish);

    let wanted = ledger.left();
    let places = |offset: i64| -> Vec<(i32, i64)> {
        wanted.iter().filter(|place| place.1 >= offset).copied().collect()
    };
    for offset in [0, 7] {
        for client in Client::ALL {
            let from = From { partitions: 3, offset, reset: "none" };
            let mut follower = Follower::from(client, &broker, "gaps", &from, &ledger);
            follower.wait("all that is left", |state| state.places().len() >= places(offset).len());
            assert_eq!(follower.finish().places(), places(offset), "{client:?} from {offset}");
        }
    }
    assert!(broker.stop().success());
    let dump = segments::dump(&broker, "gaps", 3);
    assert_eq!(dump.places, wanted, "records that kafka-dump-log finds");
    println!("gaps: {} segments, {} records, {} empty batches", dump.segments, wanted.len(), dump.empty);
    assert!(dump.empty > 0, "no empty batch is left to be dumped");
}
