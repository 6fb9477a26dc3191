//! SIGTERM in the middle of a load: everything acknowledged is there, offsets unbroken.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::broker::Broker;
use crate::harness::records::by_partition;
use crate::harness::{command, own, setup};
use crate::kcat;

#[test]
fn sigterm_under_load_loses_nothing_and_doubles_nothing() {
    let mut broker = Broker::start(&["log.segment.bytes=1048576"]);
    own::create_topic(&broker, "load", 4);
    let acknowledged = broker.data.parent().unwrap().join("acknowledged");
    let mut load = setup::python("load.py");
    load.args([&broker.kafka, "load", "4"]).stdin(Stdio::piped());
    let mut load = load.stdout(std::fs::File::create(&acknowledged).unwrap()).spawn().unwrap();
    let size = || std::fs::metadata(&acknowledged).unwrap().len();
    for _ in 0..3 {
        // Under load means: acknowledgements come in while the signal is sent.
        let (before, until) = (size(), Instant::now() + Duration::from_secs(60));
        while size() < before + 50_000 {
            assert!(Instant::now() < until, "the load stands still");
            std::thread::sleep(Duration::from_millis(5));
        }
        let status = broker.stop();
        assert!(status.success(), "SIGTERM ends with {status}");
        broker.start_again();
    }
    drop(load.stdin.take()); // the load ends, and waits for what is still under way
    let status = command::wait(&mut load, Duration::from_secs(120)).expect("the load ends");
    assert!(status.success(), "the load: {status}");

    let text = std::fs::read_to_string(&acknowledged).unwrap();
    let mut promised: BTreeMap<(i32, i64), &str> = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let place = (words[0].parse().unwrap(), words[1].parse().unwrap());
        assert!(promised.insert(place, words[2]).is_none(), "two records were promised the place {place:?}");
    }
    let seen = kcat::consume(&broker, "load");
    for (partition, records) in by_partition(&seen) {
        for (at, record) in records.iter().enumerate() {
            assert_eq!(
                record.offset,
                i64::try_from(at).unwrap(),
                "partition {partition}: offsets are unbroken"
            );
            let value = std::str::from_utf8(record.value.as_deref().unwrap()).unwrap();
            let number = value.split(' ').next().unwrap();
            let promise = promised.remove(&(partition, record.offset));
            assert_eq!(
                promise,
                Some(number),
                "partition {partition}, offset {at}: what was acknowledged there"
            );
        }
        let numbers = records
            .iter()
            .map(|r| std::str::from_utf8(r.value.as_deref().unwrap()).unwrap().split(' ').next().unwrap());
        let numbers: Vec<u64> = numbers.map(|n| n.parse().unwrap()).collect();
        assert!(
            numbers.windows(2).all(|pair| pair[0] < pair[1]),
            "partition {partition}: in order, none twice"
        );
    }
    assert!(promised.is_empty(), "acknowledged and lost: {:?}", promised.first_key_value());
}
