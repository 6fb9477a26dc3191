//! One partition: its state, and how batches get in.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use bytes::Bytes;
use parking_lot::Mutex;
use thalweg_config::{FlushMode, TopicSettings};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::batch::HEADER_BYTES;
use thalweg_proto::record::{Batch, BatchHeader, ControlKind, ControlRecord};
use uuid::Uuid;

use super::aborted::AbortedEntry;
use super::checkpoint;
use super::epochs::Epochs;
use super::error::{AppendError, LogError};
use super::manager::Shared;
use super::names;
use super::producers::{EndedTransaction, Producers, SeenBatch, Verdict};
use super::recover::Found;
use super::roll::draw_jitter;
use super::segment::Segment;
use super::types::{Appended, Offsets, Origin, ProducerState, TopicPartition};
use super::validate::{self, Rules, Valid};
use super::view::{Published, View};
use crate::world::Disk;

/// Which partition, and where.
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    pub(super) id: TopicPartition,
    pub(super) topic_id: Uuid,
    pub(super) dir: PathBuf,
}

/// What [`Partition::on_advance`] installs.
pub(super) type Hook = Box<dyn Fn(&Partition) + Send + Sync>;

/// Whether a partition takes appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Online = 0,
    Poisoned = 1,
    Deleted = 2,
    Stopped = 3,
}

/// What the writer alone sees and changes.
pub(super) struct Writer {
    pub(super) producers: Producers,
    /// Segments that were rolled and are not yet durable, oldest first.
    pub(super) rolled: Vec<Arc<Segment>>,
    /// Durable segments whose index files could not be written yet.
    pub(super) unindexed: Vec<Arc<Segment>>,
    /// Names were made in the directory that are not yet durable.
    pub(super) new_names: bool,
    /// The directory itself is new, and its name not yet durable.
    pub(super) new_dir: bool,
    /// The largest timestamp of the newest segment's first batch; `None` while unknown.
    pub(super) first_timestamp: Option<i64>,
    /// When the newest segment was begun, and what its age limit is shortened by.
    pub(super) begun_ms: i64,
    pub(super) jitter_ms: i64,
    /// The transactions that were aborted in the newest segment.
    pub(super) aborted: Vec<AbortedEntry>,
    /// Transactions whose markers readers cannot see yet: first offset, and the offset behind the marker.
    pub(super) ending: Vec<(i64, i64)>,
}

impl Writer {
    pub(super) fn new(producers: Producers) -> Writer {
        Writer {
            producers,
            rolled: Vec::new(),
            unindexed: Vec::new(),
            new_names: false,
            new_dir: false,
            first_timestamp: None,
            begun_ms: 0,
            jitter_ms: 0,
            aborted: Vec::new(),
            ending: Vec::new(),
        }
    }

    /// The first offset of the earliest transaction that is open, or whose end could still be taken back.
    fn first_undecided(&self) -> Option<i64> {
        let ending = self.ending.iter().map(|(first, _)| *first).min();
        ending.into_iter().chain(self.producers.first_open()).min()
    }
}

/// A partition of a topic. Appends are serialized; reads and look-ups wait for nobody.
pub struct Partition {
    pub(super) id: TopicPartition,
    pub(super) topic_id: Uuid,
    pub(super) dir: PathBuf,
    pub(super) shared: Arc<Shared>,
    pub(super) settings: ArcSwap<TopicSettings>,
    pub(super) writer: Mutex<Writer>,
    pub(super) view: ArcSwap<View>,
    pub(super) published: Published,
    pub(super) epochs: ArcSwap<Epochs>,
    /// Held while the partition is compacted; before `upkeep`.
    pub(super) compacting: Mutex<()>,
    /// Everything below has been compacted.
    pub(super) cleaned_to: AtomicI64,
    /// When the first of its tombstones may go, and when tombstones were last removed for that.
    pub(super) horizon: AtomicI64,
    pub(super) tombstones_removed_ms: AtomicI64,
    /// Held while segments are removed or closed, or their removal is made known; before `flushing`.
    pub(super) upkeep: Mutex<()>,
    /// Held while a sync runs; before `writer`.
    pub(super) flushing: Mutex<()>,
    /// Everything below is durable. The high watermark, unless appends are visible without a sync.
    pub(super) durable: AtomicI64,
    /// Everything below is durable together with its indexes: an unclean start reads from here on.
    pub(super) recovery_point: AtomicI64,
    /// The log end of the newest producer snapshot that was written at a stop; -1 without one.
    pub(super) stopped_at: AtomicI64,
    pub(super) health: AtomicU8,
    pub(super) used: AtomicBool,
    /// The log end when it was last looked whether the newest segment is idle.
    pub(super) idle_at: AtomicI64,
    pub(super) hook: OnceLock<Hook>,
}

