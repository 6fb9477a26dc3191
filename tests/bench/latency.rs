//! How long one producer waits for an acknowledgement that means "on disk".

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::client::{Client, batch};
use crate::figure;
use crate::process::{BOTH, Broker, Kind};

const RECORDS: u32 = 5_000;

/// 1 KiB records one at a time, acks=all; Kafka is told to sync each record, as ours does by default.
pub fn acknowledgement() {
    let [thalweg, kafka] = BOTH.map(|kind| {
        let settings: &[&str] = if kind == Kind::Kafka { &["log.flush.interval.messages=1"] } else { &[] };
        let broker = Broker::start(kind, settings);
        let mut client = Client::connect(&broker.kafka).unwrap();
        client.create_topic("one", 1, &[]);
        let mut times: Histogram<u64> = Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
        let batch = batch(1024);
        for round in 0..RECORDS + RECORDS / 5 {
            let started = Instant::now();
            assert_eq!(client.produce("one", &batch), 0);
            let elapsed = started.elapsed();
            if round >= RECORDS / 5 {
                times.record(u64::try_from(elapsed.as_micros()).unwrap()).unwrap();
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        times
    });
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let at = |times: &Histogram<u64>| {
            f64::from(u32::try_from(times.value_at_quantile(quantile)).unwrap()) / 1000.0
        };
        figure::print(&format!("acknowledged and synced, {name}"), "ms", at(&thalweg), at(&kafka));
    }
}
