//! Looking offsets up by time.

use thalweg_proto::record::{BatchBuilder, Compression};

use super::{Fixture, NOW, settings};
use crate::log::TimedOffset;
use crate::world::Random;

fn fixture(seed: u64) -> (Fixture, Vec<i64>) {
    let settings = settings(|settings| {
        settings.segment_bytes = 4_000;
        settings.max_message_bytes = 3_000;
        settings.index_interval_bytes = 200;
        settings.message_timestamp_after_max_ms = i64::MAX;
        settings.segment_ms = i64::MAX;
    });
    let fixture = Fixture::new(seed, settings);
    let mut timestamps = Vec::new();
    for _ in 0..150 {
        let mut builder =
            BatchBuilder::new(Compression::ALL[usize::try_from(fixture.sim.random.below(5)).unwrap()]);
        for _ in 0..=fixture.sim.random.below(4) {
            let timestamp = NOW + i64::try_from(fixture.sim.random.below(2_000)).unwrap();
            builder.append(timestamp, None, Some(b"value"), []).unwrap();
            timestamps.push(timestamp);
        }
        fixture.append(builder.build().unwrap()).unwrap();
    }
    (fixture, timestamps)
}

fn check(fixture: &Fixture, timestamps: &[i64], log_start: usize) {
    let exact =
        |place: usize| TimedOffset { offset: place as i64, timestamp: timestamps[place], leader_epoch: 0 };
    for wanted in (NOW - 1..NOW + 2_010).step_by(7) {
        let first = (log_start..timestamps.len()).find(|place| timestamps[*place] >= wanted);
        assert_eq!(fixture.partition.offset_for_timestamp(wanted).unwrap(), first.map(exact), "{wanted}");
    }
    let largest = timestamps.iter().max().unwrap();
    let first = timestamps.iter().position(|timestamp| timestamp == largest).map(exact);
    assert_eq!(fixture.partition.max_timestamp().unwrap(), first);
}

#[test]
fn are_found_exactly_in_any_order_and_codec() {
    for seed in 0..10 {
        let (mut fixture, timestamps) = fixture(seed);
        assert_eq!(fixture.partition.offset_for_timestamp(0).unwrap(), None, "nothing is durable yet");
        fixture.partition.flush().unwrap();
        check(&fixture, &timestamps, 0);
        fixture.partition.delete_records_before(20).unwrap();
        check(&fixture, &timestamps, 20);
        fixture.manager.close().unwrap();
        fixture.reopen().unwrap();
        check(&fixture, &timestamps, 20);
        fixture.sim.disk.crash();
        fixture.reopen().unwrap();
        check(&fixture, &timestamps, 20);
    }
}
