//! The task that carries a producer's batches to the broker and the answers back.

use std::collections::VecDeque;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Status, Streaming};

use crate::connection::Client;
use crate::error::Error;
use crate::lane::{Batch, Identity, Outcome, Stored};
use crate::producer::{Acks, Core};

/// An open stream to the broker. Requests are queued without a bound of their own: the producer's budget bounds them.
struct Link {
    requests: mpsc::UnboundedSender<v1::ProduceStreamRequest>,
    responses: Streaming<v1::ProduceStreamResponse>,
}

/// A batch under way: its number on the stream, its lane.
struct UnderWay {
    sequence: u64,
    lane: usize,
    batch: Batch,
}

pub(crate) struct Sender {
    client: Client,
    core: Arc<Core>,
    acks: Acks,
    link: Option<Link>,
    under_way: VecDeque<UnderWay>,
    next_sequence: u64,
    /// The name that lanes share as long as they have no trouble.
    identity: Option<Identity>,
    failures: u32,
    not_before: Option<Instant>,
}

impl Sender {
    pub fn new(client: Client, core: Arc<Core>, acks: Acks) -> Self {
        Self {
            client,
            core,
            acks,
            link: None,
            under_way: VecDeque::new(),
            next_sequence: 0,
            identity: None,
            failures: 0,
            not_before: None,
        }
    }

    /// Runs until the producer is closed and everything is settled.
    pub async fn run(mut self) {
        loop {
            self.expire();
            if self.core.batcher().is_finished() {
                return;
            }
            if let Err(error) = self.send_due().await {
                self.fail(&error);
            }
            let wake = self.wake_at();
            let core = self.core.clone();
            let response = async {
                match &mut self.link {
                    Some(link) => link.responses.message().await,
                    None => std::future::pending().await,
                }
            };
            let pause = async {
                match wake {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                response = response => self.receive(response),
                () = core.work.notified() => {}
                () = pause => {}
            }
        }
    }

    fn wake_at(&self) -> Option<Instant> {
        let batcher = self.core.batcher();
        let due = batcher.due().map(|due| self.not_before.map_or(due, |pause| pause.max(due)));
        let oldest = self.under_way.front().map(|first| first.batch.created + batcher.rules.delivery_timeout);
        due.into_iter().chain(batcher.expiry()).chain(oldest).min()
    }

    async fn send_due(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let due = self.core.batcher().due().is_some_and(|due| due <= now);
        if !due || self.not_before.is_some_and(|pause| pause > now) {
            return Ok(());
        }
        if self.link.is_none() {
            self.link = Some(self.open().await?);
        }
        self.find_identities().await?;
        let due = self.core.batcher().take_due(Instant::now());
        for (lane, mut batch) in due {
            match batch.encode() {
                Ok(bytes) => self.send(lane, batch, bytes),
                Err(error) => self.answer(lane, batch, Err(error.into())),
            }
        }
        Ok(())
    }

    async fn open(&self) -> Result<Link, Error> {
        let (requests, queue) = mpsc::unbounded_channel();
        let mut service = self.client.produce_service();
        let call = service.produce_stream(UnboundedReceiverStream::new(queue));
        let waited = self.client.timeout();
        let response = tokio::time::timeout(waited, call)
            .await
            .map_err(|_| Error::Timeout { waited, possibly_applied: false })??;
        Ok(Link { requests, responses: response.into_inner() })
    }

    async fn find_identities(&mut self) -> Result<(), Error> {
        loop {
            let Some((lane, renew)) = self.core.batcher().lacking_identity() else { return Ok(()) };
            let identity = match self.identity {
                Some(identity) if !renew => identity,
                _ => self.new_identity().await?,
            };
            if !renew {
                self.identity = Some(identity);
            }
            self.core.batcher().rename(lane, identity);
        }
    }

    async fn new_identity(&self) -> Result<Identity, Error> {
        let given =
            self.client.produce_service().init_producer(v1::InitProducerRequest {}).await?.into_inner();
        let epoch = i16::try_from(given.producer_epoch).map_err(|_| Error::Protocol("producer epoch"))?;
        Ok(Identity { id: given.producer_id, epoch })
    }

    fn send(&mut self, lane: usize, batch: Batch, bytes: bytes::Bytes) {
        let place = self.core.batcher().lanes.get(lane).map(|lane| (lane.topic.to_string(), lane.partition));
        let (topic, partition) = place.unwrap_or_default();
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let payload = Some(v1::produce_batch::Payload::RecordBatch(bytes));
        let produce = v1::ProduceBatch { topic, partition, acks: self.acks.to_wire().into(), payload };
        if let Some(link) = &self.link {
            // A closed queue shows as an error of the responses, which then takes all batches under way back.
            let _ = link.requests.send(v1::ProduceStreamRequest { sequence, batch: Some(produce) });
        }
        self.under_way.push_back(UnderWay { sequence, lane, batch });
    }

    fn receive(&mut self, response: Result<Option<v1::ProduceStreamResponse>, Status>) {
        match response {
            Ok(Some(response)) => self.take_answer(response),
            Ok(None) => self.fail(&Error::Unavailable("the broker ended the stream".to_owned())),
            Err(status) => self.fail(&status.into()),
        }
    }

    fn take_answer(&mut self, response: v1::ProduceStreamResponse) {
        let Some(UnderWay { lane, batch, .. }) =
            self.under_way.pop_front_if(|first| first.sequence == response.sequence)
        else {
            return self.fail(&Error::Unavailable("the broker answered out of order".to_owned()));
        };
        self.failures = 0;
        self.not_before = None;
        let answer = match response.result {
            Some(v1::produce_stream_response::Result::Ack(ack)) => Ok(Stored {
                base_offset: ack.base_offset,
                log_append_time: (ack.log_append_time_ms >= 0).then_some(ack.log_append_time_ms),
            }),
            Some(v1::produce_stream_response::Result::Problem(problem)) => Err(Error::from_problem(problem)),
            None => Err(Error::Protocol("an answer without a result")),
        };
        self.answer(lane, batch, answer);
    }

    fn answer(&mut self, lane: usize, batch: Batch, answer: Outcome) {
        let now = Instant::now();
        let mut batcher = self.core.batcher();
        let rules = batcher.rules;
        let Some(found) = batcher.lanes.get_mut(lane) else { return };
        let unknown =
            matches!(&answer, Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition));
        let topic = found.topic.clone();
        let ended = found.answered(batch, answer, now, &rules);
        if unknown {
            batcher.doubt(&topic, now);
        }
        let freed = ended.map(|(batch, outcome)| batcher.settle(batch, outcome));
        drop(batcher);
        self.core.release(freed.into_iter().sum());
    }

