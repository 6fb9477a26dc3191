//! Transactions and idempotent producers.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "add.partitions.to.txn.retry.backoff.max.ms" = "100", Rule::Min(0), High, Restart,
        "";
    Int "add.partitions.to.txn.retry.backoff.ms" = "20", Rule::Min(1), High, Restart,
        "";
    Int "producer.id.expiration.ms" = "86400000", Rule::Min(1), Low, Cluster,
        "";
    Int "transaction.abort.timed.out.transaction.cleanup.interval.ms" = "10000", Rule::Min(1), Low, Restart,
        "";
    Int "transaction.max.timeout.ms" = "900000", Rule::Min(1), High, Restart,
        "";
    Boolean "transaction.partition.verification.enable" = "true", Rule::Any, Low, Cluster,
        "";
    Int "transaction.remove.expired.transaction.cleanup.interval.ms" = "3600000", Rule::Min(1), Low, Restart,
        "";
    Int "transaction.state.log.load.buffer.size" = "5242880", Rule::Min(1), High, Restart,
        "";
    Int "transaction.state.log.min.isr" = "2", Rule::Min(1), High, Restart,
        "";
    Int "transaction.state.log.num.partitions" = "50", Rule::Min(1), High, Restart,
        "";
    Short "transaction.state.log.replication.factor" = "3", Rule::Min(1), High, Restart,
        "";
    Int "transaction.state.log.segment.bytes" = "104857600", Rule::Min(1), High, Restart,
        "";
    Boolean "transaction.two.phase.commit.enable" = "false", Rule::Any, Low, Restart,
        "";
    Int "transactional.id.expiration.ms" = "604800000", Rule::Min(1), High, Restart,
        "";
};
