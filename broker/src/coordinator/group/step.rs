//! What an operation gives back.

use thalweg_proto::error::ErrorCode;

use super::Record;
use super::classic::{Joined, Synced};

/// Names a request that waits for its answer. The caller chooses it, and no two that wait have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The outcome of an operation. The default is that nothing has come of it.
#[derive(Clone, Debug, Default)]
#[must_use = "records must be appended and applied, and those who wait be answered"]
pub struct Step<R = ()> {
    /// The answer to who asked. It leaves when everything that the operation saw and wrote is durable.
    pub reply: R,
    /// What must be durable before any answer leaves, in order. Not applied yet.
    pub records: Vec<Record>,
    /// Answers for those who have been waiting.
    pub woken: Vec<Woken>,
}

/// An answer to a request that has been waiting.
#[derive(Clone, Debug)]
pub enum Woken {
    /// Of JoinGroup.
    Joined(Ticket, Joined),
    /// Of SyncGroup.
    Synced(Ticket, Synced),
}

impl Woken {
    /// The request that it answers.
    pub fn ticket(&self) -> Ticket {
        let (Self::Joined(ticket, _) | Self::Synced(ticket, _)) = self;
        *ticket
    }

    /// What a JoinGroup is answered.
    pub fn joined(self) -> Option<Joined> {
        match self {
            Self::Joined(_, joined) => Some(joined),
            Self::Synced(..) => None,
        }
    }

    /// What a SyncGroup is answered.
    pub fn synced(self) -> Option<Synced> {
        match self {
            Self::Synced(_, synced) => Some(synced),
            Self::Joined(..) => None,
        }
    }

    /// The same answer if it is an error already; else that error.
    pub(super) fn or_refused(self, error: ErrorCode) -> Self {
        match self {
            Self::Joined(ticket, joined) if joined.error == ErrorCode::None => {
                Self::Joined(ticket, Joined::refused(error, joined.member))
            }
            Self::Synced(ticket, synced) if synced.error == ErrorCode::None => {
                Self::Synced(ticket, Synced::refused(error))
            }
            already => already,
        }
    }
}

impl<R> Step<R> {
    /// An answer that changes nothing.
    pub fn reply(reply: R) -> Self {
        Self { reply, records: Vec::new(), woken: Vec::new() }
    }

    /// An answer that holds once `records` are durable.
    pub fn with_records(reply: R, records: Vec<Record>) -> Self {
        Self { reply, records, woken: Vec::new() }
    }

    /// The same step with another reply.
    pub fn map<T>(self, map: impl FnOnce(R) -> T) -> Step<T> {
        Step { reply: map(self.reply), records: self.records, woken: self.woken }
    }

    /// Takes over the records and the woken of another step, behind its own.
    pub fn absorb<T>(&mut self, other: Step<T>) -> T {
        self.records.extend(other.records);
        self.woken.extend(other.woken);
        other.reply
    }
}

impl<R> Step<Option<R>> {
    /// Who has asked in this very step, and is among the woken, is answered directly.
    pub(super) fn answered(mut self, asked: Ticket, answer: impl FnOnce(Woken) -> Option<R>) -> Self {
        if let Some(index) = self.woken.iter().position(|woken| woken.ticket() == asked) {
            self.reply = answer(self.woken.remove(index));
        }
        self
    }
}