    /// The connection broke, or a call that all lanes need failed: takes back what is under way and pauses. What no
    /// retry can mend ends every batch.
    fn fail(&mut self, error: &Error) {
        let now = Instant::now();
        tracing::debug!(%error, under_way = self.under_way.len(), "produce stream failed");
        self.link = None;
        self.failures += 1;
        self.not_before = Some(now + self.client.retry_policy().pause(self.failures));
        let mut batcher = self.core.batcher();
        let rules = batcher.rules;
        let mut freed = 0;
        for UnderWay { lane, batch, .. } in self.under_way.drain(..) {
            let Some(lane) = batcher.lanes.get_mut(lane) else { continue };
            if let Some(batch) = lane.interrupted(batch, &rules) {
                freed += batcher.settle(batch, Err(Error::Interrupted(error.to_string())));
            }
        }
        if !error.is_retryable() {
            for index in 0..batcher.lanes.len() {
                let Some(lane) = batcher.lanes.get_mut(index) else { continue };
                for (batch, _) in lane.give_up(now, &rules, true) {
                    freed += batcher.settle(batch, Err(error.clone()));
                }
            }
        }
        drop(batcher);
        self.core.release(freed);
    }

    /// Gives up batches whose time is over. One that is under way is taken back first.
    fn expire(&mut self) {
        let now = Instant::now();
        let timeout = self.core.batcher().rules.delivery_timeout;
        let stuck = self.under_way.front().is_some_and(|first| now >= first.batch.created + timeout);
        if stuck {
            self.fail(&Error::Timeout { waited: timeout, possibly_applied: true });
        }
        let mut batcher = self.core.batcher();
        let rules = batcher.rules;
        if batcher.expiry().is_none_or(|expiry| expiry > now) {
            return;
        }
        let mut freed = 0;
        for index in 0..batcher.lanes.len() {
            let Some(lane) = batcher.lanes.get_mut(index) else { continue };
            for (batch, error) in lane.give_up(now, &rules, false) {
                freed += batcher.settle(batch, Err(error));
            }
        }
        drop(batcher);
        self.core.release(freed);
    }
}
