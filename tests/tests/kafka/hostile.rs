//! Bytes that no client should send: the connection ends, nothing else does.

use std::time::Instant;

use bytes::{BufMut, BytesMut};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::api_versions;

use crate::support::{Broker, Client, PATIENCE};

async fn answers(client: &mut Client) -> bool {
    let sent = client.send(ApiKey::ApiVersions, 3, &software("test", "1")).await;
    let answer = client.receive::<api_versions::Response>(ApiKey::ApiVersions, 3).await;
    answer.is_some_and(|(number, response)| number == sent && response.error_code == 0)
}

fn software(name: &str, version: &str) -> api_versions::Request {
    api_versions::Request { client_software_name: name.into(), client_software_version: version.into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn impossible_frames_close_their_connection_alone() {
    let broker = Broker::with(&[("socket.request.max.bytes", "1000000")], real()).await;
    let mut steady = broker.client().await;
    for length in [-1, i32::MIN, i32::MAX, 1_000_001, 0] {
        let mut hostile = broker.client().await;
        hostile.raw(&length.to_be_bytes()).await;
        assert!(hostile.frame().await.is_none(), "a frame of {length} bytes was answered");
        assert!(answers(&mut steady).await);
    }
    broker.server.shutdown().await.unwrap();
}

/// Every API key and version with random bytes behind the header: an answer or an end, never a dead broker.
#[test]
fn random_bodies_never_take_the_broker_down() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let broker = runtime.block_on(Broker::start());
    let mut runner = TestRunner::new(Config { cases: 400, ..Config::default() });
    let frame = (-2i16..100, -1i16..20, proptest::collection::vec(any::<u8>(), 0..300));
    runner
        .run(&frame, |(key, version, body)| {
            runtime.block_on(async {
                let mut hostile = broker.client().await;
                let mut frame = BytesMut::new();
                frame.put_i32(i32::try_from(body.len() + 10).unwrap());
                frame.put_i16(key);
                frame.put_i16(version);
                frame.put_i32(7);
                frame.put_i16(-1);
                frame.put_slice(&body);
                hostile.raw(&frame).await;
                drop(hostile);
                let mut steady = broker.client().await;
                prop_assert!(answers(&mut steady).await);
                Ok(())
            })
        })
        .unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        while broker.server.connections() > 0 {
            assert!(begun.elapsed() < PATIENCE, "{} connections are stuck", broker.server.connections());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        broker.server.shutdown().await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_are_refused_and_the_others_served() {
    let broker = Broker::with(&[("max.connections", "3")], real()).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = broker.client().await;
        assert!(answers(&mut client).await);
        clients.push(client);
    }
    let mut refused = broker.client().await;
    assert!(refused.frame().await.is_none());
    assert!(answers(&mut clients[0]).await);
    drop(clients.pop());
    let begun = Instant::now();
    loop {
        let mut again = broker.client().await;
        again.send(ApiKey::ApiVersions, 0, &software("", "")).await;
        if again.frame().await.is_some() {
            break;
        }
        assert!(begun.elapsed() < PATIENCE / 3, "a place that became free is not given to anybody");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    broker.server.shutdown().await.unwrap();
}

fn real() -> thalweg_broker::world::World {
    thalweg_broker::world::real::world()
}
