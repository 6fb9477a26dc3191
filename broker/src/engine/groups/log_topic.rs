//! The topic that holds the groups' records: the broker makes it when it is first needed.

use thalweg_proto::error::ErrorCode;

use crate::coordinator::group::LOG_TOPIC;
use crate::coordinator::metadata::NewTopic;
use crate::engine::Engine;

impl Engine {
    /// Finds the coordinator of a group: this broker. Makes the groups' log where it does not exist.
    pub async fn find_group_coordinator(&self, group: &str) -> Result<(), ErrorCode> {
        if self.topics.by_name(LOG_TOPIC).is_none() {
            self.create_groups_log().await?;
        }
        let found = self.groups.of(group).and_then(|host| match host.availability() {
            // It is here, and will answer so itself.
            Err(ErrorCode::CoordinatorLoadInProgress) => Ok(()),
            availability => availability,
        });
        found.map_err(|_| ErrorCode::CoordinatorNotAvailable)
    }

    /// Makes the groups' log, with the configuration that Kafka gives it (`GroupCoordinatorService.groupMetadataTopicConfigs`).
    pub async fn create_groups_log(&self) -> Result<(), ErrorCode> {
        let offsets = &self.settings.groups.offsets;
        let config = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let topic = NewTopic {
            name: LOG_TOPIC.to_owned(),
            partitions: offsets.partitions,
            replication_factor: 1,
            configs: vec![
                config("cleanup.policy", "compact"),
                config("compression.type", "producer"),
                config("segment.bytes", &offsets.segment_bytes.to_string()),
            ],
            by_broker: true,
            ..NewTopic::default()
        };
        match self.create_topics(vec![topic], false).await.pop() {
            Some(Ok(_)) => Ok(()),
            Some(Err(refusal)) if refusal.code == ErrorCode::TopicAlreadyExists => Ok(()),
            Some(Err(refusal)) => {
                tracing::warn!(%refusal, "the log of the groups could not be made");
                Err(refusal.code)
            }
            None => Err(ErrorCode::UnknownServerError),
        }
    }
}
