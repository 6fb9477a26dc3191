//! Producer ids: handed out from durable blocks, so that no restart gives one out again.

use parking_lot::Mutex;
use thalweg_proto::error::ErrorCode;

use super::Engine;
use super::error::EngineError;

/// Ids reserved at a time, as in Kafka (`ProducerIdsBlock`).
pub const BLOCK: i64 = 1000;

/// The rest of the block that this process has reserved.
#[derive(Debug, Default)]
pub struct ProducerIds {
    block: Mutex<std::ops::Range<i64>>,
}

impl ProducerIds {
    fn take(&self) -> Option<i64> {
        self.block.lock().next()
    }

    fn refill(&self, block: std::ops::Range<i64>) {
        *self.block.lock() = block;
    }
}

/// An identity under which a producer's batches are told apart and put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerIdentity {
    /// The producer id.
    pub id: i64,
    /// Its epoch.
    pub epoch: i16,
}

impl Engine {
    /// Gives an idempotent producer without transactions an identity: always a new id with epoch 0. One that comes
    /// back with the id it has (KIP-360) gets a new one too, as in Kafka: nothing is known of ids without transactions.
    pub async fn new_producer(&self) -> Result<ProducerIdentity, EngineError> {
        loop {
            if let Some(id) = self.producer_ids.take() {
                return Ok(ProducerIdentity { id, epoch: 0 });
            }
            let _alone = self.producer_ids_refill.lock().await;
            if let Some(id) = self.producer_ids.take() {
                return Ok(ProducerIdentity { id, epoch: 0 });
            }
            let first = self.allocate_producer_ids(BLOCK).await?;
            let end = first.checked_add(BLOCK).ok_or_else(|| {
                EngineError::refused(ErrorCode::UnknownServerError, "there are no producer ids left")
            })?;
            self.producer_ids.refill(first..end);
        }
    }
}
