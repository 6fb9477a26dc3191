//! Compaction on demand and the purge of a key, through the client crate: what comes meanwhile, brokers that die, clients that
//! go away, segments that are damaged.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use thalweg_client::{
    Client, CompactionOutcome, Error, ErrorCode, NewTopic, Purge, PurgedPartition, Record, Start,
};
use tokio::task::JoinHandle;

use crate::broker::Broker;
use crate::{page, read_all};

const SECRET: &str = "jane.doe@example.org";
/// Slow enough for a purge to be met at work.
const SLOW: &str = "log.cleaner.io.max.bytes.per.second=6000000";

/// The segment files of a partition, whatever they are called.
fn segments(data: &Path, partition: &str) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(data.join(partition)).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = listed.filter(|path| path.to_str().unwrap().contains(".log")).collect();
    found.sort();
    found
}

fn files_with_secret(data: &Path, partition: &str) -> usize {
    let holds = |path: &&PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    };
    segments(data, partition).iter().filter(holds).count()
}

/// A topic of one partition with `count` records of about 1 KiB, every hundredth the secret's.
async fn fill(client: &Client, topic: NewTopic, count: usize) {
    let name = topic.name.clone();
    client.admin().create_topic(topic.partitions(1).config("segment.bytes", "1048576")).await.unwrap();
    let producer = client.producer().build();
    for number in 0..count {
        let key = if number % 100 == 50 { SECRET.to_owned() } else { format!("key-{number}") };
        let value = format!("{number}-{}", "v".repeat(1_000));
        drop(producer.enqueue(Record::new(name.as_str()).key(key).value(value)).await.unwrap());
    }
    producer.close().await.unwrap();
}

/// What a purge did, and the phases that it told of.
type Purging = JoinHandle<Result<(Vec<PurgedPartition>, Vec<String>), Error>>;

fn purge(client: &Client) -> Purging {
    let client = client.clone();
    tokio::spawn(async move {
        let mut phases: Vec<String> = Vec::new();
        let admin = client.admin();
        let done = admin.purge_key(Purge::new("t", SECRET), |progress| {
            assert!(progress.bytes_done <= progress.bytes_total);
            if phases.last() != Some(&progress.phase) {
                phases.push(progress.phase);
            }
        });
        let done = done.await?;
        Ok((done, phases))
    })
}

