//! Where to begin in partitions that were just assigned.

use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;

use crate::connection::Client;
use crate::error::Error;
use crate::positions::{Position, resolve};
use crate::reader::Start;
use crate::record::TopicPartition;

/// Partitions with their incarnation, the offset to begin at, and the one that is committed.
pub(super) type Resolved = Vec<(TopicPartition, u64, i64, Option<i64>)>;

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Finds the starts: the committed offsets, or what `start` says where there are none. Tries until it succeeds for one
/// partition at least; those that it does not succeed for are left out.
pub(super) async fn resolve_starts(
    client: &Client,
    group: &str,
    partitions: Vec<(TopicPartition, u64)>,
    start: Start,
) -> Result<Resolved, Error> {
    let mut failures = 0;
    loop {
        match attempt(client, group, &partitions, start).await {
            Ok(resolved) if !resolved.is_empty() => return Ok(resolved),
            Ok(_) => {}
            Err(error) if error.is_retryable() => {
                tracing::debug!(%error, failures, "asking for committed offsets again");
            }
            Err(error) => return Err(error),
        }
        failures += 1;
        tokio::time::sleep(client.retry_policy().pause(failures).min(LONGEST_PAUSE)).await;
        if failures > 3 {
            // Perhaps they are others' by now: whoever asked knows.
            return Ok(Vec::new());
        }
    }
}

async fn attempt(
    client: &Client,
    group: &str,
    partitions: &[(TopicPartition, u64)],
    start: Start,
) -> Result<Resolved, Error> {
    let request = v1::GetOffsetsRequest {
        group: group.to_owned(),
        partitions: partitions.iter().map(|(partition, _)| v1::TopicPartition::from(partition)).collect(),
        require_stable: true,
    };
    let mut service = client.group_service();
    let admin = client.admin();
    let told = admin.call(request, |request| async move { service.get_offsets(request).await }).await?;
    let mut resolved = Resolved::new();
    let mut without = Vec::new();
    for ((partition, incarnation), told) in partitions.iter().zip(told.offsets) {
        match told.problem.map(Error::from_problem) {
            None if told.offset >= 0 => {
                resolved.push((partition.clone(), *incarnation, told.offset, Some(told.offset)));
            }
            None => without.push((partition, *incarnation)),
            // A transaction decides about the offset yet (KIP-447).
            Some(error) if error.is_retryable() => {}
            Some(error) => return Err(error),
        }
    }
    let wanted = |places: &[(&TopicPartition, u64)]| {
        let one =
            |(partition, _): &(&TopicPartition, u64)| (partition.topic.clone(), partition.partition, start);
        places.iter().map(one).collect()
    };
    match resolve(&admin, wanted(&without), false).await {
        Ok(found) => add(&mut resolved, &without, &found),
        // A topic has been deleted: the group will say so. The others are asked for one by one.
        Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => {
            for place in &without {
                let place = std::slice::from_ref(place);
                match resolve(&admin, wanted(place), false).await {
                    Ok(found) => add(&mut resolved, place, &found),
                    Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Err(error) => return Err(error),
    }
    Ok(resolved)
}

fn add(resolved: &mut Resolved, places: &[(&TopicPartition, u64)], found: &[Position]) {
    let start = |((partition, incarnation), position): (&(&TopicPartition, u64), &Position)| {
        ((*partition).clone(), *incarnation, position.next, None)
    };
    resolved.extend(places.iter().zip(found).map(start));
}
