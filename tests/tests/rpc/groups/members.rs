//! What one member sees: starts, events, commits, seeks, pauses, and futures that are dropped.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use thalweg_client::{Commit, Error, ErrorCode, GroupEvent, NewTopic, Offset, Record, Start, TopicPartition};
use tokio::time::Instant;

use super::{PATIENCE, Place, committed, event, next, until};

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_begins_where_the_group_left_off_or_where_it_is_told() {
    let place = Place::new(&[]).await;
    place.topic("t", 1).await;
    place.fill("t", 1, 10).await;
    for (group, start, first) in [
        ("a", Start::Beginning, 0),
        ("b", Start::Offset(4), 4),
        ("c", Start::Tail(3), 7),
        ("d", Start::Offset(99), 0),
    ] {
        let mut consumer = place.consumer(group, "t").start(start).build().await.unwrap();
        assert_eq!(next(&mut consumer).await.offset, first, "{start:?}");
        consumer.close().await.unwrap();
        assert_eq!(committed(&place.client, group).await[&partition(0)], first + 1, "the close commits");
        let mut again = place.consumer(group, "t").start(start).build().await.unwrap();
        assert_eq!(next(&mut again).await.offset, first + 1, "the group goes on");
        drop(again);
        // Asking for nothing more, the user has not said that the message is done with.
        until("the dropped one has left", || async {
            place.client.admin().group(group).await.unwrap().members.is_empty()
        })
        .await;
        assert_eq!(committed(&place.client, group).await[&partition(0)], first + 1);
    }
    // What was committed is gone.
    place.client.admin().trim("t", &[(0, 6)]).await.unwrap();
    let mut late = place.consumer("a", "t").build().await.unwrap();
    assert_eq!(next(&mut late).await.offset, 6);

    let mut end = place.consumer("e", "t").start(Start::End).build().await.unwrap();
    let mut events = end.events();
    if end.control().position(&partition(0)).is_none() {
        assert!(matches!(event(&mut events).await, GroupEvent::Assigned { .. }));
    }
    place.fill("t", 1, 1).await;
    assert_eq!(next(&mut end).await.offset, 10, "what came after the assignment");
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_given_up_when_the_user_has_done_with_them() {
    let place = Place::new(&[]).await;
    place.topic("t", 2).await;
    place.fill("t", 2, 20).await;
    let mut first = place.consumer("g", "t").commit(Commit::Manual).build().await.unwrap();
    let mut events = first.events();
    let mut read = BTreeSet::new();
    while read.len() < 40 {
        let message = next(&mut first).await;
        read.insert((message.partition, message.offset));
    }
    assert!(committed(&place.client, "g").await.is_empty(), "nothing is committed by itself");

    let mut second = place.consumer("g", "t").commit(Commit::Manual).build().await.unwrap();
    let (partitions, deadline, done) = loop {
        match event(&mut events).await {
            GroupEvent::Revoking { partitions, deadline, done } => break (partitions, deadline, done),
            GroupEvent::Assigned { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(partitions.len(), 1);
    assert!(deadline > Instant::now() + Duration::from_secs(30));
    assert!(tokio::time::timeout(Duration::from_secs(1), second.next()).await.is_err(), "not given up yet");
    assert_eq!(first.control().assignment().len(), 2);
    let given = &partitions[0];
    first.control().commit_offsets(vec![Offset::new("t", given.partition, 15)]).await.unwrap();
    done.done();
    for offset in 15..20 {
        let message = next(&mut second).await;
        assert_eq!((message.topic_partition(), message.offset), (given.clone(), offset));
        second.commit(&message).await.unwrap();
    }
    assert_eq!(committed(&place.client, "g").await, [(given.clone(), 20)].into());
    let late = first.control().commit_offsets(vec![Offset::new("t", given.partition, 1)]).await;
    assert_eq!(late, Err(Error::NotAssigned { partition: given.clone() }));

    second.close().await.unwrap();
    let back = event(&mut events).await;
    assert!(
        matches!(&back, GroupEvent::Assigned { partitions } if *partitions == [given.clone()]),
        "{back:?}"
    );
    place.fill("t", 2, 1).await;
    let mut offsets = BTreeSet::new();
    for _ in 0..2 {
        let message = next(&mut first).await;
        offsets.insert((message.partition, message.offset));
    }
    assert_eq!(offsets, [(0, 20), (1, 20)].into());
    first.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn seek_pause_and_lag_do_what_they_say() {
    let place = Place::new(&[]).await;
    place.topic("t", 2).await;
    place.fill("t", 2, 10).await;
    let mut consumer = place.consumer("g", "t").commit(Commit::Manual).build().await.unwrap();
    let control = consumer.control();
    let unknown = TopicPartition::new("t", 9);
    let not_assigned = Err(Error::NotAssigned { partition: unknown.clone() });
    assert_eq!(control.seek(&unknown, Start::Offset(0)).await, not_assigned);
    assert_eq!(control.pause(std::slice::from_ref(&unknown)), not_assigned);

    next(&mut consumer).await;
    control.pause(&[partition(1)]).unwrap();
    control.seek(&partition(0), Start::Offset(7)).await.unwrap();
    for offset in 7..10 {
        let message = next(&mut consumer).await;
        assert_eq!((message.partition, message.offset), (0, offset));
    }
    assert!(consumer.next().now_or_never().is_none());
    assert_eq!(control.position(&partition(0)), Some(10));
    let paused = control.position(&partition(1)).unwrap();
    let behind = (10 - paused) as u64;
    assert_eq!(control.lag().await.unwrap(), [(partition(0), 0), (partition(1), behind)]);
    control.seek(&partition(1), Start::Tail(2)).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(300), consumer.next()).await.is_err(), "paused still");
    control.resume(&[partition(1)]).unwrap();
    for offset in 8..10 {
        let message = next(&mut consumer).await;
        assert_eq!((message.partition, message.offset), (1, offset));
    }
    control.seek(&partition(0), Start::Beginning).await.unwrap();
    assert_eq!(next(&mut consumer).await.offset, 0);
    consumer.commit_all().await.unwrap();
    assert_eq!(committed(&place.client, "g").await, [(partition(0), 1), (partition(1), 10)].into());
    consumer.close().await.unwrap();
    assert_eq!(control.pause(&[partition(0)]), Err(Error::NotAssigned { partition: partition(0) }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_future_loses_no_message_and_no_commit() {
    let place = Place::new(&[]).await;
    place.topic("t", 3).await;
    let producer = place.client.producer().linger(Duration::ZERO).build();
    let fed = tokio::spawn(async move {
        for number in 0..1_500 {
            producer.send(Record::new("t").partition(number % 3).value("v")).await.unwrap();
        }
    });
    let mut consumer = place.consumer("g", "t").commit(Commit::Manual).max_bytes(1).build().await.unwrap();
    let mut nexts = [0; 3];
    let mut drops = 0;
    let begun = Instant::now();
    while nexts != [500; 3] {
        assert!(begun.elapsed() < PATIENCE, "{nexts:?}");
        // Polled once, and dropped where nothing was there yet.
        let Some(message) = consumer.next().now_or_never() else {
            drops += 1;
            tokio::time::sleep(Duration::from_micros(200)).await;
            continue;
        };
        let message = message.unwrap().unwrap();
        let next = &mut nexts[message.partition as usize];
        assert_eq!(message.offset, *next);
        *next += 1;
    }
    fed.await.unwrap();
    assert!(drops > 10, "{drops}");
    // The commit is under way.
    assert!(consumer.commit_all().now_or_never().is_none());
    until("the commit is there", || async { committed(&place.client, "g").await.len() == 3 }).await;
    assert!(committed(&place.client, "g").await.values().all(|offset| *offset == 500));
    // A seek that is dropped has happened or not.
    let control = consumer.control();
    assert!(control.seek(&partition(0), Start::Beginning).now_or_never().is_none());
    assert_eq!(control.position(&partition(0)), Some(500));
    assert!(consumer.close().now_or_never().is_none());
    until("the close goes on", || async {
        place.client.admin().group("g").await.unwrap().members.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_follow_the_topics_and_refusals_are_told() {
    let place = Place::new(&[]).await;
    place.topic("orders-1", 1).await;
    place.topic("bills", 1).await;
    let mut consumer = place.client.consumer("g").pattern("orders-.*").build().await.unwrap();
    place.fill("orders-1", 1, 1).await;
    assert_eq!(&*next(&mut consumer).await.topic, "orders-1");
    place.topic("orders-2", 1).await;
    place.fill("orders-2", 1, 1).await;
    assert_eq!(&*next(&mut consumer).await.topic, "orders-2");
    let control = consumer.control();
    place.client.admin().delete_topic("orders-1").await.unwrap();
    until("the deleted topic is gone", || async {
        control.assignment() == [TopicPartition::new("orders-2", 0)]
    })
    .await;
    place.topic("orders-1", 1).await;
    place.fill("orders-1", 1, 1).await;
    let message = next(&mut consumer).await;
    assert_eq!((&*message.topic, message.offset), ("orders-1", 0), "made again, it begins anew");

    let mut later = place.client.consumer("h").topics(["later"]).build().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(300), later.next()).await.is_err());
    place.client.admin().create_topic(NewTopic::new("later").partitions(1)).await.unwrap();
    place.fill("later", 1, 1).await;
    assert_eq!(&*next(&mut later).await.topic, "later");

    let code = |built: Result<thalweg_client::Consumer, Error>| built.unwrap_err().code();
    assert_eq!(
        code(place.client.consumer("").topics(["bills"]).build().await),
        Some(ErrorCode::InvalidRequest)
    );
    assert_eq!(
        code(place.client.consumer("i").pattern("(").build().await),
        Some(ErrorCode::InvalidRegularExpression)
    );
    assert_eq!(
        code(place.consumer("i", "bills").assignor("none").build().await),
        Some(ErrorCode::UnsupportedAssignor)
    );
}