impl std::fmt::Debug for Partition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Partition").field("id", &self.id).field("offsets", &self.offsets()).finish()
    }
}

impl Partition {
    /// A partition over what was found of it. What is not known to be durable must be synced before it is served.
    pub(super) fn assemble(
        place: Place,
        settings: Arc<TopicSettings>,
        found: Found,
        log_start: Option<i64>,
        now_ms: i64,
    ) -> Result<Partition, LogError> {
        let disk = place.shared.disk();
        let (cleaned_to, horizon) = (place.shared.cleaned_to(&place.id), place.shared.horizon(&place.id));
        let first = found.segments.first().map_or(0, |segment| segment.base_offset);
        let log_start = log_start.unwrap_or(first).max(first).min(found.log_end);
        let epochs = read_epochs(disk, &place.dir, found.segments.is_empty(), first)?;
        let jitter_ms = draw_jitter(&*place.shared.world.random, &settings);
        found.segments.iter().for_each(|segment| segment.ages.touch(now_ms));
        let published = Published::new(log_start, found.log_end, found.producers.first_open());
        Ok(Partition {
            id: place.id,
            topic_id: place.topic_id,
            dir: place.dir,
            shared: place.shared,
            settings: ArcSwap::new(settings),
            writer: Mutex::new(Writer {
                aborted: found.aborted,
                begun_ms: now_ms,
                jitter_ms,
                ..Writer::new(found.producers)
            }),
            view: ArcSwap::new(Arc::new(View { segments: found.segments })),
            published,
            epochs: ArcSwap::new(Arc::new(epochs)),
            compacting: Mutex::new(()),
            cleaned_to: AtomicI64::new(cleaned_to),
            horizon: AtomicI64::new(horizon),
            tombstones_removed_ms: AtomicI64::new(i64::MIN),
            upkeep: Mutex::new(()),
            flushing: Mutex::new(()),
            durable: AtomicI64::new(found.log_end),
            recovery_point: AtomicI64::new(found.recovery_point),
            stopped_at: AtomicI64::new(found.snapshot_at.unwrap_or(-1)),
            health: AtomicU8::new(Health::Online as u8),
            used: AtomicBool::new(false),
            idle_at: AtomicI64::new(-1),
            hook: OnceLock::new(),
        })
    }

    /// Its name.
    pub fn id(&self) -> &TopicPartition {
        &self.id
    }

    /// Its topic's id.
    pub fn topic_id(&self) -> Uuid {
        self.topic_id
    }

    /// The directory of its files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The topic's settings, as they are now.
    pub fn settings(&self) -> Arc<TopicSettings> {
        self.settings.load_full()
    }

    /// Puts other settings in force, for everything from here on.
    pub fn set_config(&self, settings: Arc<TopicSettings>) {
        self.settings.store(settings);
    }

    /// Installs the one function that is called, with no lock held, after the high watermark or the log start moved.
    /// A second call changes nothing.
    pub fn on_advance(&self, hook: impl Fn(&Partition) + Send + Sync + 'static) {
        let _ = self.hook.set(Box::new(hook));
    }

    /// Where the partition begins and ends, without a lock.
    pub fn offsets(&self) -> Offsets {
        self.published.offsets()
    }

    /// The epoch that appends carry.
    pub fn leader_epoch(&self) -> i32 {
        self.epochs.load().current()
    }

    /// The epoch up to `epoch` and the offset where it ends; (-1, -1) when there is none (OffsetForLeaderEpoch).
    pub fn epoch_end(&self, epoch: i32) -> (i32, i64) {
        self.epochs.load().end_of(epoch, self.offsets().log_start, self.published.log_end())
    }

