//! How far a group is behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use thalweg_proto::grpc::v1;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{describe, offsets};
use crate::engine::{Engine, EngineError};
use crate::front::grpc::status;

/// Time between two looks, for watchers that do not choose, and at least.
const INTERVAL: Duration = Duration::from_secs(1);
const SHORTEST_INTERVAL: Duration = Duration::from_millis(50);

/// The partitions that have a committed offset or a member, by topic and partition.
pub(super) async fn lag(engine: &Engine, group: &str) -> Result<Vec<v1::PartitionLag>, EngineError> {
    let described = describe::describe(engine, group).await?;
    let all = v1::GetOffsetsRequest { group: group.to_owned(), ..v1::GetOffsetsRequest::default() };
    let committed = offsets::get(engine, all).await?;
    let mut partitions: BTreeMap<(String, i32), v1::PartitionLag> = BTreeMap::new();
    for member in &described.members {
        for place in &member.assigned {
            let lag = entry(&mut partitions, &place.topic, place.partition);
            lag.member_id.clone_from(&member.member_id);
            lag.client_id.clone_from(&member.client_id);
            lag.client_host.clone_from(&member.client_host);
        }
    }
    for offset in committed.offsets {
        entry(&mut partitions, &offset.topic, offset.partition).committed_offset = offset.offset;
    }
    for lag in partitions.values_mut() {
        measure(engine, lag);
    }
    Ok(partitions.into_values().collect())
}

fn entry<'a>(
    partitions: &'a mut BTreeMap<(String, i32), v1::PartitionLag>,
    topic: &str,
    partition: i32,
) -> &'a mut v1::PartitionLag {
    partitions.entry((topic.to_owned(), partition)).or_insert_with(|| v1::PartitionLag {
        topic: topic.to_owned(),
        partition,
        committed_offset: -1,
        log_start_offset: -1,
        end_offset: -1,
        lag: -1,
        ..v1::PartitionLag::default()
    })
}

fn measure(engine: &Engine, lag: &mut v1::PartitionLag) {
    let handle = engine.topics.by_name(&lag.topic);
    let Some(handle) = handle else { return };
    let Ok(served) = handle.partition(lag.partition) else { return };
    let offsets = served.offsets();
    lag.log_start_offset = offsets.log_start;
    lag.end_offset = offsets.high_watermark;
    if lag.committed_offset >= 0 {
        lag.lag = offsets.high_watermark.saturating_sub(lag.committed_offset).max(0);
    }
}

/// The same again and again, until the broker stops or the group is gone.
pub(super) fn watch(
    engine: Arc<Engine>,
    request: v1::WatchLagRequest,
    stopping: CancellationToken,
) -> impl Stream<Item = Result<v1::WatchLagResponse, Status>> + Send {
    let interval = match u64::try_from(request.interval_ms) {
        Ok(0) | Err(_) => INTERVAL,
        Ok(ms) => Duration::from_millis(ms).max(SHORTEST_INTERVAL),
    };
    async_stream::try_stream! {
        loop {
            let partitions = lag(&engine, &request.group).await.map_err(|error| status::status(&error))?;
            yield v1::WatchLagResponse { partitions };
            let goes_on = tokio::select! {
                () = engine.sleep(interval) => true,
                () = stopping.cancelled() => false,
            };
            if !goes_on {
                Err(status::stopping())?;
            }
        }
    }
}
