//! `thalweg bench`: how fast a broker takes records, gives them back, and passes them through.

use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::{Args, Subcommand};
use futures_util::StreamExt;
use hdrhistogram::Histogram;
use serde::Serialize;
use thalweg_client::{Acks, Client, Compression, Error, ErrorCode, NewTopic, Record, Start, Ticket};
use tokio::sync::mpsc;

use crate::failure::{Failure, Status};
use crate::output::{Output, Row, or_dash};
use crate::remote::Remote;

/// What is measured.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send records as fast as they are taken; the latency is that of the acknowledgement
    Produce(ProduceArguments),
    /// Read a topic from its start to its end
    Consume(ConsumeArguments),
    /// Send records at a rate and read them at once; the latency is from sending to reading
    E2e(E2eArguments),
}

/// What every measurement needs to know.
#[derive(Args, Debug)]
struct Common {
    /// The topic; it is made if it is missing, and kept
    #[arg(long, default_value = "bench")]
    topic: String,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// How records are made.
#[derive(Args, Debug)]
struct Load {
    /// Bytes of a value
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=64 << 20))]
    size: u32,
    /// Partitions of a topic that must be made
    #[arg(long, default_value_t = 1)]
    partitions: i32,
    /// Compress batches: none, gzip, snappy, lz4 or zstd
    #[arg(short = 'z', long = "compression", value_name = "CODEC", default_value = "none")]
    codec: Compression,
}

/// Arguments of `bench produce`.
#[derive(Args, Debug)]
pub struct ProduceArguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    load: Load,
    /// How many records to send
    #[arg(short = 'n', long = "records", default_value_t = 1_000_000)]
    records: u64,
}

/// Arguments of `bench consume`.
#[derive(Args, Debug)]
pub struct ConsumeArguments {
    #[command(flatten)]
    common: Common,
}

/// Arguments of `bench e2e`.
#[derive(Args, Debug)]
pub struct E2eArguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    load: Load,
    /// How many records to send
    #[arg(short = 'n', long = "records", default_value_t = 10_000)]
    records: u64,
    /// Records a second
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
}

/// What was measured. Latencies are in milliseconds, and null where there is none.
#[derive(Serialize)]
struct Measured {
    name: &'static str,
    records: u64,
    seconds: f64,
    records_per_second: f64,
    mib_per_second: f64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    p999_ms: Option<f64>,
    max_ms: Option<f64>,
}

impl Measured {
    fn new(
        name: &'static str,
        records: u64,
        bytes: u64,
        elapsed: Duration,
        latency: Option<&Histogram<u64>>,
    ) -> Self {
        let seconds = elapsed.as_secs_f64().max(1e-9);
        let at = |quantile: f64| latency.map(|micros| micros.value_at_quantile(quantile) as f64 / 1_000.0);
        Self {
            name,
            records,
            seconds,
            records_per_second: records as f64 / seconds,
            mib_per_second: bytes as f64 / seconds / f64::from(1 << 20),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: latency.map(|micros| micros.max() as f64 / 1_000.0),
        }
    }
}

impl Row for Measured {
    const COLUMNS: &'static [&'static str] =
        &["bench", "records", "seconds", "records/s", "MiB/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms"];

    fn cells(&self) -> Vec<String> {
        let latency = |value: Option<f64>| or_dash(value.map(|value| format!("{value:.2}")));
        vec![
            self.name.to_owned(),
            self.records.to_string(),
            format!("{:.2}", self.seconds),
            format!("{:.0}", self.records_per_second),
            format!("{:.1}", self.mib_per_second),
            latency(self.p50_ms),
            latency(self.p99_ms),
            latency(self.p999_ms),
            latency(self.max_ms),
        ]
    }

    fn name(&self) -> String {
        self.name.to_owned()
    }
}

/// Measures.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Produce(arguments) => produce(arguments).await,
        Command::Consume(arguments) => consume(arguments).await,
        Command::E2e(arguments) => e2e(arguments).await,
    }
}

async fn ready(common: &Common, load: &Load) -> Result<Client, Failure> {
    let client = common.remote.connect().await?;
    let topic = NewTopic::new(common.topic.as_str()).partitions(load.partitions);
    match client.admin().create_topic(topic).await {
        Err(error) if error.code() != Some(ErrorCode::TopicAlreadyExists) => Err(error.into()),
        _ => Ok(client),
    }
}

