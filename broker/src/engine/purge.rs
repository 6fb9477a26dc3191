//! Purging a key at work: every record of it goes from a partition, and the proof is given.

use std::time::{Duration, Instant};

use thalweg_proto::error::ErrorCode;

use super::compact::{Progress, Watch};
use super::{Engine, EngineError, Served, TopicHandle};
use crate::coordinator::metadata::is_internal;
use crate::log::{Limits, LogError, Proof, Purge, PurgeError, PurgedSegment, Survey};

/// Readers of the old files are waited for so long.
const READERS: Duration = Duration::from_secs(10);
/// How often it is looked whether they are done.
const LOOK: Duration = Duration::from_millis(20);

/// What a purge of one partition did.
#[derive(Clone, Debug, Default)]
pub struct Purged {
    /// Records of the key that were there.
    pub found: u64,
    /// Segments that were written anew, with the records that went.
    pub segments: Vec<PurgedSegment>,
    /// The one record of the key that is left: the tombstone that was asked for.
    pub tombstone: Option<i64>,
    /// What was looked through afterwards; `None` with a problem.
    pub proof: Option<Proof>,
    /// Replaced segments that somebody still reads.
    pub still_read: usize,
    /// Why it is not done.
    pub problem: Option<EngineError>,
}

impl Purged {
    /// Records that went.
    pub fn removed(&self) -> u64 {
        self.segments.iter().map(|segment| segment.removed.count()).sum()
    }

    /// Whether nothing of the key is left, but for the tombstone that was asked for.
    pub fn is_complete(&self) -> bool {
        self.problem.is_none() && self.still_read == 0 && self.proof.as_ref().is_some_and(Proof::holds)
    }
}

impl Engine {
    /// Whether a key may be purged from a topic.
    pub fn check_purge(&self, handle: &TopicHandle, tombstone: bool) -> Result<(), EngineError> {
        if is_internal(&handle.topic.name) {
            let message = "Cannot purge keys of an internal topic";
            return Err(EngineError::refused(ErrorCode::InvalidTopicException, message));
        }
        if tombstone && !handle.settings.cleanup_policy.compact {
            let message = "a tombstone would stay for good in a topic that is not compacted";
            return Err(EngineError::refused(ErrorCode::InvalidRequest, message));
        }
        Ok(())
    }

    /// Removes every record of a key from a partition, and looks through all of it afterwards. With `tombstone` one stays, so
    /// that those who read on learn of the deletion.
    ///
    /// Works as long as `watch` says so; to be called where blocking is allowed.
    pub fn purge_key(&self, served: &Served, key: &[u8], tombstone: bool, watch: Watch<'_>) -> Purged {
        let mut purged = Purged::default();
        let claim = self.claim(served, watch);
        let outcome = match &claim {
            Some(_) => self.purge_claimed(served, key, tombstone, watch, &mut purged),
            None => Err(PurgeError::Stopped),
        };
        drop(claim);
        if let Err(error) = outcome {
            tracing::error!(partition = %served.id(), %error, "a key cannot be purged");
            purged.problem = Some(problem_of(served, &error));
        }
        let bytes = |segment: &PurgedSegment| segment.bytes_before.saturating_sub(segment.bytes_after);
        self.note_purge(served, purged.segments.iter().map(bytes).sum(), purged.removed());
        // What the key is, nobody may read in a log.
        tracing::info!(
            partition = %served.id(), found = purged.found, removed = purged.removed(),
            segments = purged.segments.len(), complete = purged.is_complete(), "purged a key"
        );
        purged
    }

    /// Tells what [`Engine::purge_key`] would do, in its words, and changes nothing: `segments` are those that would be written
    /// anew, with what would go, and the proof is of what is there.
    pub fn survey_purge(&self, served: &Served, key: &[u8], tombstone: bool, watch: Watch<'_>) -> Purged {
        let bytes = served.size_bytes();
        let look = |limits: &Limits<'_>| match served.survey_purge(key, tombstone, limits) {
            Ok(Some(survey)) => Ok(survey),
            Ok(None) => Err(PurgeError::Stopped),
            Err(error) => Err(error),
        };
        let claim = self.claim(served, watch);
        let looked = match &claim {
            Some(_) => self.paced("searching", bytes, watch, look),
            None => Err(PurgeError::Stopped),
        };
        drop(claim);
        match looked {
            Ok(Survey { segments, tombstone, proof }) => Purged {
                found: proof.remaining.count(),
                segments,
                tombstone,
                proof: Some(proof),
                ..Purged::default()
            },
            Err(error) => Purged { problem: Some(problem_of(served, &error)), ..Purged::default() },
        }
    }

    fn purge_claimed(
        &self,
        served: &Served,
        key: &[u8],
        tombstone: bool,
        watch: Watch<'_>,
        purged: &mut Purged,
    ) -> Result<(), PurgeError> {
        let now_ms = self.world.clock.wall_ms();
        let Some(mut purge) = served.begin_purge(key, now_ms)? else { return Err(PurgeError::Stopped) };
        let outcome = self.purge_in_steps(&mut purge, tombstone, watch, purged);
        purged.segments = purge.purged().to_vec();
        outcome
    }

    fn purge_in_steps(
        &self,
        purge: &mut Purge<'_>,
        tombstone: bool,
        watch: Watch<'_>,
        purged: &mut Purged,
    ) -> Result<(), PurgeError> {
        let bytes = purge.bytes();
        purged.found = self.paced("searching", bytes, watch, |limits| purge.search(limits))?;
        if tombstone {
            purged.tombstone = purge.tell_readers(self.world.clock.wall_ms())?;
        }
        let affected = purge.bytes_to_rewrite();
        self.paced("rewriting", affected, watch, |limits| purge.rewrite(limits))?;
        purged.still_read = self.wait_for_readers(purge, watch)?;
        let bytes = purge.bytes();
        purged.proof = Some(self.paced("proving", bytes, watch, |limits| purge.prove(limits))?);
        Ok(())
    }

    /// Waits for those who read the old files; returns how many are left.
    fn wait_for_readers(&self, purge: &mut Purge<'_>, watch: Watch<'_>) -> Result<usize, LogError> {
        let until = Instant::now() + READERS;
        loop {
            let left = purge.still_read()?;
            let waiting = Progress { phase: "waiting for readers", done: 0, total: 0 };
            if left == 0 || Instant::now() >= until || !watch(waiting) {
                return Ok(left);
            }
            std::thread::sleep(LOOK);
        }
    }
}

fn problem_of(served: &Served, error: &PurgeError) -> EngineError {
    match served.is_retired() {
        true => EngineError::Deleted,
        false => EngineError::Refused { code: error.code(), message: error.to_string() },
    }
}
