//! The states of a classic group.
//!
//! ```text
//! Empty ──► PreparingRebalance ──► CompletingRebalance ──► Stable
//!   ▲              │     ▲  ▲               │                │
//!   └──────────────┘     │  └───────────────┘                │
//!                        └───────────────────────────────────┘
//! ```
//!
//! A group that is gone, `Dead` in Kafka, is none at all.

/// Where a classic group stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// It has no members; it may have committed offsets.
    #[default]
    Empty,
    /// Members are waited for: the join phase.
    PreparingRebalance(JoinPhase),
    /// The members know their generation, and wait for the leader's assignment: the sync phase.
    CompletingRebalance,
    /// Every member has been assigned something.
    Stable,
}

/// What a join phase waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JoinPhase {
    /// The members of the generation before, for as long as the slowest of them asked for.
    Rejoining,
    /// Whoever may come to a group that was empty (`group.initial.rebalance.delay.ms`): it ends when nobody has come during
    /// a delay, or when there is no time left.
    Gathering {
        /// The delay that runs, in ms.
        delay_ms: i32,
        /// By how much it can still be extended, in ms.
        remaining_ms: i32,
        /// Whether somebody has come during it.
        grown: bool,
    },
}

impl State {
    /// As Kafka names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance(_) => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}
