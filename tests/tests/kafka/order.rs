//! Requests behind each other on one connection, and many connections behind one disk.

use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::{api_versions, fetch, produce};

use crate::support::{Broker, fetch_request, produce_request};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipelined_requests_are_answered_in_order_and_appended_in_order() {
    let broker = Broker::start().await;
    let mut client = broker.client().await;
    client.create_topic("orders", 3, &[]).await;
    let mut expected = Vec::new();
    for round in 0..200 {
        let request = produce_request("orders", round % 3, &[&format!("v{round}")]);
        expected.push(client.send(ApiKey::Produce, 9, &request).await);
        if round % 10 == 0 {
            // An answer that is ready at once must not overtake those that wait for a sync.
            expected.push(client.send(ApiKey::Fetch, 12, &fetch_request("orders", 0, 0)).await);
        }
    }
    let mut offsets = [0; 3];
    let mut round = 0;
    for number in expected {
        if round % 10 == 1 && offsets.iter().sum::<i64>() == i64::from(round) && is_fetch(&number, round) {
            let (answered, _) = client.receive::<fetch::Response>(ApiKey::Fetch, 12).await.unwrap();
            assert_eq!(answered, number);
            continue;
        }
        let (answered, response) = client.receive::<produce::Response>(ApiKey::Produce, 9).await.unwrap();
        assert_eq!(answered, number);
        let partition = usize::try_from(round % 3).unwrap();
        assert_eq!(response.responses[0].partition_responses[0].base_offset, offsets[partition]);
        offsets[partition] += 1;
        round += 1;
    }
    for partition in 0..3 {
        let values: Vec<String> =
            client.read_all("orders", partition).await.into_iter().map(|(_, value)| value).collect();
        let sent: Vec<String> =
            (0..200).filter(|round| round % 3 == partition).map(|round| format!("v{round}")).collect();
        assert_eq!(values, sent);
    }
    broker.server.shutdown().await.unwrap();
}

/// Requests are numbered from 1; one created the topic, and each tenth produce is followed by a fetch.
fn is_fetch(number: &i32, produced: i32) -> bool {
    let fetched_before = (produced - 1) / 10;
    *number == 2 + produced + fetched_before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_poll_holds_up_the_requests_behind_it_and_nobody_else() {
    let broker = Broker::start().await;
    let mut client = broker.client().await;
    client.create_topic("orders", 1, &[]).await;
    let slow = fetch::Request { min_bytes: 1, max_wait_ms: 300, ..fetch_request("orders", 0, 0) };
    let first = client.send(ApiKey::Fetch, 12, &slow).await;
    let second = client.send(ApiKey::ApiVersions, 0, &api_versions::Request::default()).await;
    let mut other = broker.client().await;
    let begun = std::time::Instant::now();
    let _: api_versions::Response =
        other.ask(ApiKey::ApiVersions, 0, &api_versions::Request::default()).await;
    assert!(begun.elapsed().as_millis() < 250, "another connection waited for the long poll");
    assert_eq!(client.receive::<fetch::Response>(ApiKey::Fetch, 12).await.unwrap().0, first);
    assert_eq!(client.receive::<api_versions::Response>(ApiKey::ApiVersions, 0).await.unwrap().0, second);
    broker.server.shutdown().await.unwrap();
}
