//! The whole state as records, so that the log need not be kept from its beginning.

use super::{Record, State};

impl State {
    /// Records that make this state out of any other. Once they are durable, everything before them can be deleted.
    pub fn snapshot(&self) -> Vec<Record> {
        let mut records = vec![Record::SnapshotStarted];
        records.extend(self.topics().map(|topic| Record::TopicCreated {
            id: topic.id,
            name: topic.name.to_string(),
            partitions: topic.partitions,
            configs: topic.overrides.clone(),
        }));
        for (resource, configs) in self.all_configs() {
            records.extend(configs.iter().map(|(key, value)| Record::ConfigSet {
                resource: resource.clone(),
                key: key.clone(),
                value: Some(value.clone()),
            }));
        }
        records.push(Record::ProducerIdsAllocated { next: self.next_producer_id() });
        records.push(Record::SnapshotEnded);
        records
    }
}

/// Rebuilds the state from the records of a log.
///
/// A snapshot counts only when it is complete: one that a crash cut off is as good as not begun, for what it would have
/// replaced is still there before it.
#[derive(Debug, Default)]
pub struct Replay {
    state: State,
    snapshot: Option<State>,
    records: usize,
}

impl Replay {
    /// Takes the next record of the log.
    pub fn apply(&mut self, record: &Record) {
        self.records += 1;
        match (record, &mut self.snapshot) {
            (Record::SnapshotStarted, snapshot) => *snapshot = Some(State::default()),
            (Record::SnapshotEnded, snapshot) => {
                if let Some(state) = snapshot.take() {
                    self.state = state;
                }
            }
            (record, Some(state)) => state.apply(record),
            (record, None) => self.state.apply(record),
        }
    }

    /// How many records were taken.
    pub fn records(&self) -> usize {
        self.records
    }

    /// Whether the log ends inside a snapshot. Then a whole one must be written before anything else, lest what follows be
    /// taken for a part of the broken one.
    pub fn is_cut_off(&self) -> bool {
        self.snapshot.is_some()
    }

    /// The state at the end of the log.
    pub fn finish(self) -> State {
        self.state
    }
}
