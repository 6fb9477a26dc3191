//! DeleteRecords (key 21), versions 0-2: records before an offset go.
//!
//! 2 flexible. -1 stands for the high watermark. An offset at or before the log's start is no error (KIP-107). Of a partition
//! that is named twice the last offset counts, and a topic without partitions is not answered.

use std::collections::BTreeMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::delete_records::{
    DeleteRecordsPartitionResult, DeleteRecordsTopic, DeleteRecordsTopicResult, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::delete_records::Request;

use crate::engine::{EngineError, TopicRef};
use crate::front::kafka::context::{Context, blocking};

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let engine = context.engine.clone();
    let cut = move || {
        let topics = offsets(request.topics).into_iter().map(|(name, partitions)| {
            let topic_ref = TopicRef::Name(name.as_str().into());
            let delete = |(index, offset)| result(index, engine.delete_records(&topic_ref, index, offset));
            DeleteRecordsTopicResult { name, partitions: partitions.into_iter().map(delete).collect() }
        });
        topics.collect()
    };
    // The new start is made durable, which takes as long as the disk takes.
    let topics = blocking(cut).await.unwrap_or_default();
    Response { topics, ..Response::default() }
}

fn offsets(topics: Vec<DeleteRecordsTopic>) -> BTreeMap<Text, BTreeMap<i32, i64>> {
    let mut offsets: BTreeMap<Text, BTreeMap<i32, i64>> = BTreeMap::new();
    for topic in topics.into_iter().filter(|topic| !topic.partitions.is_empty()) {
        let partitions =
            topic.partitions.iter().map(|partition| (partition.partition_index, partition.offset));
        offsets.entry(topic.name).or_default().extend(partitions);
    }
    offsets
}

fn result(partition_index: i32, outcome: Result<i64, EngineError>) -> DeleteRecordsPartitionResult {
    let (low_watermark, code) = match outcome {
        Ok(low_watermark) => (low_watermark, ErrorCode::None),
        Err(error) => (-1, error.code()),
    };
    DeleteRecordsPartitionResult { partition_index, low_watermark, error_code: code.code() }
}
