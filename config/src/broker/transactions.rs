//! Transactions and idempotent producers.

use crate::error::ConfigError;
use crate::layers::Layers;

/// How long producers and transactions may last.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionSettings {
    /// `producer.id.expiration.ms`: an idle producer's state is forgotten after this.
    pub producer_id_expiration_ms: i64,
    /// `transactional.id.expiration.ms`
    pub transactional_id_expiration_ms: i64,
    /// `transaction.max.timeout.ms`: what a producer may ask for, at most.
    pub max_timeout_ms: i64,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`
    pub abort_check_interval_ms: i64,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`
    pub expiration_check_interval_ms: i64,
    /// `transaction.state.log.num.partitions`
    pub state_partitions: i32,
    /// `transaction.state.log.segment.bytes`
    pub state_segment_bytes: u32,
    /// `transaction.partition.verification.enable`
    pub verify_partitions: bool,
    /// `transaction.two.phase.commit.enable` (KIP-939)
    pub two_phase_commit: bool,
}

impl TransactionSettings {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(TransactionSettings {
            producer_id_expiration_ms: layers.integer("producer.id.expiration.ms")?,
            transactional_id_expiration_ms: layers.integer("transactional.id.expiration.ms")?,
            max_timeout_ms: layers.integer("transaction.max.timeout.ms")?,
            abort_check_interval_ms: layers
                .integer("transaction.abort.timed.out.transaction.cleanup.interval.ms")?,
            expiration_check_interval_ms: layers
                .integer("transaction.remove.expired.transaction.cleanup.interval.ms")?,
            state_partitions: layers.number("transaction.state.log.num.partitions")?,
            state_segment_bytes: layers.number("transaction.state.log.segment.bytes")?,
            verify_partitions: layers.boolean("transaction.partition.verification.enable")?,
            two_phase_commit: layers.boolean("transaction.two.phase.commit.enable")?,
        })
    }
}
