//! OffsetDelete (key 47), version 0: committed offsets are taken back (KIP-496).

use std::collections::HashMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::offset_delete::{
    OffsetDeleteRequestTopic, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::offset_delete::Request;

use crate::engine::Engine;
use crate::engine::groups::DeleteOffsets;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    if request.group_id.is_empty() {
        return refused(ErrorCode::InvalidGroupId);
    }
    let (delete, mut answer) = take(&context.engine, request);
    match context.engine.delete_offsets(&delete).await {
        Ok(outcomes) => fill(&mut answer, outcomes),
        Err(error) => return refused(error),
    }
    answer
}

/// A request as what there can be to delete, and the answer with what there cannot. Where the outcome is not known yet, the
/// answer says NONE.
fn take(engine: &Engine, request: Request) -> (DeleteOffsets, Response) {
    let mut delete = DeleteOffsets { group: request.group_id.as_str().into(), topics: Vec::new() };
    let mut answer = Response::default();
    for topic in by_name(request.topics) {
        let found = engine.topics.by_name(&topic.name);
        let mut known = Vec::new();
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in topic.partitions {
            let partition_index = asked.partition_index;
            let there = found.as_ref().is_some_and(|handle| handle.partition(partition_index).is_ok());
            let error = if there { ErrorCode::None } else { ErrorCode::UnknownTopicOrPartition };
            known.extend(there.then_some(partition_index));
            partitions.push(OffsetDeleteResponsePartition { partition_index, error_code: error.code() });
        }
        delete.topics.extend(found.map(|handle| (handle.topic.name.clone(), known)));
        answer.topics.push(OffsetDeleteResponseTopic { name: topic.name, partitions });
    }
    (delete, answer)
}

/// A topic that is named twice is answered once, with the partitions of both.
fn by_name(topics: Vec<OffsetDeleteRequestTopic>) -> Vec<OffsetDeleteRequestTopic> {
    let mut places: HashMap<Text, usize> = HashMap::new();
    let mut merged: Vec<OffsetDeleteRequestTopic> = Vec::with_capacity(topics.len());
    for topic in topics {
        let place = *places.entry(topic.name.clone()).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(before) => before.partitions.extend(topic.partitions),
            None => merged.push(topic),
        }
    }
    merged
}

/// Puts the outcomes where the answer has none yet.
fn fill(answer: &mut Response, outcomes: Vec<Vec<ErrorCode>>) {
    let partitions = answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
    let open = partitions.filter(|partition| partition.error_code == ErrorCode::None.code());
    for (partition, outcome) in open.zip(outcomes.into_iter().flatten()) {
        partition.error_code = outcome.code();
    }
}

fn refused(error: ErrorCode) -> Response {
    Response { error_code: error.code(), ..Response::default() }
}
