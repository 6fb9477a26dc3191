//! A consumer group.

/// A group whose partitions the broker assigns.
#[derive(Clone, Debug, Default)]
pub struct ConsumerGroup {}
