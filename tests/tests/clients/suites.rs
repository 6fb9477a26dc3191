//! Other people's own tests of their clients: what passes on Apache Kafka passes here, but for what waits for features to come.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::{command, full, peers};

/// A suite, and the broker that it wants.
struct Suite<'a> {
    name: &'static str,
    /// Where the broker is to be; some suites know one address only.
    address: &'static str,
    settings: &'a [&'a str],
    arguments: &'a [&'a str],
    limit: Duration,
}

/// Tests that pass only now and then on Kafka too: they count on delivery within milliseconds.
const FLAKY: [&str; 2] = [
    "test_low_producers::test_base_producer_timeout",
    "test_low_consumers::test_produce_consume_message_queue_nonempty_callback",
];

/// Tests of several parts that their own fault cuts short, on Kafka too, so that chance decides which parts come to their end:
/// `getOffsets` of kafka-go's test calls a function that nobody set. Each part is to pass in one of some runs.
const CUT_SHORT: [&str; 1] = ["TestReaderConsumerGroup"];
const RUNS_OF_CUT_SHORT: usize = 4;

const ANYWHERE: &str = "127.0.0.1:0";
const WELL_KNOWN: &str = "127.0.0.1:9092";

const fn suite(name: &'static str) -> Suite<'static> {
    Suite { name, address: ANYWHERE, settings: &[], arguments: &[], limit: Duration::from_secs(1800) }
}

impl Suite<'_> {
    /// Runs the whole suite.
    fn run(&self) {
        self.run_tests(&[]);
    }

    /// Runs some of its tests, all when none is named.
    fn run_tests(&self, tests: &[&str]) {
        let broker = Broker::start_on(self.address, self.settings);
        let (mut missing, mut said) = self.missing(&broker, tests);
        for test in CUT_SHORT {
            for _ in 1..RUNS_OF_CUT_SHORT {
                if missing.iter().any(|part| is_within(part, test)) {
                    let (again, more) = self.missing(&broker, &[test]);
                    missing.retain(|part| !is_within(part, test) || again.contains(part));
                    said += &more;
                }
            }
        }
        let waiting = waiting(self.name);
        let waits = |test: &str| waiting.iter().any(|w| is_within(test, w) || is_within(w, test));
        let failed: Vec<&String> =
            missing.iter().filter(|test| !waits(test) && !FLAKY.contains(&test.as_str())).collect();
        assert!(failed.is_empty(), "{}: pass on Kafka, not here: {failed:#?}\n{said}", self.name);
        let outdated: Vec<&String> =
            waiting.iter().filter(|w| is_chosen(w, tests) && !missing.contains(*w)).collect();
        assert!(
            outdated.is_empty(),
            "{}: listed in docs/COMPATIBILITY.md, but they pass: {outdated:#?}",
            self.name
        );
        println!("{}: {} tests wait", self.name, missing.len());
    }

    /// Runs the suite once: which of the tests asked for pass on Kafka and not here, and all that was printed.
    fn missing(&self, broker: &Broker, tests: &[&str]) -> (BTreeSet<String>, String) {
        let python = command::program("python3", "install Python 3");
        let server = if self.address == WELL_KNOWN { "localhost:9092" } else { &broker.kafka };
        let mut check = Command::new(python);
        check.arg(peers::path("suites/check")).args([self.name, server]).args(tests).args(self.arguments);
        let output = command::attempt(&mut check, b"", self.limit);
        let text = output.text();
        assert!(text.contains(" passed, "), "the suite did not end: {text}{}", output.stderr);
        let missing = text.lines().filter_map(|line| line.strip_prefix("passes on Kafka, not here: "));
        let missing = missing.filter(|test| is_chosen(test, tests)).map(str::to_owned).collect();
        (missing, format!("{text}{}", output.stderr))
    }
}

/// Whether a test is one of those asked for, of all when none is named.
fn is_chosen(test: &str, tests: &[&str]) -> bool {
    tests.is_empty() || tests.iter().any(|named| is_within(test, named))
}

