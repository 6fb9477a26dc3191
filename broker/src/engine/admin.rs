//! The rest of administration: deleting records, the data directory, the identity of the cluster.

use thalweg_proto::error::ErrorCode;

use super::{Engine, EngineError, TopicHandle, TopicRef};
use crate::coordinator::metadata::is_internal;
use crate::world::disk::Space;

/// The offset that stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

impl Engine {
    /// Deletes the records of a partition before an offset; -1 stands for the high watermark. Returns the new start of the
    /// log. An offset before the start changes nothing.
    ///
    /// Waits for the disk: to be called where blocking is allowed.
    pub fn delete_records(&self, topic: &TopicRef, partition: i32, offset: i64) -> Result<i64, EngineError> {
        let handle = self.topics.find(topic)?;
        let served = handle.partition(partition)?;
        if is_internal(&handle.topic.name) {
            let message = "Cannot delete records of internal topic";
            return Err(EngineError::refused(ErrorCode::InvalidTopicException, message));
        }
        let policy = handle.settings.cleanup_policy;
        if policy.compact && !policy.delete {
            let message = format!(
                "Records of partition {} can not be deleted due to the configured policy",
                served.id()
            );
            return Err(EngineError::refused(ErrorCode::PolicyViolation, message));
        }
        let offsets = served.offsets();
        let before = if offset == HIGH_WATERMARK { offsets.high_watermark } else { offset };
        if before < 0 || before > offsets.high_watermark {
            let (log_start, log_end) = (offsets.log_start, offsets.log_end);
            return Err(EngineError::OffsetOutOfRange { offset, log_start, log_end });
        }
        if before <= offsets.log_start {
            return Ok(offsets.log_start);
        }
        Ok(served.delete_records_before(before)?)
    }

    /// The cluster's id: 22 characters, as Kafka writes a UUID.
    pub fn cluster_id(&self) -> &str {
        self.logs.cluster_id()
    }

    /// The data directory.
    pub fn data_dir(&self) -> String {
        self.logs.dir().display().to_string()
    }

    /// How much room there is where the data directory is, if that can be told.
    pub fn data_dir_space(&self) -> Option<Space> {
        self.logs.space().ok()
    }
}

impl TopicHandle {
    /// The leader epoch of a partition; -1 if there is no such partition.
    pub fn leader_epoch(&self, partition: i32) -> i32 {
        self.partition(partition).map_or(-1, |served| served.leader_epoch())
    }
}