    /// The leader epoch of an offset.
    pub fn epoch_of(&self, offset: i64) -> i32 {
        self.epochs.load().of(offset)
    }

    /// What is remembered of idempotent and transactional producers, by id.
    pub fn producers(&self) -> Vec<ProducerState> {
        self.writer.lock().producers.describe()
    }

    /// Bytes of records stored.
    pub fn size_bytes(&self) -> u64 {
        self.view.load().segments.iter().map(|segment| segment.size()).sum()
    }

    /// Whether the partition takes appends: false after a storage failure, until the broker is restarted.
    pub fn is_online(&self) -> bool {
        self.health.load(Ordering::Acquire) == Health::Online as u8
    }

    /// Whether its files are closed for good, or another's.
    pub(super) fn is_out_of_service(&self) -> bool {
        let health = self.health.load(Ordering::Acquire);
        health == Health::Deleted as u8 || health == Health::Stopped as u8
    }

    pub(super) fn poison(&self, error: &LogError) {
        let online = Health::Online as u8;
        let poisoned = Health::Poisoned as u8;
        if self.health.compare_exchange(online, poisoned, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            tracing::error!(partition = %self.id, %error, "storage failed: the partition is offline until a restart");
        }
    }

    pub(super) fn advanced(&self) {
        if let Some(hook) = self.hook.get() {
            hook(self);
        }
    }

    /// Stores one batch.
    ///
    /// `records` is a partition's data as a producer sends it; `now_ms` is the wall clock's time. The batch is durable
    /// and visible once the high watermark is above [`Appended::last_offset`]: at once where `flush.mode` is not
    /// `sync`, else after a [`Partition::flush`].
    pub fn append(&self, records: Bytes, origin: Origin, now_ms: i64) -> Result<Appended, AppendError> {
        let settings = self.settings.load();
        let log_start_offset = self.published.log_start();
        let rules = Rules { partition: &self.id, settings: &settings, origin, now_ms, log_start_offset };
        let valid = validate::validate(&records, &rules)?;
        let appended = {
            let mut writer = self.writer.lock();
            // Under the lock: behind a deletion or a stop, nothing is written.
            self.check_health()?;
            self.store(&mut writer, &valid, &rules)?
        };
        self.used.store(true, Ordering::Relaxed);
        if settings.flush_mode != FlushMode::Sync && !appended.duplicate {
            let raised = self.published.raise_high_watermark(appended.last_offset.saturating_add(1));
            let settled = valid.header.is_control() && self.settle();
            if raised || settled {
                self.advanced();
            }
        }
        Ok(appended)
    }

    fn check_health(&self) -> Result<(), AppendError> {
        match self.health.load(Ordering::Acquire) {
            state if state == Health::Online as u8 => Ok(()),
            state if state == Health::Deleted as u8 => {
                Err(AppendError::plain(ErrorCode::UnknownTopicOrPartition))
            }
            _ => Err(AppendError::plain(ErrorCode::KafkaStorageError)),
        }
    }

    fn store(&self, writer: &mut Writer, valid: &Valid, rules: &Rules<'_>) -> Result<Appended, AppendError> {
        let verdict = writer.producers.judge(&valid.header, rules.origin);
        match verdict.map_err(|code| AppendError::plain(code).inside(rules.log_start_offset))? {
            Verdict::Duplicate(seen) => return Ok(self.repeated(&seen, rules)),
            Verdict::New => {}
        }
        let size = HEADER_BYTES.saturating_add(valid.body.len()) as u64;
        if size > u64::from(rules.settings.segment_bytes) {
            return Err(AppendError::plain(ErrorCode::RecordListTooLarge));
        }
        let mut header = valid.header;
        header.base_offset = self.published.log_end();
        header.partition_leader_epoch = self.leader_epoch();
        let storage = |error: LogError| {
            tracing::error!(partition = %self.id, %error, "cannot append");
            AppendError::plain(ErrorCode::KafkaStorageError)
        };
        let segment = self.segment_for(writer, &header, size, rules).map_err(storage)?;
        let mut head = [0; HEADER_BYTES];
        header.encode_into(&mut head);
        let position = segment.append(self.shared.disk(), &head, &valid.body).map_err(storage)?;
        self.note(writer, &segment, &header, &valid.body, position, rules.settings);
        if header.max_timestamp < 0 {
            segment.ages.touch(rules.now_ms);
        }
        // First: whoever reads the batch goes on at the log's end, not behind it.
        self.published.set_log_end(header.next_offset());
        if rules.settings.flush_mode != FlushMode::Sync {
            // Those too that were rolled while appends still waited for a sync: a reader must not skip them.
            for rolled in &writer.rolled {
                rolled.reveal(rolled.size());
            }
            segment.reveal(segment.size());
        }
        Ok(Appended {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            log_append_time_ms: valid.log_append_time_ms,
            log_start_offset: rules.log_start_offset,
            duplicate: false,
            bytes: usize::try_from(size).unwrap_or(usize::MAX),
        })
    }

