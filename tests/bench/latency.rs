//! How long producers wait for an acknowledgement that means "on disk": one alone, and several that share their syncs.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::client::{Client, batch};
use crate::figure::{self, Limit};
use crate::process::{BOTH, Broker, Kind};

/// What all producers of a run send together.
const RECORDS: u32 = 5_000;
const PRODUCERS: [u32; 2] = [1, 16];

/// 1 KiB records one at a time, acks=all; Kafka is told to sync each record, as ours does by default.
pub fn acknowledgement() {
    for producers in PRODUCERS {
        let [thalweg, kafka] = BOTH.map(|kind| {
            let settings: &[&str] =
                if kind == Kind::Kafka { &["log.flush.interval.messages=1"] } else { &[] };
            let broker = Broker::start(kind, settings);
            Client::connect(&broker.kafka).unwrap().create_topic("one", 1, &[]);
            times(&broker.kafka, producers)
        });
        for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            let at = |times: &Histogram<u64>| {
                f64::from(u32::try_from(times.value_at_quantile(quantile)).unwrap()) / 1000.0
            };
            let name = format!("acknowledged and synced, {producers} producers, {name}");
            figure::print(&name, "ms", at(&thalweg), at(&kafka), Limit::None);
        }
    }
}

fn times(address: &str, producers: u32) -> Histogram<u64> {
    let mut all = Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..producers).map(|_| scope.spawn(|| one(address, RECORDS / producers))).collect();
        for thread in threads {
            all.add(thread.join().unwrap()).unwrap();
        }
    });
    all
}

fn one(address: &str, records: u32) -> Histogram<u64> {
    let mut client = Client::connect(address).unwrap();
    let mut times: Histogram<u64> = Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
    let batch = batch(1024);
    for round in 0..records + records / 5 {
        let started = Instant::now();
        assert_eq!(client.produce("one", &batch), 0);
        let elapsed = started.elapsed();
        if round >= records / 5 {
            times.record(u64::try_from(elapsed.as_micros()).unwrap()).unwrap();
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    times
}
