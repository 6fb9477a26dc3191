//! Which heartbeats make no sense at all (Kafka's `throwIfConsumerGroupHeartbeatRequestIsInvalid`).

use thalweg_proto::error::ErrorCode;

use super::ConsumerHeartbeat;
use super::member::{AWAY, LEAVING};
use crate::coordinator::Refusal;
use crate::coordinator::group::Env;

impl ConsumerHeartbeat {
    /// Refuses what no state of the group could make right.
    pub(super) fn validate(&self, env: &Env<'_>) -> Result<(), Refusal> {
        let broker_makes_id = self.version < 1 && self.epoch <= 0 && self.epoch != LEAVING;
        refuse_if(!broker_makes_id && is_blank(&self.member), "MemberId can't be empty.")?;
        refuse_if(is_blank(&self.group), "GroupId can't be empty.")?;
        refuse_if(self.instance.as_deref().is_some_and(is_blank), "InstanceId can't be empty.")?;
        refuse_if(self.rack.as_deref().is_some_and(is_blank), "RackId can't be empty.")?;
        match self.epoch {
            0 => self.validate_join()?,
            AWAY => refuse_if(self.instance.is_none(), "InstanceId can't be null.")?,
            epoch => refuse_if(epoch < AWAY, "MemberEpoch is invalid.")?,
        }
        self.validate_assignor(&env.settings.consumer_assignors)
    }

    fn validate_join(&self) -> Result<(), Refusal> {
        refuse_if(self.rebalance_timeout_ms == -1, "RebalanceTimeoutMs must be provided in first request.")?;
        let owns_nothing = self.owned.as_ref().is_some_and(Vec::is_empty);
        refuse_if(!owns_nothing, "TopicPartitions must be empty when (re-)joining.")?;
        refuse_if(
            self.topics.is_none() && self.regex.is_none(),
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
        )
    }

    fn validate_assignor(&self, known: &[String]) -> Result<(), Refusal> {
        let Some(assignor) = self.assignor.as_deref() else { return Ok(()) };
        if known.iter().any(|name| name == assignor) {
            return Ok(());
        }
        let message =
            format!("ServerAssignor {assignor} is not supported. Supported assignors: {}.", known.join(", "));
        Err(Refusal::new(ErrorCode::UnsupportedAssignor, message))
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn refuse_if(wrong: bool, message: &str) -> Result<(), Refusal> {
    match wrong {
        true => Err(Refusal::new(ErrorCode::InvalidRequest, message)),
        false => Ok(()),
    }
}