/// Whether a test is the named one or a subtest of it.
fn is_within(test: &str, named: &str) -> bool {
    test.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The tests of a suite in the list "Suites of clients" of docs/COMPATIBILITY.md.
fn waiting(suite: &str) -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMPATIBILITY.md");
    let text = std::fs::read_to_string(page).unwrap();
    let rows = text.lines().skip_while(|line| *line != "| suite | test | waits for |").skip(2);
    let rows = rows.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let known = ["transactions", "share groups", "ACLs", "quotas", "SASL"];
        assert!(cells.len() == 3 && cells[2].split(", ").all(|feature| known.contains(&feature)), "{line}");
        (cells[0].to_owned(), cells[1].trim_matches('`').to_owned())
    });
    let rows: Vec<(String, String)> = rows.collect();
    assert!(!rows.is_empty(), "docs/COMPATIBILITY.md has the list");
    rows.into_iter().filter(|(name, _)| name == suite).map(|(_, test)| test).collect()
}

/// Fails when a header that a suite is compiled with is missing.
fn header(name: &str, package: &str) {
    let folders = [
        "/usr/include",
        "/usr/local/include",
        "/usr/include/x86_64-linux-gnu",
        "/usr/include/aarch64-linux-gnu",
    ];
    let found = folders.iter().any(|folder| Path::new(folder).join(name).exists());
    assert!(found, "the header {name} is not installed: Debian's package is {package}");
}

#[test]
fn rskafka() {
    suite("rskafka").run();
}

#[test]
fn kgo() {
    if full() {
        Suite { arguments: &["--broker-only"], ..suite("kgo") }.run();
    } else {
        let tests = ["TestGroupSimple", "TestGroupETL", "TestIssue523", "Test848RegexBrokerResolves"];
        Suite { arguments: &["--records", "10000"], ..suite("kgo") }.run_tests(&tests);
    }
}

#[test]
fn goka() {
    suite("goka").run_tests(if full() {
        &[]
    } else {
        &["TestRebalance", "TestMessageCommit", "TestRecoverAhead"]
    });
}

#[test]
fn librdkafka() {
    if !full() {
        return println!("only with FULL=1: it takes minutes");
    }
    for (name, package) in [
        ("rapidjson/document.h", "rapidjson-dev"),
        ("openssl/ssl.h", "libssl-dev"),
        ("zlib.h", "zlib1g-dev"),
        ("zstd.h", "libzstd-dev"),
    ] {
        header(name, package);
    }
    let settings =
        &["num.partitions=4", "group.initial.rebalance.delay.ms=3000", "group.min.session.timeout.ms=1000"];
    let unwilling = Broker::start(&[settings.as_slice(), &["auto.create.topics.enable=false"]].concat());
    Suite { settings, arguments: &["--noautocreate", &unwilling.kafka], ..suite("librdkafka") }.run();
}

#[test]
fn rdkafka() {
    if !full() {
        return println!("only with FULL=1: librdkafka and all around it is compiled");
    }
    command::program("cmake", "install CMake (Debian: cmake)");
    header("curl/curl.h", "libcurl4-openssl-dev");
    let settings = &["node.id=0", "num.partitions=3", "advertised.listeners=PLAINTEXT://localhost:9092"];
    Suite { address: WELL_KNOWN, settings, ..suite("rdkafka") }.run();
}

#[test]
fn kafka_go() {
    let settings = &[
        "node.id=1",
        "num.partitions=1",
        "message.max.bytes=200000000",
        "group.initial.rebalance.delay.ms=3000",
        "advertised.listeners=PLAINTEXT://localhost:9092",
    ];
    let suite = Suite { address: WELL_KNOWN, settings, ..suite("kafka-go") };
    if full() {
        Suite { arguments: &["--sasl"], ..suite }.run();
    } else {
        suite.run_tests(&["TestConsumerGroup", "TestReaderConsumerGroup", "TestCloseLeavesGroup"]);
    }
}