fn histogram() -> Result<Histogram<u64>, Failure> {
    /// Ten minutes, in microseconds; what takes longer counts as that.
    const LONGEST: u64 = 600_000_000;
    Histogram::new_with_bounds(1, LONGEST, 3).map_err(|error| Failure::new(Status::Failed, error.to_string()))
}

fn record(latency: &mut Histogram<u64>, since: Instant) {
    latency.saturating_record(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX));
}

/// Bytes that compress about as text does: neither all alike nor all different.
fn value(size: u32) -> Bytes {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let letter = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'a' + (state % 16) as u8
    };
    (0..size).map(letter).collect()
}

async fn produce(arguments: ProduceArguments) -> Result<(), Failure> {
    let client = ready(&arguments.common, &arguments.load).await?;
    let producer = client.producer().acks(Acks::All).compression(arguments.load.codec).build();
    let template = Record::new(arguments.common.topic.as_str()).value(value(arguments.load.size));
    let (tickets, mut sent) = mpsc::unbounded_channel::<(Instant, Ticket)>();
    let waiter = tokio::spawn(async move {
        let mut latency = histogram()?;
        while let Some((begun, ticket)) = sent.recv().await {
            ticket.await?;
            record(&mut latency, begun);
        }
        Ok::<_, Failure>(latency)
    });
    let begun = Instant::now();
    for _ in 0..arguments.records {
        let ticket = producer.enqueue(template.clone()).await?;
        // The waiter ends early only with an error, which is told below.
        let _ = tickets.send((Instant::now(), ticket));
    }
    drop(tickets);
    producer.flush().await?;
    let elapsed = begun.elapsed();
    let latency = waiter.await.map_err(ended)??;
    let bytes = arguments.records * u64::from(arguments.load.size);
    let measured = Measured::new("produce", arguments.records, bytes, elapsed, Some(&latency));
    arguments.common.output.one(&measured)
}

async fn consume(arguments: ConsumeArguments) -> Result<(), Failure> {
    let common = &arguments.common;
    let client = common.remote.connect().await?;
    let begun = Instant::now();
    let reader = client.reader().topic(common.topic.as_str(), Start::Beginning).until_end().build().await;
    let mut reader = match reader {
        Ok(reader) => reader,
        Err(error) => return Err(Failure::of_topic(&client, &common.topic, error).await),
    };
    let (mut records, mut bytes) = (0, 0);
    while let Some(message) = reader.next().await {
        let message = message?;
        records += 1;
        bytes +=
            [&message.key, &message.value].into_iter().flatten().map(|part| part.len() as u64).sum::<u64>();
    }
    common.output.one(&Measured::new("consume", records, bytes, begun.elapsed(), None))
}

async fn e2e(arguments: E2eArguments) -> Result<(), Failure> {
    let client = ready(&arguments.common, &arguments.load).await?;
    let topic = arguments.common.topic.as_str();
    let mut reader = client.reader().topic(topic, Start::End).build().await?;
    let producer = client.producer().linger(Duration::ZERO).compression(arguments.load.codec).build();
    let value = value(arguments.load.size);
    let (count, rate, record_topic) = (arguments.records, arguments.rate, topic.to_owned());
    let begun = Instant::now();
    let feed = tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
        for number in 0..count {
            // Counted from when it was due: a broker that makes senders wait gains nothing by it.
            let due = tick.tick().await.into_std().saturating_duration_since(begun).as_nanos() as u64;
            let record = Record::new(record_topic.as_str())
                .key(number.to_be_bytes().to_vec())
                .value(value.clone())
                .header("due", due.to_be_bytes().to_vec());
            drop(producer.enqueue(record).await?);
        }
        producer.close().await
    });
    let mut latency = histogram()?;
    let mut bytes = 0;
    for _ in 0..count {
        let message = reader.next().await.ok_or(Failure::Client(Error::Closed))??;
        let due = message.headers.first().and_then(|header| header.value.as_deref()?.try_into().ok());
        let due = due.map(u64::from_be_bytes).ok_or_else(|| {
            Failure::new(Status::Conflict, format!("somebody else writes to topic \"{topic}\""))
        })?;
        record(&mut latency, begun + Duration::from_nanos(due));
        bytes += message.value.map_or(0, |value| value.len() as u64);
    }
    let elapsed = begun.elapsed();
    feed.await.map_err(ended)??;
    arguments.common.output.one(&Measured::new("e2e", count, bytes, elapsed, Some(&latency)))
}

fn ended(error: tokio::task::JoinError) -> Failure {
    Failure::new(Status::Failed, error.to_string())
}
