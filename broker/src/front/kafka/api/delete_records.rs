//! DeleteRecords (key 21), versions 0-2: records before an offset go.
//!
//! 2 flexible. -1 stands for the high watermark. An offset at or before the log's start is no error (KIP-107).

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsTopicResult, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::delete_records::Request;

use crate::engine::{EngineError, TopicRef};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let engine = context.engine.clone();
    let cut = move || {
        let topics = request.topics.into_iter().map(|topic| {
            let topic_ref = TopicRef::Name(topic.name.as_str().into());
            let delete = |partition: DeleteRecordsPartition| {
                let (index, offset) = (partition.partition_index, partition.offset);
                result(index, engine.delete_records(&topic_ref, index, offset))
            };
            let partitions = topic.partitions.into_iter().map(delete).collect();
            DeleteRecordsTopicResult { name: topic.name, partitions }
        });
        topics.collect()
    };
    // The new start is made durable, which takes as long as the disk takes.
    let topics = tokio::task::spawn_blocking(cut).await.unwrap_or_default();
    Response { topics, ..Response::default() }
}

fn result(partition_index: i32, outcome: Result<i64, EngineError>) -> DeleteRecordsPartitionResult {
    let (low_watermark, code) = match outcome {
        Ok(low_watermark) => (low_watermark, ErrorCode::None),
        Err(error) => (-1, error.code()),
    };
    DeleteRecordsPartitionResult { partition_index, low_watermark, error_code: code.code() }
}
