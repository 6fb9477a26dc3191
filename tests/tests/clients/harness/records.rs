//! Records as a consumer saw them, and whether they are what was produced.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::data::Pair;

/// One record that a consumer got.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
}

/// Reads the lines of the programs under `tests/clients`: partition, offset, key and value in base64.
pub fn parse_lines(text: &str) -> Vec<Seen> {
    text.lines().map(parse_line).collect()
}

/// Reads one such line.
pub fn parse_line(line: &str) -> Seen {
    let parts: Vec<&str> = line.split(' ').collect();
    assert_eq!(parts.len(), 4, "partition, offset, key, value: {line:?}");
    let field = |text: &str| match text {
        "-" => None,
        "=" => Some(Vec::new()),
        data => Some(STANDARD.decode(data).unwrap()),
    };
    Seen {
        partition: parts[0].parse().unwrap(),
        offset: parts[1].parse().unwrap(),
        key: field(parts[2]),
        value: field(parts[3]),
    }
}

/// Bytes as those lines have them.
pub fn encode(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "-".to_owned(),
        Some([]) => "=".to_owned(),
        Some(data) => STANDARD.encode(data),
    }
}

/// A key and a value as one line of base64.
pub fn line(pair: &Pair) -> String {
    format!("{} {}\n", STANDARD.encode(&pair.0), STANDARD.encode(&pair.1))
}

/// Each partition's records in the order in which they came.
pub fn by_partition(seen: &[Seen]) -> BTreeMap<i32, Vec<&Seen>> {
    let mut partitions: BTreeMap<i32, Vec<&Seen>> = BTreeMap::new();
    for record in seen {
        partitions.entry(record.partition).or_default().push(record);
    }
    partitions
}

/// Fails unless the records are the produced ones, byte for byte: all of them, those of one key in one partition,
/// each partition in the order of production with offsets 0, 1, 2, …
pub fn assert_produced(who: &str, produced: &[Pair], seen: &[Seen]) {
    let mut home: HashMap<&[u8], i32> = HashMap::new();
    for record in seen {
        let key = record
            .key
            .as_deref()
            .unwrap_or_else(|| panic!("{who}: no key at {}:{}", record.partition, record.offset));
        let partition = *home.entry(key).or_insert(record.partition);
        assert_eq!(
            partition,
            record.partition,
            "{who}: the key {:?} stands in two partitions",
            String::from_utf8_lossy(key)
        );
    }
    let mut wanted: BTreeMap<i32, Vec<&Pair>> = BTreeMap::new();
    for pair in produced {
        let partition = home
            .get(pair.0.as_slice())
            .unwrap_or_else(|| panic!("{who}: lost {:?}", String::from_utf8_lossy(&pair.0)));
        wanted.entry(*partition).or_default().push(pair);
    }
    let partitions = by_partition(seen);
    assert!(partitions.len() > 1 || produced.len() < 10, "{who}: all records stand in one partition");
    for (partition, records) in &partitions {
        let wanted = &wanted[partition];
        for (at, (record, pair)) in records.iter().zip(wanted).enumerate() {
            let place = format!("{who}: partition {partition}, record {at}");
            assert_eq!(record.offset, i64::try_from(at).unwrap(), "{place}: offset");
            assert!(
                record.key.as_deref() == Some(&pair.0),
                "{place}: {:?} instead of {:?}",
                text(record.key.as_deref()),
                text(Some(&pair.0))
            );
            assert!(
                record.value.as_deref() == Some(&pair.1),
                "{place}: {:?} instead of {:?}",
                text(record.value.as_deref()),
                text(Some(&pair.1))
            );
        }
        assert_eq!(records.len(), wanted.len(), "{who}: records in partition {partition}");
    }
    assert_eq!(seen.len(), produced.len(), "{who}: records");
}

fn text(bytes: Option<&[u8]>) -> String {
    bytes.map_or("null".to_owned(), |b| String::from_utf8_lossy(b).chars().take(200).collect())
}
