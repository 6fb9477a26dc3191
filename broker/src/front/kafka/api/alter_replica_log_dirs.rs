//! AlterReplicaLogDirs (key 34), versions 1-2: partitions are to move to another data directory.
//!
//! 2 flexible. There is one data directory: what is to move there is there already, and no other is known.

use std::collections::BTreeMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::alter_replica_log_dirs::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::alter_replica_log_dirs::Request;

use crate::front::kafka::context::Context;

/// By topic, for each partition whether it is to move to our directory: where a partition is named more than once, the last
/// directory counts.
type Moves = BTreeMap<Text, BTreeMap<i32, bool>>;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let mut moves = Moves::new();
    for dir in request.dirs {
        let is_ours = dir.path.as_str() == context.engine.data_dir();
        for topic in dir.topics.into_iter().filter(|topic| !topic.partitions.is_empty()) {
            let partitions = topic.partitions.into_iter().map(|partition| (partition, is_ours));
            moves.entry(topic.name).or_default().extend(partitions);
        }
    }
    let results = moves.into_iter().map(|(name, partitions)| move_topic(context, name, partitions));
    Response { results: results.collect(), ..Response::default() }
}

fn move_topic(
    context: &Context,
    topic_name: Text,
    partitions: BTreeMap<i32, bool>,
) -> AlterReplicaLogDirTopicResult {
    let handle = context.engine.topics.by_name(&topic_name);
    let code = |partition: i32, is_ours: bool| match &handle {
        _ if !is_ours => ErrorCode::LogDirNotFound,
        Some(handle) if handle.partition(partition).is_ok() => ErrorCode::None,
        _ => ErrorCode::UnknownTopicOrPartition,
    };
    let result = |(partition_index, is_ours)| AlterReplicaLogDirPartitionResult {
        partition_index,
        error_code: code(partition_index, is_ours).code(),
    };
    AlterReplicaLogDirTopicResult { topic_name, partitions: partitions.into_iter().map(result).collect() }
}
