//! DescribeLogDirs (key 35), versions 1-5: the data directory, what lies in it and how much room there is.
//!
//! 2 flexible · 3 an error for the whole answer · 4 total and usable bytes (KIP-827) · 5 cordoned directories (KIP-1066), which
//! do not exist here. There is one data directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thalweg_proto::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::describe_log_dirs::Request;

use crate::engine::TopicHandle;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let topics = match request.topics {
        None => context.engine.topics.all().iter().map(|handle| describe(handle, None)).collect(),
        Some(asked) => some(context, &asked),
    };
    let room = context.engine.data_dir_space();
    let bytes = |bytes: Option<u64>| bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    let result = DescribeLogDirsResult {
        log_dir: Text::from(context.engine.data_dir()),
        topics,
        total_bytes: bytes(room.map(|room| room.total)),
        usable_bytes: bytes(room.map(|room| room.free)),
        ..DescribeLogDirsResult::default()
    };
    Response { results: vec![result], ..Response::default() }
}

/// What is asked for and exists; a topic of which nothing exists is left out.
fn some(context: &Context, asked: &[DescribableLogDirTopic]) -> Vec<DescribeLogDirsTopic> {
    let mut wanted: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    for topic in asked {
        wanted.entry(topic.topic.as_str()).or_default().extend(&topic.partitions);
    }
    let describe = |(name, partitions): (&str, BTreeSet<i32>)| {
        let handle = context.engine.topics.by_name(name)?;
        Some(describe(&handle, Some(&partitions))).filter(|topic| !topic.partitions.is_empty())
    };
    wanted.into_iter().filter_map(describe).collect()
}

fn describe(handle: &Arc<TopicHandle>, wanted: Option<&BTreeSet<i32>>) -> DescribeLogDirsTopic {
    let partition = |(partition_index, size): (i32, u64)| DescribeLogDirsPartition {
        partition_index,
        partition_size: i64::try_from(size).unwrap_or(i64::MAX),
        ..DescribeLogDirsPartition::default()
    };
    let sizes = (0..).zip(handle.partitions.iter().map(|partition| partition.size_bytes()));
    let wanted = sizes.filter(|(index, _)| wanted.is_none_or(|wanted| wanted.contains(index)));
    DescribeLogDirsTopic {
        name: Text::from(&*handle.topic.name),
        partitions: wanted.map(partition).collect(),
    }
}
