//! Where a reader stands in its partitions, and what it makes of fetched batches.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::grpc::v1;
use thalweg_proto::record::{Batch, Record, RecordError, Records, Visibility};

use crate::admin::{Admin, OffsetAt};
use crate::error::Error;
use crate::reader::Start;
use crate::record::{Header, Message, TopicPartition};

/// A reader's place in one partition.
#[derive(Debug)]
pub(crate) struct Position {
    pub topic: Arc<str>,
    pub partition: i32,
    /// The next offset wanted.
    pub next: i64,
    /// Where to stop.
    pub end: Option<i64>,
    visibility: Visibility,
}

impl Position {
    /// A place from which nothing has been read yet.
    pub fn new(topic: Arc<str>, partition: i32, next: i64, end: Option<i64>) -> Self {
        Self { topic, partition, next, end, visibility: Visibility::default() }
    }

    /// The partition.
    pub fn topic_partition(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.clone(), partition: self.partition }
    }

    /// Whether everything up to the end has been read.
    pub fn is_done(&self) -> bool {
        self.end.is_some_and(|end| self.next >= end)
    }

    /// Takes the list of transactions whose records this partition's next batches hold in vain.
    pub fn set_aborted(&mut self, transactions: Vec<v1::AbortedTransaction>) {
        let named = transactions.into_iter().map(|aborted| (aborted.producer_id, aborted.first_offset));
        self.visibility.set_aborted(named);
    }

    /// Decodes the batch at the front of `bytes` into `messages` and moves on; returns how many bytes it took, `None` if
    /// it is cut off, as the last of a fetch may be.
    pub fn decode(
        &mut self,
        bytes: &Bytes,
        max_decompressed: usize,
        messages: &mut VecDeque<Message>,
    ) -> Result<Option<usize>, Error> {
        let batch = match Batch::new(bytes.clone()) {
            Ok(batch) => batch,
            Err(RecordError::Truncated { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        batch.verify_crc()?;
        if !self.visibility.hides(&batch)? {
            let records = batch.records(max_decompressed)?;
            for record in &records {
                let record = record?;
                if record.offset >= self.next && self.end.is_none_or(|end| record.offset < end) {
                    messages.push_back(self.message(&records, &record));
                }
            }
        }
        self.next = self.next.max(batch.header().next_offset());
        Ok(Some(batch.bytes().len()))
    }

    fn message(&self, records: &Records, record: &Record<'_>) -> Message {
        let headers = record.headers.iter().map(|header| Header {
            key: String::from_utf8_lossy(header.key).into_owned(),
            value: header.value.map(|value| records.share(value)),
        });
        Message {
            topic: self.topic.clone(),
            partition: self.partition,
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key.map(|key| records.share(key)),
            value: record.value.map(|value| records.share(value)),
            headers: headers.collect(),
        }
    }
}

/// Turns starts into offsets, and finds the present ends if the reader is to stop there.
pub(crate) async fn resolve(
    admin: &Admin,
    wanted: Vec<(Arc<str>, i32, Start)>,
    until_end: bool,
) -> Result<Vec<Position>, Error> {
    let ask = async |at: &(dyn Fn(Start) -> OffsetAt + Sync)| {
        let queries: Vec<_> =
            wanted.iter().map(|(topic, partition, start)| (&**topic, *partition, at(*start))).collect();
        admin.offsets(&queries).await
    };
    let starts = ask(&|start| match start {
        Start::Beginning | Start::Offset(_) | Start::Tail(_) => OffsetAt::Start,
        Start::End => OffsetAt::End,
        Start::Timestamp(timestamp) => OffsetAt::Timestamp(timestamp),
    })
    .await?;
    let ends = ask(&|_| OffsetAt::End).await?;
    let mut positions = Vec::with_capacity(wanted.len());
    for (((topic, partition, start), first), end) in wanted.into_iter().zip(starts).zip(ends) {
        let end = end.ok_or(Error::Protocol("a partition without an end"))?;
        let next = match start {
            Start::Offset(offset) => offset,
            Start::Tail(count) => {
                let back = i64::try_from(count).unwrap_or(i64::MAX);
                end.saturating_sub(back).max(first.unwrap_or(0))
            }
            // No record is as late as the timestamp: what comes next will be.
            Start::Beginning | Start::End | Start::Timestamp(_) => first.unwrap_or(end),
        };
        let end = until_end.then_some(end);
        positions.push(Position::new(topic, partition, next, end));
    }
    Ok(positions)
}
