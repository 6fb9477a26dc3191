//! kcat (librdkafka) produces and consumes, with every codec.

use std::process::Command;
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::data::{self, Pair};
use crate::harness::records::{Seen, assert_produced, by_partition};
use crate::harness::{command, oracle, own};

const LIMIT: Duration = Duration::from_secs(300);

fn kcat(broker: &Broker, args: &[&str]) -> Command {
    let mut kcat = Command::new(command::program("kcat", "apt-get install kcat"));
    kcat.args(["-b", &broker.kafka]).args(args);
    kcat
}

/// `kcat -P -K`: key and value apart by one control character, records by another, for values are of several lines.
pub fn produce(broker: &Broker, topic: &str, codec: &str, pairs: &[Pair]) {
    let mut input = Vec::new();
    for (key, value) in pairs {
        for part in [key, &b"\x1e"[..], value, b"\x1f"] {
            input.extend_from_slice(part);
        }
    }
    let args = [
        "-P",
        "-t",
        topic,
        "-K",
        "\\x1e",
        "-D",
        "\\x1f",
        "-z",
        codec,
        "-X",
        "topic.partitioner=murmur2_random",
    ];
    command::run(&mut kcat(broker, &args), &input, LIMIT);
}

/// `kcat -P` of lines, key and value apart by a tabulator, to one partition; an empty value is a null.
pub fn produce_lines(broker: &Broker, topic: &str, partition: usize, lines: &str) {
    let args = ["-P", "-Z", "-t", topic, "-p", &partition.to_string(), "-K", "\t"];
    command::run(&mut kcat(broker, &args), lines.as_bytes(), LIMIT);
}

/// `kcat -C` of a whole topic.
pub fn consume(broker: &Broker, topic: &str) -> Vec<Seen> {
    let format = "%p %o %K %S\\n%k%s\\n";
    let output = command::run(
        &mut kcat(broker, &["-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", format]),
        b"",
        LIMIT,
    );
    parse(&output.stdout)
}

/// The end offset of each partition, as ListOffsets gives it.
pub fn ends(broker: &Broker, topic: &str, partitions: i32) -> Vec<i64> {
    offsets(broker, topic, partitions, -1)
}

/// The first offset of each partition, as ListOffsets gives it.
pub fn starts(broker: &Broker, topic: &str, partitions: i32) -> Vec<i64> {
    offsets(broker, topic, partitions, -2)
}

fn offsets(broker: &Broker, topic: &str, partitions: i32, time: i64) -> Vec<i64> {
    let of = |partition| {
        let args = ["-Q", "-t", &format!("{topic}:{partition}:{time}")];
        let output = command::run(&mut kcat(broker, &args), b"", LIMIT).text();
        output
            .trim()
            .rsplit(' ')
            .next()
            .and_then(|end| end.parse().ok())
            .unwrap_or_else(|| panic!("kcat -Q says {output:?}"))
    };
    (0..partitions).map(of).collect()
}

/// Partition, offset, length of key and value (-1 for null) on a line, then their bytes.
fn parse(mut rest: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    while !rest.is_empty() {
        let line_end = rest.iter().position(|b| *b == b'\n').unwrap();
        let line = std::str::from_utf8(&rest[..line_end]).unwrap();
        let numbers: Vec<i64> = line.split(' ').map(|n| n.parse().unwrap()).collect();
        rest = &rest[line_end + 1..];
        let mut take = |length: i64| {
            let (bytes, behind) = rest.split_at(usize::try_from(length).ok()?);
            rest = behind;
            Some(bytes.to_vec())
        };
        let (key, value) = (take(numbers[2]), take(numbers[3]));
        seen.push(Seen { partition: i32::try_from(numbers[0]).unwrap(), offset: numbers[1], key, value });
        rest = rest.strip_prefix(b"\n").unwrap();
    }
    seen
}

#[test]
fn kcat_produces_and_both_read_the_same_with_every_codec() {
    let broker = Broker::start(&[]);
    let stanzas = data::stanzas();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("packages-{codec}");
        own::create_topic(&broker, &topic, 4);
        produce(&broker, &topic, codec, stanzas);
        let theirs = consume(&broker, &topic);
        assert_produced(&format!("kcat, {codec}"), stanzas, &theirs);
        if !oracle() {
            let ours = own::consume(&broker, &topic);
            assert_produced(&format!("thalweg consume, {codec}"), stanzas, &ours);
            assert!(by_partition(&ours) == by_partition(&theirs), "{codec}: kcat and thalweg consume differ");
        }
    }
}
