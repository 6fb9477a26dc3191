//! OffsetDelete (key 47), version 0: committed offsets are taken back (KIP-496).

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::offset_delete::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::offset_delete::Request;

use crate::engine::groups::DeleteOffsets;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    if request.group_id.is_empty() {
        return refused(ErrorCode::InvalidGroupId);
    }
    let mut topics: Vec<(Arc<str>, Vec<i32>)> = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let Some(handle) = context.engine.topics.by_name(&topic.name) else { continue };
        let partitions = topic.partitions.iter().map(|partition| partition.partition_index);
        let known: Vec<i32> = partitions.filter(|partition| handle.partition(*partition).is_ok()).collect();
        topics.push((handle.topic.name.clone(), known));
    }
    let delete = DeleteOffsets { group: request.group_id.as_str().into(), topics };
    let outcomes = match context.engine.delete_offsets(&delete).await {
        Ok(outcomes) => outcomes,
        Err(error) => return refused(error),
    };
    let known = delete.topics.iter().zip(&outcomes);
    let topics = request.topics.into_iter().map(|topic| {
        let found = known.clone().find(|((name, _), _)| **name == *topic.name);
        let outcome = |partition: i32| {
            let ((_, partitions), outcomes) = found?;
            let at = partitions.iter().position(|known| *known == partition)?;
            outcomes.get(at).copied()
        };
        let partition = |partition_index| OffsetDeleteResponsePartition {
            partition_index,
            error_code: outcome(partition_index).unwrap_or(ErrorCode::UnknownTopicOrPartition).code(),
        };
        OffsetDeleteResponseTopic {
            partitions: topic.partitions.iter().map(|asked| partition(asked.partition_index)).collect(),
            name: topic.name,
        }
    });
    Response { topics: topics.collect(), ..Response::default() }
}

fn refused(error: ErrorCode) -> Response {
    Response { error_code: error.code(), ..Response::default() }
}
