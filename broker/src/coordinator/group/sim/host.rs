//! The broker around the shard: a log that is synced late, answers that wait for it, requests that wait for a rebalance.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::ledger::Ledger;
use super::traffic::{Answer, Ask, Delivery, FetchedTopic};
use super::world::World;
use crate::coordinator::group::offsets::FetchOffsets;
use crate::coordinator::group::{Record, Shard, Step, Surroundings, Ticket, Woken};

type Entry = (Bytes, Option<Bytes>);

/// A request that waits for a rebalance.
#[derive(Debug)]
pub struct Waiting {
    pub client: usize,
    pub request: u64,
    pub group: Arc<str>,
    pub since: Duration,
}

/// An acknowledged commit: group, topic with its id, partition.
type Committed = (Arc<str>, Arc<str>, Uuid, i32);
/// What becomes acknowledged with an answer.
type Promise = (Committed, i64);

pub struct Host {
    pub shard: Shard,
    pub up: bool,
    /// Counts the starts: a sync that was begun before a crash ends nothing.
    pub life: u64,
    pub log: Vec<Entry>,
    pub durable: usize,
    pub syncing: bool,
    pub waiting: BTreeMap<Ticket, Waiting>,
    /// Tickets of requests that could not be written: their clients have been told.
    forgiven: BTreeSet<Ticket>,
    /// Answers, each with the end of the log that must be durable first.
    outbox: Vec<(usize, Delivery, Vec<Promise>)>,
    pub acknowledged: BTreeMap<Committed, i64>,
    pub ledger: Ledger,
    /// Deletions of topics, with the end of the log where their offsets are gone: to be told again where that was lost.
    deleted: Vec<(usize, Arc<str>, Uuid)>,
    /// The next step's records find a full disk.
    pub full: bool,
    /// How often that has happened.
    pub refusals: usize,
    /// Classic groups whose last change could not be written: they are ahead of the log until the next one is, as in Kafka.
    pub ahead: BTreeSet<Arc<str>>,
    /// How many records were written that are about groups, not offsets.
    pub written: usize,
    /// Hash of everything that was written and answered.
    pub hash: std::hash::DefaultHasher,
}

/// The group that a record is about, if it is a classic one.
fn classic_group(record: &Record) -> Option<&Arc<str>> {
    match record {
        Record::ClassicGroup { group, .. } => Some(group),
        _ => None,
    }
}

impl Host {
    pub fn new() -> Self {
        Self {
            shard: Shard::default(),
            up: true,
            life: 0,
            log: Vec::new(),
            durable: 0,
            syncing: false,
            waiting: BTreeMap::new(),
            forgiven: BTreeSet::new(),
            outbox: Vec::new(),
            acknowledged: BTreeMap::new(),
            ledger: Ledger::default(),
            deleted: Vec::new(),
            full: false,
            refusals: 0,
            written: 0,
            ahead: BTreeSet::new(),
            hash: std::hash::DefaultHasher::new(),
        }
    }