    fn repeated(&self, seen: &SeenBatch, rules: &Rules<'_>) -> Appended {
        Appended {
            base_offset: seen.base_offset(),
            last_offset: seen.last_offset,
            log_append_time_ms: seen.timestamp,
            log_start_offset: rules.log_start_offset,
            duplicate: true,
            bytes: 0,
        }
    }

    /// What the stored batch changes beside the bytes: indexes, producers, transactions.
    fn note(
        &self,
        writer: &mut Writer,
        segment: &Segment,
        header: &BatchHeader,
        body: &Bytes,
        position: u64,
        settings: &TopicSettings,
    ) {
        if let Some(indexes) = segment.indexes.write().as_mut() {
            indexes.note(segment.base_offset, header, position, settings.index_interval_bytes);
        }
        writer.first_timestamp.get_or_insert(header.max_timestamp);
        segment.ages.note_timestamp(header.max_timestamp);
        if header.is_control() {
            let ended = note_control(writer, header, body);
            writer.ending.extend(ended.map(|ended| (ended.first_offset, header.next_offset())));
        } else {
            writer.producers.note(header);
        }
        self.published.set_first_open(writer.first_undecided());
    }

    /// Lets the last stable offset pass the transactions whose markers have become visible with the high watermark; true
    /// when there were any.
    pub(super) fn settle(&self) -> bool {
        let mut writer = self.writer.lock();
        let (high_watermark, before) = (self.published.high_watermark(), writer.ending.len());
        writer.ending.retain(|(_, end)| *end > high_watermark);
        let settled = writer.ending.len() < before;
        if settled {
            self.published.set_first_open(writer.first_undecided());
        }
        settled
    }
}

/// The epochs of a directory. Where it has records but no word of their epochs (lost in a power cut, before anything was
/// acknowledged), the one epoch that a single node has is written down again.
fn read_epochs(disk: &dyn Disk, dir: &Path, is_new: bool, first_offset: i64) -> Result<Epochs, LogError> {
    if is_new {
        return Ok(Epochs::default());
    }
    let path = dir.join(names::LEADER_EPOCHS);
    let bytes = disk.read(&path).map_err(LogError::io(&path))?;
    let mut epochs =
        Epochs::new(bytes.and_then(|bytes| checkpoint::decode_epochs(&bytes)).unwrap_or_default());
    if epochs.begin(first_offset) {
        disk.write(&path, &checkpoint::encode_epochs(epochs.entries())).map_err(LogError::io(&path))?;
    }
    Ok(epochs)
}

/// Takes note of a control batch: a marker ends its producer's transaction, which is returned.
pub(super) fn note_control(
    writer: &mut Writer,
    header: &BatchHeader,
    body: &Bytes,
) -> Option<EndedTransaction> {
    let mut bytes = vec![0; HEADER_BYTES];
    if let Some(head) = bytes.first_chunk_mut() {
        header.encode_into(head);
    }
    bytes.extend_from_slice(body);
    let records = Batch::new(Bytes::from(bytes)).and_then(|batch| batch.records(body.len())).ok()?;
    let first = records.iter().next()?.ok()?;
    let marker = ControlRecord::parse(&first).ok()?;
    let ended = writer.producers.note_marker(header, marker.coordinator_epoch)?;
    if marker.kind == ControlKind::Abort {
        let last_stable = writer.producers.first_open().unwrap_or_else(|| header.next_offset());
        writer.aborted.push(AbortedEntry::new(&ended, last_stable));
    }
    Some(ended)
}
