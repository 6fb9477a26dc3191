//! Members that join and leave while records keep coming.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use thalweg_client::{Client, Commit, Record};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{PATIENCE, Place, committed, until};

const PARTITIONS: i32 = 12;
const RECORDS: i64 = 400;

/// Who has read what: for each partition the offsets in the order in which they were read.
type Ledger = Arc<Mutex<BTreeMap<i32, Vec<i64>>>>;

/// A member that reads until it is told to stop, and how it stops.
struct Reader {
    stop: oneshot::Sender<()>,
    ended: JoinHandle<u64>,
}

impl Reader {
    async fn start(client: &Client, group: &str, ledger: &Ledger) -> Self {
        let mut consumer = client
            .consumer(group)
            .topics(["load"])
            .commit(Commit::Every(Duration::from_millis(100)))
            .build()
            .await
            .unwrap();
        let (stop, mut stopped) = oneshot::channel();
        let ledger = ledger.clone();
        let ended = tokio::spawn(async move {
            let mut read = 0;
            loop {
                tokio::select! {
                    _ = &mut stopped => break,
                    message = consumer.next() => {
                        let message = message.unwrap().unwrap();
                        ledger.lock().unwrap().entry(message.partition).or_default().push(message.offset);
                        read += 1;
                        if read % 50 == 0 {
                            tokio::time::sleep(Duration::from_millis(2)).await;
                        }
                    }
                }
            }
            consumer.close().await.unwrap();
            read
        });
        Self { stop, ended }
    }

    /// Leaves; how many messages it has read.
    async fn stop(self) -> u64 {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap()
    }
}

/// Records into every partition, evenly over some seconds.
fn feed(client: &Client) -> JoinHandle<()> {
    let producer = client.producer().linger(Duration::from_millis(2)).build();
    tokio::spawn(async move {
        for number in 0..RECORDS {
            for partition in 0..PARTITIONS {
                let record = Record::new("load").partition(partition).value(number.to_string());
                drop(producer.enqueue(record).await.unwrap());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        producer.close().await.unwrap();
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_join_and_leave_read_every_record_once() {
    let place = Place::new(&[]).await;
    place.topic("load", PARTITIONS).await;
    let ledger = Ledger::default();
    let fed = feed(&place.client);
    let pause = || tokio::time::sleep(Duration::from_millis(700));

    let first = Reader::start(&place.client, "g", &ledger).await;
    pause().await;
    let second = Reader::start(&place.client, "g", &ledger).await;
    let third = Reader::start(&place.client, "g", &ledger).await;
    pause().await;
    assert!(first.stop().await > 0, "the first has read");
    pause().await;
    let fourth = Reader::start(&place.client, "g", &ledger).await;
    pause().await;
    assert!(third.stop().await > 0, "the third has read");
    let fifth = Reader::start(&place.client, "g", &ledger).await;
    fed.await.unwrap();

    let all = (PARTITIONS as usize) * (RECORDS as usize);
    let count = || ledger.lock().unwrap().values().map(Vec::len).sum::<usize>();
    until("every record is read", || async { count() >= all }).await;
    for reader in [second, fourth, fifth] {
        assert!(reader.stop().await > 0, "everyone has read");
    }
    let expected: Vec<i64> = (0..RECORDS).collect();
    for (partition, offsets) in ledger.lock().unwrap().iter() {
        assert_eq!(*offsets, expected, "partition {partition}: each record once, in order");
    }
    let committed = committed(&place.client, "g").await;
    assert_eq!(committed.len(), PARTITIONS as usize);
    assert!(committed.values().all(|offset| *offset == RECORDS), "{committed:?}");
    let left = place.client.admin().group("g").await.unwrap();
    assert_eq!((left.members.len(), left.group.state.as_str()), (0, "Empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_never_asks_keeps_its_partitions_and_one_that_dies_loses_them() {
    // A session is over after a second; the broker sends the heartbeats.
    let quick = [
        "group.consumer.min.session.timeout.ms=1000",
        "group.consumer.session.timeout.ms=1000",
        "group.consumer.min.heartbeat.interval.ms=200",
        "group.consumer.heartbeat.interval.ms=200",
    ];
    let place = Place::new(&quick).await;
    place.topic("load", PARTITIONS).await;
    place.fill("load", PARTITIONS, 3).await;
    let slow = place.consumer("g", "load").build().await.unwrap();
    // Another process: its runtime goes, and with it its connection, without a word.
    let (address, assigned) = (place.broker.http.clone(), slow.control());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let dying = runtime.spawn(async move {
        let client = Client::connect(address).await.unwrap();
        let grace = Duration::from_millis(500);
        let mut consumer = client.consumer("g").topics(["load"]).grace(grace).build().await.unwrap();
        let mut seen = HashMap::new();
        while seen.len() < 6 {
            let message = consumer.next().await.unwrap().unwrap();
            seen.insert(message.partition, message.offset);
        }
        consumer
    });
    let dying = tokio::time::timeout(PATIENCE, dying).await.unwrap().unwrap();
    until("the two share", || async { assigned.assignment().len() == 6 }).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(assigned.assignment().len(), 6, "longer than a session nobody has asked for a message");
    // Dropped with its runtime: the tasks that would say goodbye are gone first.
    runtime.shutdown_background();
    std::mem::forget(dying);
    until("the slow one has all", || async { assigned.assignment().len() == 12 }).await;
    slow.close().await.unwrap();
}