#[tokio::test]
async fn records_that_come_during_a_purge_are_told_and_readers_go_on() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start_with(data.path(), "127.0.0.1:0", &[SLOW]);
    let client = Client::connect(&broker.http).await.unwrap();
    fill(&client, NewTopic::new("t"), 5_000).await;
    let purging = purge(&client);
    let producer = client.producer().build();
    let mut during = Vec::new();
    let mut reader = client.reader().topic("t", Start::Beginning).build().await.unwrap();
    let mut read = 0;
    while !purging.is_finished() {
        let ack = producer.send(Record::new("t").key(SECRET).value("during")).await.unwrap();
        during.push(ack.offset);
        for _ in 0..50 {
            let next = tokio::time::timeout(Duration::from_millis(1), reader.next()).await;
            read += usize::from(next.is_ok_and(|message| message.unwrap().is_ok()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (done, phases) = purging.await.unwrap().unwrap();
    let [done] = done.as_slice() else { panic!("{done:?}") };
    let proof = done.proof.as_ref().unwrap();
    assert!(
        ["searching", "rewriting", "proving"].iter().all(|name| phases.iter().any(|told| told == name)),
        "{phases:?}"
    );
    assert!(done.records_removed >= 50 && read > 0, "{done:?}");
    let remaining: Vec<i64> = proof.remaining.iter().flat_map(|(first, last)| *first..=*last).collect();
    let expected: Vec<i64> = during
        .iter()
        .copied()
        .filter(|offset| {
            let removed = done.segments.iter().flat_map(|segment| &segment.removed);
            *offset < proof.up_to_offset
                && !removed.into_iter().any(|(first, last)| (first..=last).contains(&offset))
        })
        .collect();
    assert!(!remaining.is_empty() && !proof.complete && !done.is_complete());
    assert_eq!(remaining, expected, "every one that came before the end is told");

    let (again, _) = purge(&client).await.unwrap().unwrap();
    assert!(again[0].is_complete(), "{again:?}");
    assert_eq!(files_with_secret(data.path(), "t-0"), 0);
    let left = read_all(&client, "t", Start::Beginning).await;
    assert_eq!(left.len(), 4_950);
    assert!(left.iter().all(|message| message.key.as_deref() != Some(SECRET.as_bytes())));
}

#[tokio::test]
async fn a_purge_that_is_cut_short_is_simply_repeated() {
    let data = tempfile::tempdir().unwrap();
    let mut broker = Broker::start_with(data.path(), "127.0.0.1:0", &[SLOW]);
    let http = broker.http.clone();
    let client = Client::connect(&http).await.unwrap();
    fill(&client, NewTopic::new("t"), 4_000).await;
    for wait_ms in [200, 700, 1_100] {
        let purging = purge(&client);
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        broker.kill();
        let cut = purging.await.unwrap().unwrap_err();
        assert!(cut.is_retryable(), "{cut:?}");
        broker = Broker::start_with(data.path(), &http, &[SLOW]);
        assert_eq!(
            read_all(&client, "t", Start::Beginning)
                .await
                .iter()
                .filter(|m| m.key.as_deref() != Some(SECRET.as_bytes()))
                .count(),
            3_960
        );
    }
    // Who goes away stops it: the next one need not wait for its end.
    let gone = purge(&client);
    tokio::time::sleep(Duration::from_millis(300)).await;
    gone.abort();
    let (done, _) = purge(&client).await.unwrap().unwrap();
    assert!(done[0].is_complete(), "{done:?}");
    assert_eq!(files_with_secret(data.path(), "t-0"), 0);
    assert_eq!(read_all(&client, "t", Start::Beginning).await.len(), 3_960);
}

#[tokio::test]
async fn a_partition_that_cannot_be_compacted_says_so_until_it_can() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start_with(data.path(), "127.0.0.1:0", &["log.cleaner.backoff.ms=600000"]);
    let client = Client::connect(&broker.http).await.unwrap();
    let admin = client.admin();
    let missing = admin.compact("nope", &[], true, drop).await.unwrap_err();
    assert_eq!(missing.code(), Some(ErrorCode::UnknownTopicOrPartition));
    fill(&client, NewTopic::new("t").config("cleanup.policy", "compact"), 3_000).await;
    let first = segments(data.path(), "t-0").remove(0);
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&first).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, 500).unwrap();
    file.write_all_at(&[byte[0] ^ 0x20], 500).unwrap();

    let done = admin.compact("t", &[], true, drop).await.unwrap().remove(0);
    let CompactionOutcome::Failed(error) = &done.run.outcome else { panic!("{done:?}") };
    assert!(error.to_string().contains("corrupt"), "{error}");
    let state = |details: thalweg_client::TopicDetails| details.partitions[0].compaction.clone().unwrap();
    let failed = state(admin.topic("t").await.unwrap());
    assert_eq!((failed.failures, failed.runs), (1, 0));
    assert!(matches!(failed.last_run.unwrap().outcome, CompactionOutcome::Failed(_)));
    assert!(failed.debt_bytes > 2 << 20 && failed.dirty_ratio == 1.0);
    assert!(
        page(&broker, "/metrics").contains("\nthalweg_topic_compaction_failed_partitions{topic=\"t\"} 1\n")
    );
    let purged = admin.purge_key(Purge::new("t", SECRET), drop).await.unwrap().remove(0);
    assert!(
        purged.proof.unwrap_err().to_string().contains("corrupt"),
        "no proof without a look at everything"
    );

    file.write_all_at(&byte, 500).unwrap();
    let done = admin.compact("t", &[0], true, drop).await.unwrap().remove(0);
    assert_eq!((done.run.outcome, done.run.records_after), (CompactionOutcome::Done, 2_971));
    let healthy = state(admin.topic("t").await.unwrap());
    assert_eq!((healthy.failures, healthy.runs, healthy.debt_bytes, healthy.records_removed), (1, 1, 0, 29));
    assert_eq!(healthy.compacted_to, done.end_offset);
}
