//! Incremental fetch sessions (KIP-227): what a client fetches is remembered, so that it sends and gets changes only.
//!
//! Sessions belong to the broker, not to a connection. Kafka: `FetchSession`, `FetchSessionCache`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::fetch::PartitionData;
use uuid::Uuid;

use super::partitions::PartitionMap;
use crate::engine::{Read, TopicRef};
use crate::world::World;

/// A session that has not been used for this long makes room for another.
const EVICTABLE_AFTER: Duration = Duration::from_secs(120);

/// Partitions that all sessions together may remember: what a client makes the broker keep must end somewhere.
const MOST_PARTITIONS: usize = 1 << 20;

/// A partition within a session or a request.
pub(super) type PartitionKey = (TopicRef, i32);

/// The session id of a request without a session.
const NO_SESSION: i32 = 0;
const INITIAL_EPOCH: i32 = 0;
const FINAL_EPOCH: i32 = -1;

/// What a session remembers of a partition.
#[derive(Debug, Clone)]
struct Remembered {
    read: Read,
    high_watermark: i64,
    log_start: i64,
}

impl Remembered {
    fn new(read: Read) -> Self {
        Self { read, high_watermark: -1, log_start: -1 }
    }

    /// Takes note of an answer; true if the client must be told of it.
    fn note(&mut self, answer: &PartitionData) -> bool {
        let has_records = answer.records.as_ref().is_some_and(|records| !records.is_empty());
        let moved = self.high_watermark != answer.high_watermark || self.log_start != answer.log_start_offset;
        let failed = answer.error_code != ErrorCode::None.code() || answer.diverging_epoch.epoch >= 0;
        // After a failure the next good answer is news, whatever it says.
        self.high_watermark = if failed { -1 } else { answer.high_watermark };
        self.log_start = answer.log_start_offset;
        has_records || moved || failed
    }
}

/// Topics by id.
type Names = HashMap<Uuid, Arc<str>>;

/// A session.
#[derive(Debug)]
struct Session {
    epoch: i32,
    names: Names,
    uses_ids: bool,
    partitions: PartitionMap<PartitionKey, Remembered>,
}

struct Cached {
    session: Arc<Mutex<Session>>,
    created: Duration,
    used: Duration,
    size: usize,
}

/// All sessions of the broker.
pub struct FetchSessions {
    world: World,
    slots: usize,
    cached: Mutex<HashMap<i32, Cached>>,
}

/// A fetch request's share in a session.
pub(super) struct Asked {
    pub(super) session_id: i32,
    pub(super) epoch: i32,
    pub(super) uses_ids: bool,
    /// In the order of the request, each partition once.
    pub(super) reads: Vec<Read>,
    pub(super) forgotten: Vec<PartitionKey>,
    /// Names of the topics that were found by id.
    pub(super) names: Names,
}

/// What a request is answered from.
pub(super) enum FetchContext {
    /// No session: everything that was asked for is answered.
    Sessionless(Vec<Read>),
    /// A session is to be made of it.
    Full { reads: Vec<Read>, uses_ids: bool, names: Names },
    /// A session goes on.
    Incremental(Incremental),
}

/// A request within a session.
pub(super) struct Incremental {
    id: i32,
    epoch: i32,
    session: Arc<Mutex<Session>>,
    reads: Vec<Read>,
}

impl FetchContext {
    /// What is to be read, in the session's order.
    pub(super) fn reads(&self) -> &[Read] {
        match self {
            Self::Sessionless(reads) | Self::Full { reads, .. } => reads,
            Self::Incremental(incremental) => &incremental.reads,
        }
    }

    /// The name under which the session has seen a topic.
    pub(super) fn name_of(&self, id: &Uuid) -> Option<Arc<str>> {
        match self {
            Self::Sessionless(_) | Self::Full { .. } => None,
            Self::Incremental(incremental) => incremental.session.lock().names.get(id).cloned(),
        }
    }
}

