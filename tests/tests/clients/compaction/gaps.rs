//! Gaps, and batches without records: readers pass over them, and the producers that wrote them go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use thalweg_proto::record::BatchHeader;

use super::Client;
use super::follower::{Follower, From};
use super::ledger::{Change, Ledger, Place};
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

/// Has each producer write to the partition of its number, and all of it overwritten: its last batch stays without records.
fn write_and_overwrite(broker: &Broker, producers: &mut [Producer; 3], ledger: &Ledger) {
    for (partition, producer) in (0..).zip(producers) {
        for n in 0..KEYS {
            let (key, value) = (format!("key-{n}").into_bytes(), Some(b"first".to_vec()));
            producer.send(&Change { partition, key, value });
        }
        producer.flush();
        // One call is a batch or a few; the second empties those of the first in part.
        let keys = (0..KEYS).map(|n| (format!("key-{n}"), "overwritten"));
        let changes: Vec<_> = keys.clone().chain(keys.step_by(3)).collect();
        for part in changes.chunks(KEYS) {
            write_plainly(broker, "gaps", partition, part, ledger);
        }
    }
    wait_until_left(broker, "gaps", ledger);
}

/// The one batch of each partition's producer, which has no records.
fn emptied(broker: &Broker) -> Vec<BatchHeader> {
    let of = |partition| -> BatchHeader {
        let batches = segments::batches(broker, "gaps", partition);
        let mut of_producer = batches.iter().filter(|batch| batch.has_producer());
        match (of_producer.next(), of_producer.next()) {
            (Some(batch), None) if batch.records_count == 0 => *batch,
            _ => panic!(
                "partition {partition}: not one batch without records is left of its producer: {batches:?}"
            ),
        }
    };
    (0..3).map(of).collect()
}

/// Has every client read from these offsets on: it gets what is left there.
fn read(broker: &Broker, offsets: &[i64], ledger: &Arc<Ledger>) {
    let mut followers = Vec::new();
    for (client, offset) in
        Client::ALL.iter().flat_map(|client| offsets.iter().map(|offset| (*client, *offset)))
    {
        let from = From { partitions: 3, offset, reset: "none" };
        followers.push((offset, Follower::from(client, broker, "gaps", &from, ledger)));
    }
    for (offset, mut follower) in followers {
        let left: Vec<Place> = ledger.left().into_iter().filter(|place| place.1 >= offset).collect();
        follower.wait("all that is left", |state| state.places().len() >= left.len());
        let client = follower.client;
        assert_eq!(follower.finish().places(), left, "{client:?} from {offset}");
    }
}

#[test]
fn readers_pass_over_gaps_and_emptied_batches_whose_producers_go_on() {
    let mut broker = Broker::start(&["log.cleaner.backoff.ms=50"]);
    own::create_topic_with(&broker, "gaps", 3, &EAGER);
    let ledger = Arc::new(Ledger::default());
    let mut producers = Client::ALL.map(|client| Producer::start(client, &broker, "gaps", "lz4", &ledger));
    write_and_overwrite(&broker, &mut producers, &ledger);
    let before = emptied(&broker);
    read(&broker, &[0, 7], &ledger);

    // What the producers have written last is known by the emptied batches alone.
    broker.kill();
    broker.start_again();
    write_and_overwrite(&broker, &mut producers, &ledger);
    for (before, after) in before.iter().zip(emptied(&broker)) {
        let same = (before.producer_id, before.producer_epoch);
        assert_eq!(same, (after.producer_id, after.producer_epoch), "a producer goes on as who it was");
        let last = |batch: &BatchHeader| batch.base_sequence + batch.last_offset_delta;
        let step = i32::try_from(KEYS).unwrap();
        assert_eq!(last(&after), last(before) + step, "its sequence goes on");
    }
    read(&broker, &[0], &ledger);
    producers.into_iter().for_each(Producer::finish);
    assert!(broker.stop().success());
    let dump = segments::dump(&broker, "gaps", 3);
    assert_eq!(dump.places, ledger.left(), "records that kafka-dump-log finds");
    println!("{} segments, {} records, {} empty batches", dump.segments, dump.places.len(), dump.empty);
    assert!(dump.empty >= 3, "{} empty batches for kafka-dump-log", dump.empty);
}