    /// Serves a request.
    pub fn ask(&mut self, world: &World, client: usize, request: u64, ask: Ask) -> Result<(), String> {
        let env = &world.env();
        let ticket = Ticket(request);
        let mut promises = Vec::new();
        let group = ask.group().clone();
        let step = match ask {
            Ask::Join(join) => self.shard.join(env, ticket, join).map(|reply| reply.map(Answer::Joined)),
            Ask::Sync(sync) => self.shard.sync(env, ticket, sync).map(|reply| reply.map(Answer::Synced)),
            Ask::Beat(beat) => self.shard.heartbeat(env, &beat).map(|reply| Some(Answer::Beat(reply))),
            Ask::Leave(leave) => self.shard.leave(env, &leave).map(|reply| Some(Answer::Left(reply))),
            Ask::Consumer(beat) => {
                self.shard.consumer_heartbeat(env, beat).map(|reply| Some(Answer::Consumer(reply)))
            }
            Ask::Fetch(fetch) => {
                let fetched = self.shard.fetch_offsets(&fetch);
                if let Ok(topics) = &fetched {
                    self.compare_fetched(world, &fetch, topics)?;
                }
                Step::reply(Some(Answer::Fetched(fetched)))
            }
            Ask::Commit(mut commit) => {
                // A topic that is gone is answered before the shard is asked.
                commit.partitions.retain(|of| world.topics.topic_by_id(of.topic_id).is_some());
                let offsets: Vec<_> = commit
                    .partitions
                    .iter()
                    .map(|p| ((commit.group.clone(), p.topic.clone(), p.topic_id, p.partition), p.offset))
                    .collect();
                let step = self.shard.commit_offsets(env, commit);
                let kept = offsets.into_iter().zip(&step.reply);
                promises =
                    kept.filter(|(_, error)| **error == ErrorCode::None).map(|(offset, _)| offset).collect();
                step.map(|errors| Some(Answer::Committed(errors)))
            }
        };
        let waits = step.reply.is_none();
        if waits {
            self.waiting.insert(ticket, Waiting { client, request, group, since: world.now });
        }
        let answer = match self.settle(world, step)? {
            Some(reply) => reply,
            // Who asked hears of it, whatever the shard makes of its ticket.
            None => {
                promises.clear();
                self.waiting.remove(&ticket);
                self.forgiven.insert(ticket);
                Some(Answer::Failed(ErrorCode::CoordinatorNotAvailable))
            }
        };
        if let Some(answer) = answer {
            self.outbox.push((self.log.len(), Delivery { client, request, answer }, promises));
        }
        Ok(())
    }

    /// Appends and applies what a step wrote, and answers those whom it woke. Nothing, where the disk was full.
    pub fn settle<R>(&mut self, world: &World, step: Step<R>) -> Result<Option<R>, String> {
        if self.full && !step.records.is_empty() {
            self.full = false;
            self.refusals += 1;
            self.ahead.extend(step.records.iter().filter_map(classic_group).cloned());
            let refused = self.shard.refused(&world.env(), step, ErrorCode::CoordinatorNotAvailable);
            self.settle(world, refused)?;
            return Ok(None);
        }
        for record in &step.records {
            let (key, value) = record.encode().map_err(|error| format!("{error}: {record:?}"))?;
            let again = Record::decode(&key, value.as_deref()).map_err(|error| error.to_string())?;
            if again != *record {
                return Err(format!("{record:?} is read as {again:?}"));
            }
            // What an expression resolves to is looked at again from time to time.
            let of_group = !matches!(record, Record::OffsetCommit { .. } | Record::RegularExpression { .. });
            self.written += usize::from(of_group);
            classic_group(record).map(|group| self.ahead.remove(group));
            self.ledger.read(record)?;
            self.hash.write(&key);
            self.hash.write(value.as_deref().unwrap_or_default());
            self.log.push((key, value));
            self.shard.apply(&world.env(), record);
        }
        if step.records.iter().any(|record| matches!(record, Record::CurrentAssignment { .. })) {
            self.ledger.check()?;
        }
        self.wake(step.woken)?;
        Ok(Some(step.reply))
    }

    fn wake(&mut self, woken: Vec<Woken>) -> Result<(), String> {
        for woken in woken {
            let (ticket, answer) = match woken {
                Woken::Joined(ticket, joined) => (ticket, Answer::Joined(joined)),
                Woken::Synced(ticket, synced) => (ticket, Answer::Synced(synced)),
            };
            if self.forgiven.remove(&ticket) {
                continue;
            }
            let Some(Waiting { client, request, .. }) = self.waiting.remove(&ticket) else {
                return Err(format!("{ticket:?} is answered, but does not wait: {answer:?}"));
            };
            self.outbox.push((self.log.len(), Delivery { client, request, answer }, Vec::new()));
        }
        Ok(())
    }

    /// Does what deadlines ask for.
    pub fn expire(&mut self, world: &World) -> Result<(), String> {
        for _ in 0..10_000 {
            let Some(step) = self.shard.next_due(&world.env()) else { return Ok(()) };
            self.settle(world, step)?;
        }
        Err("deadlines come without end".to_owned())
    }

    /// A topic has been deleted.
    pub fn topic_deleted(&mut self, world: &World, name: &str, id: Uuid) -> Result<(), String> {
        self.full = false;
        self.acknowledged.retain(|(_, _, topic, _), _| *topic != id);
        let step = self.shard.topic_deleted(name, id);
        self.settle(world, step)?;
        self.deleted.push((self.log.len(), name.into(), id));
        Ok(())
    }

