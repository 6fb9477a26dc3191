//! Apache Kafka's own `LogCompactionTester`, unmodified.

use crate::harness::broker::Broker;
use crate::harness::{full, peers};

#[test]
fn kafka_log_compaction_tester() {
    let broker = Broker::start(&[
        "log.cleaner.backoff.ms=100",
        "log.cleaner.min.cleanable.ratio=0.01",
        "log.cleaner.max.compaction.lag.ms=500",
        "log.segment.bytes=1048576",
        "log.roll.ms=500",
    ]);
    let (messages, topics, sleep) = if full() { ("500000", "4", "15") } else { ("10000", "1", "3") };
    let mut args = vec!["--bootstrap-server", &broker.kafka, "--messages", messages, "--topics", topics];
    args.extend(["--percent-deletes", "20", "--duplicates", "10", "--sleep", sleep]);
    let said = peers::run_tool("log-compaction-tester", &args).text();
    assert!(said.contains("Data verification is completed") && said.contains(" 0 mismatches"), "{said}");
    // Ten records of each key were written: without compaction nothing would be less.
    let reduction = said.split_once("% reduction").and_then(|(before, _)| before.rsplit('(').next());
    let reduction: f64 = reduction.and_then(|percent| percent.parse().ok()).expect("a reduction in percent");
    println!("log-compaction-tester: {reduction}% reduction");
    assert!(reduction > 50.0, "{said}");
}
