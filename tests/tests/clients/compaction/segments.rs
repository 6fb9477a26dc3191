//! What stands in the segment files of a partition, as `kafka-dump-log` and the headers of the batches say.

use std::path::PathBuf;

use thalweg_proto::record::BatchHeader;

use crate::harness::broker::Broker;
use crate::harness::peers::run_tool;

/// The batches of a partition, as its files are at this moment; what is being written or replaced counts up to where it is whole.
pub fn batches(broker: &Broker, topic: &str, partition: i32) -> Vec<BatchHeader> {
    let mut headers = Vec::new();
    for file in files(broker, topic, partition, "log") {
        // It may have gone since it was listed.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let mut rest = bytes.as_slice();
        while let Ok(header) = BatchHeader::parse(rest) {
            rest = rest.get(header.size_in_bytes()..).unwrap_or_default();
            headers.push(header);
        }
    }
    headers
}

/// The files of a partition with this ending.
pub fn files(broker: &Broker, topic: &str, partition: i32, ending: &str) -> Vec<PathBuf> {
    let folder = broker.data.join(format!("{topic}-{partition}"));
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    files.sort();
    files
}

/// What `kafka-dump-log` finds in the partitions of a stopped broker.
#[derive(Default)]
pub struct Dump {
    /// Partition and offset of every record.
    pub places: Vec<(i32, i64)>,
    /// Batches without records.
    pub empty: usize,
    pub segments: usize,
}

/// Has the tool read every segment and every index; it must find nothing wrong.
pub fn dump(broker: &Broker, topic: &str, partitions: i32) -> Dump {
    let of =
        |ending| (0..partitions).flat_map(|p| names(files(broker, topic, p, ending))).collect::<Vec<_>>();
    let (logs, indexes) = (of("log"), [of("index"), of("timeindex")].concat());
    let mut dump = Dump { segments: logs.len(), ..Dump::default() };
    let mut partition = -1;
    for line in read_by_tool(&logs, &["--deep-iteration"]).lines() {
        let field = |name: &str| line.split_once(&format!("{name}: "))?.1.split(' ').next();
        if let Some(path) = line.strip_prefix("Dumping ") {
            let folder = path.rsplit('/').nth(1).unwrap();
            partition = folder.rsplit('-').next().unwrap().parse().unwrap();
        } else if line.starts_with("| offset: ") {
            dump.places.push((partition, field("offset").unwrap().parse().unwrap()));
        } else if line.starts_with("baseOffset: ") {
            dump.empty += usize::from(field("count") == Some("0"));
        }
    }
    read_by_tool(&indexes, &[]);
    read_by_tool(&indexes, &["--index-sanity-check"]);
    dump.places.sort_unstable();
    dump
}

fn names(files: Vec<PathBuf>) -> Vec<String> {
    files.into_iter().map(|file| file.to_str().unwrap().to_owned()).collect()
}

fn read_by_tool(files: &[String], more: &[&str]) -> String {
    let output = run_tool("dump-log", &[&["--files", &files.join(",")], more].concat());
    let text = output.text() + &output.stderr;
    for bad in ["invalid", "isvalid: false", "corrupt", "mismatch", "Mismatch", "Exception", "Found"] {
        let line = text.lines().find(|line| line.contains(bad));
        assert!(line.is_none(), "dump-log says {bad:?}: {line:?}");
    }
    text
}