    /// Answers whose records are durable.
    pub fn ready(&mut self) -> Vec<Delivery> {
        if self.outbox.first().is_none_or(|out| out.0 > self.durable) {
            // What comes later waits for more.
            return Vec::new();
        }
        let durable = self.durable;
        let (ready, later) = std::mem::take(&mut self.outbox).into_iter().partition(|out| out.0 <= durable);
        self.outbox = later;
        let deliver = |(_, delivery, promises): (usize, Delivery, Vec<_>)| {
            for (key, offset) in promises {
                let kept = self.acknowledged.entry(key).or_insert(offset);
                *kept = offset.max(*kept);
            }
            self.hash.write_u64(delivery.request);
            delivery
        };
        ready.into_iter().map(deliver).collect()
    }

    /// What is fetched is never less than what was acknowledged.
    fn compare_fetched(
        &self,
        world: &World,
        fetch: &FetchOffsets,
        topics: &[FetchedTopic],
    ) -> Result<(), String> {
        for (topic, partitions) in topics {
            let Some(id) = world.topics.get(topic).map(|facts| facts.id) else { continue };
            for fetched in partitions {
                let key = (fetch.group.clone(), topic.clone(), id, fetched.partition);
                let known = self.acknowledged.get(&key).copied().unwrap_or(-1);
                if fetched.error == ErrorCode::None && fetched.offset < known {
                    return Err(format!("{key:?}: {} was acknowledged, {fetched:?} is fetched", known));
                }
            }
        }
        Ok(())
    }

    /// The process ends, and with it everything that was not synced, or part of it.
    pub fn crash(&mut self, world: &World) -> Vec<Delivery> {
        let kept = self.durable + world.random.below(self.log.len() - self.durable + 1);
        self.log.truncate(kept);
        self.deleted.retain(|(end, ..)| *end > kept);
        (self.durable, self.up, self.syncing) = (kept, false, false);
        self.life += 1;
        self.shard = Shard::default();
        self.ahead.clear();
        let waiting = std::mem::take(&mut self.waiting);
        let outbox = std::mem::take(&mut self.outbox);
        let asked = waiting.into_values().map(|waiting| (waiting.client, waiting.request));
        asked
            .chain(outbox.into_iter().map(|out| (out.1.client, out.1.request)))
            .map(|(client, request)| Delivery { client, request, answer: Answer::Lost })
            .collect()
    }

    /// A process begins: it replays the log, which may have been compacted before.
    pub fn start(&mut self, world: &World) -> Result<(), String> {
        if world.random.percent(70) {
            self.compact(world);
        }
        self.shard = self.replayed()?;
        self.ledger = Ledger::default();
        for (key, value) in &self.log {
            let record = Record::decode(key, value.as_deref()).map_err(|error| error.to_string())?;
            // Between compacted records the members of a group may seem to overlap; at the end they do not.
            self.ledger.read(&record)?;
        }
        self.ledger.check()?;
        self.up = true;
        let step = self.shard.loaded(&world.env());
        self.full = false;
        self.settle(world, step)?;
        for (_, name, id) in std::mem::take(&mut self.deleted) {
            self.topic_deleted(world, &name, id)?;
        }
        Ok(())
    }

    /// A shard made of the log alone.
    pub fn replayed(&self) -> Result<Shard, String> {
        let mut shard = Shard::default();
        for (key, value) in &self.log {
            shard.replay(&Record::decode(key, value.as_deref()).map_err(|error| error.to_string())?);
        }
        Ok(shard)
    }

    /// Of the records below some place only the last of each key stays, and of what was taken back perhaps nothing.
    fn compact(&mut self, world: &World) {
        let end = world.random.below(self.log.len() + 1);
        let tombstones = world.random.percent(50);
        let mut last = BTreeMap::new();
        for (place, (key, _)) in self.log.iter().enumerate() {
            last.insert(key.clone(), place);
        }
        let mut place = 0;
        self.log.retain(|(key, value)| {
            let stays = place >= end || (last[key] == place && (value.is_some() || tombstones));
            place += 1;
            stays
        });
        self.durable = self.log.len();
    }
}
