//! Groups as administrators see and change them.

use std::time::Duration;

use futures_util::StreamExt;
use thalweg_client::{Commit, Error, ErrorCode, Offset, ResetTo, Start, TopicPartition};

use super::{Place, committed, next, until};

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> ErrorCode {
    outcome.unwrap_err().code().expect("a refusal with a code")
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_listed_described_and_deleted() {
    let place = Place::new(&[]).await;
    let admin = place.client.admin();
    place.topic("t", 2).await;
    place.fill("t", 2, 10).await;
    assert_eq!(admin.groups(&[], &[]).await.unwrap(), []);
    assert_eq!(code(admin.group("g").await), ErrorCode::GroupIdNotFound);
    assert_eq!(code(admin.group_lag("g").await), ErrorCode::GroupIdNotFound);
    assert_eq!(admin.group_offsets("g").await.unwrap(), []);
    assert_eq!(code(admin.delete_group("g").await), ErrorCode::GroupIdNotFound);

    let mut consumer = place.consumer("g", "t").client_id("me").commit(Commit::Manual).build().await.unwrap();
    let control = consumer.control();
    let message = next(&mut consumer).await;
    consumer.commit(&message).await.unwrap();
    until("the group is stable", || async { admin.group("g").await.unwrap().group.state == "Stable" }).await;
    let listed = admin.groups(&["stable"], &["consumer"]).await.unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str(), listed[0].kind.as_str()), (1, "g", "consumer"));
    assert_eq!(admin.groups(&["Empty"], &[]).await.unwrap(), []);
    let described = admin.group("g").await.unwrap();
    let [member] = described.members.as_slice() else { panic!("{described:?}") };
    assert_eq!((member.id.clone(), member.client_id.as_str()), (control.member_id(), "me"));
    assert_eq!((member.client_host.as_str(), member.classic), ("/127.0.0.1", false));
    assert_eq!(
        (&member.topics, &member.assigned),
        (&vec!["t".to_owned()], &vec![partition(0), partition(1)])
    );
    assert_eq!((described.assignor.as_str(), member.epoch), ("uniform", described.epoch));

    let lag = admin.group_lag("g").await.unwrap();
    let read = &lag[message.partition as usize];
    assert_eq!((read.committed, read.start, read.end, read.lag), (Some(1), Some(0), Some(10), Some(9)));
    assert_eq!(read.member.as_ref().unwrap().1, "me");
    let mut watched = admin.watch_group_lag("g", Duration::from_millis(50)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(watched.next().await.unwrap().unwrap(), lag);
    }
    let unread = &lag[1 - message.partition as usize];
    assert_eq!((unread.committed, unread.end, unread.lag), (None, Some(10), None));

    assert_eq!(code(admin.delete_group("g").await), ErrorCode::NonEmptyGroup);
    assert_eq!(code(admin.reset_group_offsets("g", &[], ResetTo::End, true).await), ErrorCode::NonEmptyGroup);
    let deleted = admin.delete_group_offsets("g", &[partition(0)]).await.unwrap();
    assert_eq!(deleted[0].0, partition(0));
    assert_eq!(deleted[0].1.clone().unwrap_err().code(), Some(ErrorCode::GroupSubscribedToTopic));
    consumer.close().await.unwrap();
    let described = admin.group("g").await.unwrap();
    assert_eq!((described.group.state.as_str(), described.members.len()), ("Empty", 0));
    let deleted = admin.delete_group_offsets("g", &[partition(message.partition)]).await.unwrap();
    assert_eq!(deleted[0].1, Ok(()));
    assert!(committed(&place.client, "g").await.is_empty());
    admin.delete_group("g").await.unwrap();
    assert_eq!(admin.groups(&[], &[]).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_moved_where_they_are_told() {
    let place = Place::new(&[]).await;
    let admin = place.client.admin();
    place.topic("t", 2).await;
    place.fill("t", 2, 10).await;
    admin.trim("t", &[(0, 2)]).await.unwrap();
    let moved = async |to, validate_only| {
        let resets = admin.reset_group_offsets("g", &[("t", &[])], to, validate_only).await.unwrap();
        resets.into_iter().map(|reset| (reset.previous, reset.outcome)).collect::<Vec<_>>()
    };
    assert_eq!(
        code(admin.reset_group_offsets("g", &[], ResetTo::End, false).await),
        ErrorCode::GroupIdNotFound
    );
    let unknown = admin.reset_group_offsets("g", &[("nope", &[])], ResetTo::End, false).await;
    assert_eq!(code(unknown), ErrorCode::UnknownTopicOrPartition);

    assert_eq!(moved(ResetTo::Start, true).await, [(None, Ok(2)), (None, Ok(0))]);
    assert_eq!(admin.groups(&[], &[]).await.unwrap(), [], "nothing has been done");
    assert_eq!(moved(ResetTo::Offset(5), false).await, [(None, Ok(5)), (None, Ok(5))]);
    assert_eq!(committed(&place.client, "g").await, [(partition(0), 5), (partition(1), 5)].into());
    assert_eq!(moved(ResetTo::Shift(-4), true).await, [(Some(5), Ok(2)), (Some(5), Ok(1))]);
    assert_eq!(moved(ResetTo::Shift(99), true).await, [(Some(5), Ok(10)), (Some(5), Ok(10))]);
    assert_eq!(moved(ResetTo::Offset(0), true).await, [(Some(5), Ok(2)), (Some(5), Ok(0))]);
    assert_eq!(moved(ResetTo::Timestamp(i64::MAX), true).await, [(Some(5), Ok(10)), (Some(5), Ok(10))]);
    assert_eq!(moved(ResetTo::Timestamp(0), false).await, [(Some(5), Ok(2)), (Some(5), Ok(0))]);
    let one = admin.reset_group_offsets("g", &[("t", &[1, 7])], ResetTo::End, false).await.unwrap();
    assert_eq!((one[0].partition.clone(), one[0].outcome.clone()), (partition(1), Ok(10)));
    assert_eq!(code(one[1].outcome.clone()), ErrorCode::UnknownTopicOrPartition);
    assert_eq!(committed(&place.client, "g").await, [(partition(0), 2), (partition(1), 10)].into());
    let all = admin.reset_group_offsets("g", &[], ResetTo::Offset(4), false).await.unwrap();
    assert_eq!(all.len(), 2);

    let mut consumer = place.consumer("g", "t").start(Start::End).build().await.unwrap();
    let mut offsets = [4, 4];
    for _ in 0..12 {
        let message = next(&mut consumer).await;
        let offset = &mut offsets[message.partition as usize];
        assert_eq!(message.offset, *offset);
        *offset += 1;
    }
    // A note goes with an offset, and stays.
    let noted = Offset { metadata: "half past".to_owned(), ..Offset::new("t", 0, 7) };
    consumer.control().commit_offsets(vec![noted.clone()]).await.unwrap();
    assert!(admin.group_offsets("g").await.unwrap().contains(&noted));
}

#[tokio::test(flavor = "multi_thread")]
async fn classic_groups_are_told_of_where_the_consumer_protocol_is_not_served() {
    let place = Place::new(&["group.coordinator.rebalance.protocols=classic"]).await;
    let admin = place.client.admin();
    place.topic("t", 2).await;
    assert_eq!(code(admin.group("g").await), ErrorCode::GroupIdNotFound);
    admin.reset_group_offsets("g", &[("t", &[1])], ResetTo::Start, false).await.unwrap();
    let described = admin.group("g").await.unwrap();
    assert_eq!((described.group.kind.as_str(), described.group.state.as_str()), ("classic", "Empty"));
    let lag = admin.group_lag("g").await.unwrap();
    assert_eq!((lag.len(), lag[0].partition.clone(), lag[0].lag), (1, partition(1), Some(0)));
    assert_eq!(code(place.consumer("g", "t").build().await), ErrorCode::UnsupportedVersion);
}
