//! Brokers and members that die.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use thalweg_client::{Commit, GroupEvent, Record};
use tokio::time::Instant;

use super::{PATIENCE, Place, SETTINGS, committed, event, next, until};
use crate::broker::Broker;

const PARTITIONS: i32 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn members_survive_a_broker_that_is_killed() {
    let place = Place::new(&["flush.mode=sync"]).await;
    place.topic("kept", PARTITIONS).await;
    let every = Commit::Every(Duration::from_millis(50));
    let mut consumers = Vec::new();
    for _ in 0..2 {
        consumers.push(place.consumer("g", "kept").commit(every).build().await.unwrap());
    }
    let members: Vec<String> = consumers.iter().map(|consumer| consumer.control().member_id()).collect();
    let controls: Vec<_> = consumers.iter().map(thalweg_client::Consumer::control).collect();
    until("the two share", || async { controls.iter().all(|control| control.assignment().len() == 3) }).await;
    let mut events = consumers[0].events();
    let (seen, mut sees) = tokio::sync::mpsc::unbounded_channel();
    for mut consumer in consumers {
        let seen = seen.clone();
        tokio::spawn(async move {
            while let Some(message) = consumer.next().await {
                if seen.send(message.unwrap()).is_err() {
                    return;
                }
            }
        });
    }
    let producer = place.client.producer().build();
    let fed = tokio::spawn(async move {
        for number in 0..300 {
            for partition in 0..PARTITIONS {
                let record = Record::new("kept").partition(partition).value(number.to_string());
                drop(producer.enqueue(record).await.unwrap());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        producer.close().await.unwrap();
    });
    let Place { mut broker, client, data } = place;
    let (http, mut highest) = (broker.http.clone(), BTreeMap::new());
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(900)).await;
        highest = committed(&client, "g").await;
        broker.kill();
        broker = Broker::start_with(data.path(), &http, &[SETTINGS, &["flush.mode=sync"]].concat());
        until("the group is back", || async { client.admin().group("g").await.is_ok() }).await;
        for (partition, offset) in committed(&client, "g").await {
            assert!(highest.get(&partition).is_none_or(|before| *before <= offset), "{partition} moved back");
        }
    }
    fed.await.unwrap();
    let mut nexts = vec![0; PARTITIONS as usize];
    while nexts.iter().any(|next| *next < 300) {
        let message = tokio::time::timeout(PATIENCE, sees.recv()).await.expect("every record").unwrap();
        let next = &mut nexts[message.partition as usize];
        assert_eq!(message.offset, *next, "each once and in order: nobody has lost a partition");
        *next += 1;
    }
    assert!(!highest.is_empty());
    let group = client.admin().group("g").await.unwrap();
    let ids: Vec<&str> = group.members.iter().map(|member| member.id.as_str()).collect();
    assert!(members.iter().all(|member| ids.contains(&member.as_str())), "{members:?} {ids:?}");
    assert!(futures_util::FutureExt::now_or_never(events.next()).is_none(), "no rebalance");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_holds_on_gives_up_before_the_group_goes_on_without_it() {
    let quick = [
        "group.consumer.min.session.timeout.ms=500",
        "group.consumer.session.timeout.ms=500",
        "group.consumer.min.heartbeat.interval.ms=100",
        "group.consumer.heartbeat.interval.ms=100",
    ];
    let place = Place::new(&quick).await;
    place.topic("t", 2).await;
    place.fill("t", 2, 5).await;
    let mut consumer = place
        .consumer("g", "t")
        .commit(Commit::Manual)
        .rebalance_timeout(Duration::from_millis(1_500))
        .build()
        .await
        .unwrap();
    let mut events = consumer.events();
    for _ in 0..10 {
        next(&mut consumer).await;
    }
    consumer.commit_all().await.unwrap();
    let other = place.consumer("g", "t").build().await.unwrap();
    let begun = Instant::now();
    let held = loop {
        match event(&mut events).await {
            GroupEvent::Revoking { done, .. } => break done,
            GroupEvent::Assigned { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    let control = other.control();
    until("the other has a partition", || async { !control.assignment().is_empty() }).await;
    assert!(begun.elapsed() > Duration::from_millis(1_000), "{:?}", begun.elapsed());
    assert_eq!(consumer.control().assignment().len(), 1, "the other one it has still");
    assert!(futures_util::FutureExt::now_or_never(events.next()).is_none(), "nothing is lost");
    drop(held);
    other.close().await.unwrap();
    place.fill("t", 2, 1).await;
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 2 {
        let message = next(&mut consumer).await;
        assert_eq!(message.offset, 5, "from what was committed");
        seen.insert(message.partition);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_member_finds_its_partitions_again() {
    let place = Place::new(&[]).await;
    place.topic("t", 4).await;
    let instance = |name: &str| place.consumer("g", "t").instance_id(name);
    let one = instance("one").build().await.unwrap();
    let two = instance("two").build().await.unwrap();
    let (of_one, of_two) = (one.control(), two.control());
    until("they share", || async { of_one.assignment().len() == 2 && of_two.assignment().len() == 2 }).await;
    let before = of_one.assignment();
    one.close().await.unwrap();
    let again = instance("one").build().await.unwrap();
    let control = again.control();
    until("it has partitions", || async { control.assignment().len() == 2 }).await;
    assert_eq!(control.assignment(), before);
    assert_eq!(of_two.assignment().len(), 2, "the other has not noticed");
}
