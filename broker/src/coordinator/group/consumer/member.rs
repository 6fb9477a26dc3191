//! A member of a consumer group: what it said of itself, and where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::ConsumerHeartbeat;

/// Partitions that a member holds, by topic, each with the epoch in which the member got it.
pub type Held = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// Epoch with which a member leaves for good.
pub const LEAVING: i32 = -1;

/// Epoch with which a static member leaves for a while, and that it has until it is back.
pub const AWAY: i32 = -2;

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: Arc<str>,
    /// What it said of itself: the member's record.
    pub profile: Arc<Profile>,
    /// Where it stands: the record of its current assignment.
    pub standing: Arc<Standing>,
}

/// What a member said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its identity across restarts, if it is a static member.
    pub instance: Option<Arc<str>>,
    /// Where it stands.
    pub rack: Option<Arc<str>>,
    /// The client's name.
    pub client_id: Arc<str>,
    /// The client's address.
    pub client_host: Arc<str>,
    /// Topics that it wants, by name.
    pub topics: Arc<BTreeSet<Arc<str>>>,
    /// Topics that it wants, by regular expression.
    pub regex: Option<Arc<str>>,
    /// How long it may take to give up partitions, in ms.
    pub rebalance_timeout_ms: i32,
    /// The assignor that it would like.
    pub assignor: Option<Arc<str>>,
    /// What it has said in the classic protocol, if it speaks that.
    pub classic: Option<Arc<ClassicSide>>,
}

/// What a member has that speaks the classic protocol in a consumer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicSide {
    /// How long it may be silent, in ms.
    pub session_timeout_ms: i32,
    /// The protocols that it knows, the best first, with its subscription.
    pub protocols: Vec<(Arc<str>, Bytes)>,
}

/// Where a member is on its way to its target assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MemberState {
    /// It has what the target says.
    #[default]
    Stable,
    /// It has not yet given up all that it must.
    Unrevoked,
    /// It waits for partitions that others have not given up yet.
    Unreleased,
    /// A later release wrote it.
    Unknown,
}

/// Where a member stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its epoch; 0 before it has one, [`AWAY`] if it has left for a while.
    pub epoch: i32,
    /// The epoch before, which it still says if it has missed an answer.
    pub previous_epoch: i32,
    /// Where it is on its way.
    pub state: MemberState,
    /// What it has.
    pub assigned: Held,
    /// What it must give up, and may still have.
    pub revoking: Held,
}

impl Default for Standing {
    fn default() -> Self {
        let (assigned, revoking) = (Held::new(), Held::new());
        Self { epoch: 0, previous_epoch: -1, state: MemberState::Stable, assigned, revoking }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            instance: None,
            rack: None,
            client_id: "".into(),
            client_host: "".into(),
            topics: Arc::default(),
            regex: None,
            rebalance_timeout_ms: -1,
            assignor: None,
            classic: None,
        }
    }
}

/// Partitions without their epochs, of each topic in a collection of its own.
pub fn partitions<Topics, Indexes>(held: &Held) -> Topics
where
    Topics: FromIterator<(Uuid, Indexes)>,
    Indexes: FromIterator<i32>,
{
    held.iter().map(|(topic, partitions)| (*topic, partitions.keys().copied().collect())).collect()
}

impl Member {
    /// A member that nothing is known of.
    pub fn new(id: Arc<str>) -> Self {
        Self { id, profile: Arc::default(), standing: Arc::default() }
    }

    /// Whether it speaks the classic protocol.
    pub fn is_classic(&self) -> bool {
        self.profile.classic.is_some()
    }

    /// Whether it has reached an epoch and lacks nothing.
    pub fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.standing.state == MemberState::Stable && self.standing.epoch == epoch
    }

    /// Everything that it holds or may still hold.
    pub fn held(&self) -> impl Iterator<Item = (Uuid, i32)> + '_ {
        let both = self.standing.assigned.iter().chain(&self.standing.revoking);
        both.flat_map(|(topic, partitions)| partitions.keys().map(|index| (*topic, *index)))
    }
}

impl Profile {
    /// What it is after a heartbeat: what the heartbeat does not say stays.
    pub fn told(&self, heartbeat: &ConsumerHeartbeat) -> Self {
        let regex = match heartbeat.regex.as_ref() {
            None => self.regex.clone(),
            Some(regex) => Some(regex.text().clone()).filter(|regex| !regex.is_empty()),
        };
        let topics = match heartbeat.topics.as_ref() {
            Some(topics) if !topics.iter().eq(self.topics.iter()) => {
                let topics: BTreeSet<Arc<str>> = topics.iter().cloned().collect();
                if topics == *self.topics { self.topics.clone() } else { Arc::new(topics) }
            }
            _ => self.topics.clone(),
        };
        Self {
            instance: heartbeat.instance.clone().or_else(|| self.instance.clone()),
            rack: heartbeat.rack.clone().or_else(|| self.rack.clone()),
            client_id: heartbeat.client_id.clone(),
            client_host: heartbeat.client_host.clone(),
            topics,
            regex,
            rebalance_timeout_ms: match heartbeat.rebalance_timeout_ms {
                -1 => self.rebalance_timeout_ms,
                timeout => timeout,
            },
            assignor: heartbeat.assignor.clone().or_else(|| self.assignor.clone()),
            classic: None,
        }
    }
}