impl FetchSessions {
    /// No sessions yet, and room for `slots` (`max.incremental.fetch.session.cache.slots`).
    pub fn new(world: World, slots: usize) -> Self {
        Self { world, slots, cached: Mutex::default() }
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        self.cached.lock().len()
    }

    /// Finds out what a request is about.
    pub(super) fn begin(&self, asked: Asked) -> Result<FetchContext, ErrorCode> {
        if asked.epoch == INITIAL_EPOCH || asked.epoch == FINAL_EPOCH {
            if asked.session_id != NO_SESSION {
                self.cached.lock().remove(&asked.session_id);
            }
            return Ok(if asked.epoch == FINAL_EPOCH {
                FetchContext::Sessionless(asked.reads)
            } else {
                FetchContext::Full { reads: asked.reads, uses_ids: asked.uses_ids, names: asked.names }
            });
        }
        let session = {
            let mut cached = self.cached.lock();
            let cached = cached.get_mut(&asked.session_id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
            cached.used = self.world.clock.monotonic();
            cached.session.clone()
        };
        self.go_on(session, asked)
    }

    fn go_on(&self, shared: Arc<Mutex<Session>>, asked: Asked) -> Result<FetchContext, ErrorCode> {
        let mut session = shared.lock();
        if session.epoch != asked.epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.uses_ids != asked.uses_ids {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        for read in &asked.reads {
            match session.partitions.get_mut(&key(read)) {
                Some(remembered) => remembered.read = read.clone(),
                None => session.partitions.push(key(read), Remembered::new(read.clone())),
            }
        }
        for forgotten in &asked.forgotten {
            session.partitions.remove(forgotten);
        }
        session.names.extend(asked.names);
        let mut cached = self.cached.lock();
        if session.partitions.is_empty() {
            cached.remove(&asked.session_id);
            return Ok(FetchContext::Sessionless(asked.reads));
        }
        if let Some(cached) = cached.get_mut(&asked.session_id) {
            cached.size = session.partitions.len();
        }
        if !asked.reads.is_empty() && remembered(&cached) > MOST_PARTITIONS {
            // The client begins again with a full fetch, which gets no session while there is no room.
            cached.remove(&asked.session_id);
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        drop(cached);
        session.epoch = next_epoch(session.epoch);
        let reads = session.partitions.values().map(|remembered| remembered.read.clone()).collect();
        let epoch = session.epoch;
        drop(session);
        Ok(FetchContext::Incremental(Incremental { id: asked.session_id, epoch, session: shared, reads }))
    }

    /// Takes note of the answers, one for each of the context's reads, and returns the session's id with those that
    /// the client is to be told.
    pub(super) fn finish(
        &self,
        context: FetchContext,
        answers: Vec<PartitionData>,
    ) -> Result<(i32, Vec<(PartitionKey, PartitionData)>), ErrorCode> {
        match context {
            FetchContext::Sessionless(reads) => Ok((NO_SESSION, keyed(&reads, answers))),
            FetchContext::Full { reads, uses_ids, names } => {
                let id = self.create(&reads, &answers, uses_ids, names);
                Ok((id, keyed(&reads, answers)))
            }
            FetchContext::Incremental(incremental) => {
                let id = incremental.id;
                Ok((id, incremental.changes(answers)?))
            }
        }
    }

    /// Makes a session of a full request, if there is room for it; 0 if not.
    fn create(&self, reads: &[Read], answers: &[PartitionData], uses_ids: bool, names: Names) -> i32 {
        let mut partitions = PartitionMap::default();
        for (read, answer) in reads.iter().zip(answers) {
            let mut remembered = Remembered::new(read.clone());
            remembered.note(answer);
            partitions.push(key(read), remembered);
        }
        let now = self.world.clock.monotonic();
        let size = partitions.len();
        let session = Session { epoch: next_epoch(INITIAL_EPOCH), names, uses_ids, partitions };
        let mut cached = self.cached.lock();
        if remembered(&cached).saturating_add(size) > MOST_PARTITIONS {
            return NO_SESSION;
        }
        if cached.len() >= self.slots && !evict(&mut cached, now, size) {
            return NO_SESSION;
        }
        let id = self.unused_id(&cached);
        cached.insert(id, Cached { session: Arc::new(Mutex::new(session)), created: now, used: now, size });
        id
    }

    fn unused_id(&self, cached: &HashMap<i32, Cached>) -> i32 {
        loop {
            let mut bytes = [0; 4];
            self.world.random.fill(&mut bytes);
            let id = i32::from_be_bytes(bytes) & i32::MAX;
            if id != NO_SESSION && !cached.contains_key(&id) {
                return id;
            }
        }
    }
}

impl Incremental {
    fn changes(self, answers: Vec<PartitionData>) -> Result<Vec<(PartitionKey, PartitionData)>, ErrorCode> {
        let mut session = self.session.lock();
        if session.epoch != self.epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        let mut told = Vec::new();
        for (read, answer) in self.reads.iter().zip(answers) {
            let key = key(read);
            let Some(remembered) = session.partitions.get_mut(&key) else { continue };
            if !remembered.note(&answer) {
                continue;
            }
            // Who had records goes behind those who had none, so that each gets its turn.
            if answer.records.as_ref().is_some_and(|records| !records.is_empty()) {
                session.partitions.move_to_end(&key);
            }
            told.push((key, answer));
        }
        Ok(told)
    }
}

/// Partitions that the sessions remember, all together.
fn remembered(cached: &HashMap<i32, Cached>) -> usize {
    cached.values().map(|one| one.size).sum()
}

/// Removes a session for one with `size` partitions: one that is not used any more, or an old smaller one.
fn evict(cached: &mut HashMap<i32, Cached>, now: Duration, size: usize) -> bool {
    let old = |since: Duration| now.saturating_sub(since) > EVICTABLE_AFTER;
    let unused = cached.iter().filter(|(_, one)| old(one.used)).min_by_key(|(_, one)| one.used);
    let smaller = cached.iter().filter(|(_, one)| old(one.created) && one.size < size);
    let victim = unused.or_else(|| smaller.min_by_key(|(_, one)| one.size)).map(|(id, _)| *id);
    victim.is_some_and(|id| cached.remove(&id).is_some())
}

fn next_epoch(epoch: i32) -> i32 {
    epoch.checked_add(1).unwrap_or(1)
}

fn key(read: &Read) -> PartitionKey {
    (read.topic.clone(), read.partition)
}

fn keyed(reads: &[Read], answers: Vec<PartitionData>) -> Vec<(PartitionKey, PartitionData)> {
    reads.iter().map(key).zip(answers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::sim::Sim;

    fn read(partition: i32) -> Read {
        Read {
            topic: TopicRef::Name("orders".into()),
            partition,
            offset: 0,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            max_bytes: 1 << 20,
        }
    }

    fn answer(partition_index: i32, high_watermark: i64, records: &'static [u8]) -> PartitionData {
        let records = Some(bytes::Bytes::from_static(records).into());
        PartitionData { partition_index, high_watermark, log_start_offset: 0, records, ..Default::default() }
    }

    fn asked(session_id: i32, epoch: i32, partitions: std::ops::Range<i32>) -> Asked {
        let reads = partitions.map(read).collect();
        Asked { session_id, epoch, uses_ids: false, reads, forgotten: Vec::new(), names: Names::new() }
    }

    fn open(sessions: &FetchSessions, partitions: i32) -> i32 {
        let context = sessions.begin(asked(0, 0, 0..partitions)).unwrap();
        let answers = (0..partitions).map(|partition| answer(partition, 0, b"")).collect();
        sessions.finish(context, answers).unwrap().0
    }

    fn next(sessions: &FetchSessions, id: i32, epoch: i32, answers: Vec<PartitionData>) -> Vec<i32> {
        let context = sessions.begin(asked(id, epoch, 0..0)).unwrap();
        let by_partition =
            |read: &Read| answers.iter().find(|one| one.partition_index == read.partition).cloned();
        let answers = context.reads().iter().map(|read| by_partition(read).unwrap()).collect();
        let (_, told) = sessions.finish(context, answers).unwrap();
        told.into_iter().map(|((_, partition), _)| partition).collect()
    }

    #[test]
    fn a_full_cache_makes_room_by_age_and_size() {
        let sim = Sim::new(7);
        let sessions = FetchSessions::new(sim.world(), 2);
        let (small, large) = (open(&sessions, 1), open(&sessions, 5));
        assert_eq!(open(&sessions, 9), NO_SESSION, "young sessions stay");
        sim.clock.advance(EVICTABLE_AFTER + Duration::from_secs(1));
        // Both are old now, and both were used a moment ago: only a larger session takes the smallest one's place.
        let quiet = |partitions: i32| (0..partitions).map(|partition| answer(partition, 0, b"")).collect();
        next(&sessions, small, 1, quiet(1));
        next(&sessions, large, 1, quiet(5));
        assert_eq!(open(&sessions, 1), NO_SESSION);
        sim.clock.advance(Duration::from_secs(1));
        assert_ne!(open(&sessions, 3), NO_SESSION);
        assert_eq!(sessions.begin(asked(small, 2, 0..0)).err(), Some(ErrorCode::FetchSessionIdNotFound));
        // One that nobody uses goes first, whatever its size.
        sim.clock.advance(EVICTABLE_AFTER + Duration::from_secs(1));
        assert_ne!(open(&sessions, 1), NO_SESSION);
        assert_eq!(sessions.begin(asked(large, 2, 0..0)).err(), Some(ErrorCode::FetchSessionIdNotFound));
        assert_eq!(sessions.count(), 2);
    }

    #[test]
    fn what_all_sessions_remember_has_a_bound() {
        let sim = Sim::new(7);
        let sessions = FetchSessions::new(sim.world(), 1000);
        let most = i32::try_from(MOST_PARTITIONS).unwrap();
        let large = open(&sessions, most - 10);
        assert_ne!(large, NO_SESSION);
        assert_eq!(open(&sessions, 11), NO_SESSION);
        let small = open(&sessions, 10);
        assert_ne!(small, NO_SESSION);
        // A session that grows beyond the bound goes, and makes room.
        assert_eq!(sessions.begin(asked(large, 1, 0..most)).err(), Some(ErrorCode::FetchSessionIdNotFound));
        assert_eq!(sessions.count(), 1);
        assert_ne!(open(&sessions, 11), NO_SESSION);
    }

    #[test]
    fn only_news_is_told_and_each_partition_gets_its_turn() {
        let sim = Sim::new(7);
        let sessions = FetchSessions::new(sim.world(), 10);
        let id = open(&sessions, 3);
        let with = |changed: PartitionData| {
            let mut answers: Vec<_> = (0..3).map(|partition| answer(partition, 0, b"")).collect();
            let place = usize::try_from(changed.partition_index).unwrap();
            answers[place] = changed;
            answers
        };
        assert!(next(&sessions, id, 1, with(answer(0, 0, b""))).is_empty());
        assert_eq!(next(&sessions, id, 2, with(answer(1, 4, b"x"))), [1]);
        let order = sessions.begin(asked(id, 3, 0..0)).unwrap();
        let order: Vec<i32> = order.reads().iter().map(|read| read.partition).collect();
        assert_eq!(order, [0, 2, 1], "who had records stands at the end");
        let failed = PartitionData { error_code: 3, high_watermark: -1, ..answer(2, -1, b"") };
        assert_eq!(next(&sessions, id, 4, with(failed)), [2, 1]);
        assert_eq!(
            next(&sessions, id, 5, with(answer(2, 0, b""))),
            [2],
            "news after an error, though nothing changed"
        );
        assert_eq!(sessions.begin(asked(id, 5, 0..0)).err(), Some(ErrorCode::InvalidFetchSessionEpoch));
    }
}
