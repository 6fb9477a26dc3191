//! Moving the committed offsets of a group without members.

use std::collections::BTreeMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use v1::reset_offsets_request::To;

use super::{describe, offsets, refusal};
use crate::engine::{Engine, EngineError, Isolation, OffsetQuery, TopicRef};
use crate::front::grpc::{consume, status};

/// Partitions and what is committed there, by topic and partition.
type Chosen = BTreeMap<(String, i32), i64>;

/// Moves the offsets, or tells what would be done.
pub(super) async fn reset(
    engine: &Engine,
    request: v1::ResetOffsetsRequest,
) -> Result<v1::ResetOffsetsResponse, EngineError> {
    let group = request.group.as_str();
    let none = || EngineError::refused(ErrorCode::InvalidRequest, "the request does not say where to");
    let to = request.to.ok_or_else(none)?;
    match describe::describe(engine, group).await {
        Ok(described) if !described.members.is_empty() => {
            return Err(refusal(ErrorCode::NonEmptyGroup, group));
        }
        Ok(_) => {}
        Err(error) if error.code() == ErrorCode::GroupIdNotFound && !request.topics.is_empty() => {}
        Err(error) => return Err(error),
    }
    let chosen = choose(engine, group, &request.topics).await?;
    let mut resets: Vec<_> = chosen
        .into_iter()
        .map(|((topic, partition), previous_offset)| {
            let reset = v1::OffsetReset { topic, partition, previous_offset, ..v1::OffsetReset::default() };
            match find(engine, &reset, &to) {
                Ok(offset) => v1::OffsetReset { offset, ..reset },
                Err(error) => v1::OffsetReset { offset: -1, problem: Some(status::problem(&error)), ..reset },
            }
        })
        .collect();
    if !request.validate_only {
        engine.find_group_coordinator(group).await.map_err(|code| refusal(code, group))?;
        commit(engine, group, &mut resets).await;
    }
    Ok(v1::ResetOffsetsResponse { resets })
}

/// The partitions asked for; without a word all that have a committed offset.
async fn choose(engine: &Engine, group: &str, topics: &[v1::ResetTopic]) -> Result<Chosen, EngineError> {
    let all = v1::GetOffsetsRequest { group: group.to_owned(), ..v1::GetOffsetsRequest::default() };
    let committed = offsets::get(engine, all).await?.offsets;
    let committed: Chosen =
        committed.into_iter().map(|known| ((known.topic, known.partition), known.offset)).collect();
    if topics.is_empty() {
        return Ok(committed);
    }
    let mut chosen = Chosen::new();
    for topic in topics {
        let partitions = match topic.partitions.as_slice() {
            [] => (0..engine.topics.by_valid_name(&topic.topic)?.topic.partitions).collect(),
            some => some.to_vec(),
        };
        for partition in partitions {
            let place = (topic.topic.clone(), partition);
            let previous = committed.get(&place).copied().unwrap_or(-1);
            chosen.insert(place, previous);
        }
    }
    Ok(chosen)
}

/// Where one partition's offset goes.
fn find(engine: &Engine, reset: &v1::OffsetReset, to: &To) -> Result<i64, EngineError> {
    let topic = TopicRef::Name(reset.topic.as_str().into());
    let ask = |query| {
        engine
            .find_offset(&topic, reset.partition, -1, query, Isolation::ReadUncommitted)
            .map(|found| found.offset)
    };
    let (start, end) = (ask(OffsetQuery::Earliest)?, ask(OffsetQuery::Latest)?);
    let offset = match *to {
        To::Edge(edge) => ask(consume::query(v1::Edge::try_from(edge).unwrap_or_default()))?,
        To::Offset(offset) => offset,
        To::Shift(_) if reset.previous_offset < 0 => {
            return Err(EngineError::refused(
                ErrorCode::InvalidRequest,
                "nothing is committed that could be shifted",
            ));
        }
        To::Shift(by) => reset.previous_offset.saturating_add(by),
        To::TimestampMs(timestamp) => match ask(OffsetQuery::Timestamp(timestamp))? {
            -1 => end,
            offset => offset,
        },
    };
    Ok(offset.clamp(start, end))
}

/// Commits what has been found, and notes what was refused.
async fn commit(engine: &Engine, group: &str, resets: &mut [v1::OffsetReset]) {
    let found = |reset: &&mut v1::OffsetReset| reset.problem.is_none();
    let offset = |reset: &v1::OffsetReset| v1::OffsetCommit {
        topic: reset.topic.clone(),
        partition: reset.partition,
        offset: reset.offset,
        ..v1::OffsetCommit::default()
    };
    let offsets = resets.iter().filter(|reset| reset.problem.is_none()).map(offset).collect();
    let request =
        v1::CommitOffsetsRequest { group: group.to_owned(), offsets, ..v1::CommitOffsetsRequest::default() };
    let outcomes = offsets::commit(engine, request).await.outcomes;
    for (reset, outcome) in resets.iter_mut().filter(found).zip(outcomes) {
        if outcome.problem.is_some() {
            reset.offset = -1;
            reset.problem = outcome.problem;
        }
    }
}
