//! A subscription by a regular expression that takes minutes to be matched with the names of topics.

use thalweg_broker::world::real;
use thalweg_proto::api::ApiKey;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::consumer_group_heartbeat::{Request, Response};

use crate::support::{Broker, Client, PATIENCE};

async fn beat(client: &mut Client, who: (&str, &str), epoch: i32, regex: Option<&str>) -> Response {
    let (group, member) = who;
    let joins = epoch == 0;
    let request = Request {
        group_id: group.into(),
        member_id: member.into(),
        member_epoch: epoch,
        rebalance_timeout_ms: if joins { 60_000 } else { -1 },
        subscribed_topic_regex: regex.map(Into::into),
        topic_partitions: joins.then(Vec::new),
        ..Default::default()
    };
    client.ask(ApiKey::ConsumerGroupHeartbeat, 1, &request).await
}

/// As long as a name may be, of `a` and `b` in an order that repeats nowhere.
fn long_name(number: u64) -> String {
    let mut state = number;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if state >> 63 == 0 { 'a' } else { 'b' }
    };
    (0..249).map(|_| letter()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expression_that_takes_minutes_holds_nobody_up() {
    // All groups are in one shard.
    let settings = [
        ("offsets.topic.num.partitions", "1"),
        ("group.consumer.assignment.interval.ms", "0"),
        ("flush.mode", "os"),
    ];
    let broker = Broker::with(&settings, real::world()).await;
    let mut client = broker.client().await;
    for number in 0..200 {
        client.create_topic(&long_name(number), 1, &[]).await;
    }
    client.create_topic("orders-eu", 1, &[]).await;
    client.find_coordinator("g").await;

    let too_long = beat(&mut client, ("hostile", "one"), 0, Some(&"a".repeat(20_000))).await;
    assert_eq!(too_long.error_code, ErrorCode::InvalidRegularExpression.code(), "{too_long:?}");
    // Together they take more than a minute.
    let begun = tokio::time::Instant::now();
    for times in 1_000..1_012 {
        let (member, regex) = (times.to_string(), "(a*b*)*".repeat(times));
        let hostile = beat(&mut client, ("hostile", &member), 0, Some(&regex)).await;
        assert_eq!(hostile.error_code, 0, "{hostile:?}");
    }

    // The others of the shard are answered, and their expressions have their turn.
    let harmless = ("harmless", "member");
    let mut answer = beat(&mut client, harmless, 0, Some("orders-.*")).await;
    while answer.assignment.as_ref().is_none_or(|assignment| assignment.topic_partitions.is_empty()) {
        assert_eq!(answer.error_code, 0, "{answer:?}");
        assert!(begun.elapsed() < PATIENCE, "the expression is not resolved");
        answer = beat(&mut client, harmless, answer.member_epoch, None).await;
    }
}
