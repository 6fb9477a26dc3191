//! AlterReplicaLogDirs (key 34), versions 1-2: partitions are to move to another data directory.
//!
//! 2 flexible. There is one data directory: what is to move there is there already, and no other is known.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::alter_replica_log_dirs::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopic, AlterReplicaLogDirTopicResult, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::alter_replica_log_dirs::Request;

use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let mut results = Vec::new();
    for dir in request.dirs {
        let is_ours = dir.path.as_str() == context.engine.data_dir();
        results.extend(dir.topics.into_iter().map(|topic| move_topic(context, topic, is_ours)));
    }
    Response { results, ..Response::default() }
}

fn move_topic(
    context: &Context,
    topic: AlterReplicaLogDirTopic,
    is_ours: bool,
) -> AlterReplicaLogDirTopicResult {
    let handle = context.engine.topics.by_name(&topic.name);
    let code = |partition: i32| match &handle {
        _ if !is_ours => ErrorCode::LogDirNotFound,
        Some(handle) if handle.partition(partition).is_ok() => ErrorCode::None,
        _ => ErrorCode::UnknownTopicOrPartition,
    };
    let result = |partition_index| AlterReplicaLogDirPartitionResult {
        partition_index,
        error_code: code(partition_index).code(),
    };
    let partitions = topic.partitions.into_iter().map(result).collect();
    AlterReplicaLogDirTopicResult { topic_name: topic.name, partitions }
}
