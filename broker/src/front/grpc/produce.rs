//! `ProduceService`.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use thalweg_proto::grpc::v1::produce_service_server::ProduceService;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::{batches, status};
use crate::engine::{Acks, Appended, Engine, EngineError, Pending, TopicRef, Write};

/// Batches of one stream that may wait for their durability before the broker reads no more of it.
const UNDER_WAY: usize = 128;

pub(super) struct Produce {
    engine: Arc<Engine>,
    stopping: CancellationToken,
}

/// A batch that was appended, or refused at once.
type Begun = Result<(Acks, Pending), EngineError>;

impl Produce {
    pub fn new(engine: Arc<Engine>, stopping: CancellationToken) -> Self {
        Self { engine, stopping }
    }
}

/// Appends the batch; what is left to wait for is its durability.
fn begin(engine: &Engine, batch: v1::ProduceBatch) -> Begun {
    let acks = match batch.acks() {
        v1::Acks::None => Acks::None,
        v1::Acks::Unspecified | v1::Acks::Leader | v1::Acks::All => Acks::Durable,
    };
    let records = match batch.payload {
        Some(v1::produce_batch::Payload::RecordBatch(bytes)) => bytes,
        Some(v1::produce_batch::Payload::Records(v1::Records { records })) if !records.is_empty() => {
            batches::encode(&records, engine.world.clock.wall_ms())?
        }
        Some(_) | None => {
            return Err(EngineError::refused(ErrorCode::InvalidRequest, "the batch has no records"));
        }
    };
    let write = Write {
        topic: TopicRef::Name(batch.topic.into()),
        partition: batch.partition,
        records,
        refused: None,
    };
    Ok((acks, engine.produce(acks, [write])))
}

async fn finish(begun: Begun) -> Result<v1::ProduceAck, EngineError> {
    let (acks, pending) = begun?;
    let written = pending.await.pop();
    match (acks, written) {
        (Acks::None, _) => Ok(v1::ProduceAck {
            base_offset: -1,
            last_offset: -1,
            log_append_time_ms: -1,
            log_start_offset: -1,
        }),
        (Acks::Durable, Some(written)) => written.map(|appended| ack(&appended)),
        (Acks::Durable, None) => Err(EngineError::refused(ErrorCode::UnknownServerError, "no outcome")),
    }
}

fn ack(appended: &Appended) -> v1::ProduceAck {
    v1::ProduceAck {
        base_offset: appended.base_offset,
        last_offset: appended.last_offset,
        log_append_time_ms: appended.log_append_time_ms,
        log_start_offset: appended.log_start_offset,
    }
}

/// What goes back for one message of a stream.
async fn answer(sequence: u64, begun: Begun) -> v1::ProduceStreamResponse {
    let result = match finish(begun).await {
        Ok(ack) => v1::produce_stream_response::Result::Ack(ack),
        Err(error) => v1::produce_stream_response::Result::Problem(status::problem(&error)),
    };
    v1::ProduceStreamResponse { sequence, result: Some(result) }
}

#[tonic::async_trait]
impl ProduceService for Produce {
    async fn init_producer(
        &self,
        _request: Request<v1::InitProducerRequest>,
    ) -> Result<Response<v1::InitProducerResponse>, Status> {
        let identity = self.engine.new_producer().await.map_err(|error| status::status(&error))?;
        let (producer_id, producer_epoch) = (identity.id, i32::from(identity.epoch));
        Ok(Response::new(v1::InitProducerResponse { producer_id, producer_epoch }))
    }

    async fn produce(
        &self,
        request: Request<v1::ProduceRequest>,
    ) -> Result<Response<v1::ProduceResponse>, Status> {
        let batch = request.into_inner().batch.ok_or_else(|| status::invalid("the request has no batch"))?;
        let begun = begin(&self.engine, batch);
        let ack = finish(begun).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(v1::ProduceResponse { ack: Some(ack) }))
    }

    type ProduceStreamStream = Pin<Box<dyn Stream<Item = Result<v1::ProduceStreamResponse, Status>> + Send>>;

    /// Batches are appended in the order in which they come, and answered in it; between the two many may wait.
    async fn produce_stream(
        &self,
        request: Request<Streaming<v1::ProduceStreamRequest>>,
    ) -> Result<Response<Self::ProduceStreamStream>, Status> {
        let engine = self.engine.clone();
        let answers = request
            .into_inner()
            .take_until(self.stopping.clone().cancelled_owned())
            .map(move |message| {
                let begun = message.map(|message| {
                    let missing =
                        || EngineError::refused(ErrorCode::InvalidRequest, "the request has no batch");
                    let begun = message.batch.ok_or_else(missing).and_then(|batch| begin(&engine, batch));
                    (message.sequence, begun)
                });
                async move {
                    let (sequence, begun) = begun?;
                    Ok(answer(sequence, begun).await)
                }
            })
            .buffered(UNDER_WAY);
        Ok(Response::new(Box::pin(answers)))
    }
}
