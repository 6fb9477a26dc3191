//! Transactions and idempotent producers.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "add.partitions.to.txn.retry.backoff.max.ms" = "100", Rule::Min(0), High, Restart,
        idle "The longest wait before a partition is added to a transaction again, in ms.";
    Int "add.partitions.to.txn.retry.backoff.ms" = "20", Rule::Min(1), High, Restart,
        idle "The wait before a partition is added to a transaction again, in ms.";
    Int "producer.id.expiration.ms" = "86400000", Rule::Min(1), Low, Cluster,
        "How long, in ms, a partition remembers an idle producer's sequence numbers.";
    Int "transaction.abort.timed.out.transaction.cleanup.interval.ms" = "10000", Rule::Min(1), Low, Restart,
        "How often, in ms, transactions are looked through for ones that timed out.";
    Int "transaction.max.timeout.ms" = "900000", Rule::Min(1), High, Restart,
        "The longest timeout that a producer may ask for its transactions, in ms.";
    Boolean "transaction.partition.verification.enable" = "true", Rule::Any, Low, Cluster,
        "Whether a transactional append is held against the state of its transaction first.";
    Int "transaction.remove.expired.transaction.cleanup.interval.ms" = "3600000", Rule::Min(1), Low, Restart,
        "How often, in ms, transactional ids are looked through for forgotten ones.";
    Int "transaction.state.log.load.buffer.size" = "5242880", Rule::Min(1), High, Restart,
        idle "Bytes read at a time when the state of transactions is loaded.";
    Int "transaction.state.log.min.isr" = "2", Rule::Min(1), High, Restart,
        idle "Replicas of the topic of transactions that must be in sync.";
    Int "transaction.state.log.num.partitions" = "50", Rule::Min(1), High, Restart,
        "Partitions of the topic of transactions. Fixed when it is created.";
    Short "transaction.state.log.replication.factor" = "3", Rule::Min(1), High, Restart,
        idle "Replicas of the topic of transactions.";
    Int "transaction.state.log.segment.bytes" = "104857600", Rule::Min(1), High, Restart,
        "The size of a segment of the topic of transactions, in bytes.";
    Boolean "transaction.two.phase.commit.enable" = "false", Rule::Any, Low, Restart,
        "Whether producers may keep a transaction open until they are told to end it (two-phase commit).";
    Int "transactional.id.expiration.ms" = "604800000", Rule::Min(1), High, Restart,
        "How long, in ms, a transactional id that is not used is remembered.";
};
