//! Regular expressions are matched with the names of topics here, where no lock is held and no deadline waits: one that is made
//! for it takes minutes for many long names.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::coordinator::group::consumer::Resolution;
use crate::engine::{Engine, Routes};

/// How many resolutions are under way at a time, each of which may hold a few MB; the others wait.
const AT_A_TIME: usize = 8;

/// How long one is worked at before the next has its turn.
const TURN: Duration = Duration::from_millis(5);

/// The names of topics, and the version of the topics that they are of.
type Names = (u64, Arc<[Arc<str>]>);

/// Resolutions that wait to be worked at.
#[derive(Default)]
pub(super) struct Resolver {
    waiting: Mutex<VecDeque<Resolution>>,
    come: Notify,
    names: ArcSwapOption<Names>,
}

impl Resolver {
    /// Has resolutions worked at.
    pub(super) fn add(&self, resolutions: Vec<Resolution>) {
        if !resolutions.is_empty() {
            self.waiting.lock().extend(resolutions);
            self.come.notify_one();
        }
    }

    /// The names of all topics, in one place for all groups that look at them.
    pub(super) fn names(&self, topics: &Routes) -> Arc<[Arc<str>]> {
        let version = topics.version();
        if let Some(known) = self.names.load().as_ref().filter(|known| known.0 == version) {
            return known.1.clone();
        }
        let names: Arc<[Arc<str>]> = topics.all().iter().map(|handle| handle.topic.name.clone()).collect();
        self.names.store(Some(Arc::new((version, names.clone()))));
        names
    }
}

/// Works at what there is, until the engine stops.
pub(in crate::engine) async fn run(engine: Weak<Engine>) {
    let Some(alive) = engine.upgrade() else { return };
    let (resolver, stopping) = (alive.groups.resolver.clone(), alive.stopping.clone());
    drop(alive);
    loop {
        tokio::select! {
            biased;
            () = stopping.cancelled() => return,
            () = resolver.come.notified() => {}
        }
        let engine = engine.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || work(&engine)).await {
            tracing::error!(%error, "regular expressions of groups were not resolved");
        }
    }
}

/// Works at all that there is, turn by turn.
fn work(engine: &Weak<Engine>) {
    let mut under_way = VecDeque::new();
    while let Some(engine) = engine.upgrade().filter(|engine| !engine.stopping.is_cancelled()) {
        let more = AT_A_TIME.saturating_sub(under_way.len());
        let mut waiting = engine.groups.resolver.waiting.lock();
        let more = more.min(waiting.len());
        under_way.extend(waiting.drain(..more));
        drop(waiting);
        match under_way.pop_front() {
            None => return,
            Some(resolution) => under_way.extend(engine.take_turn(resolution)),
        }
    }
}

impl Engine {
    /// Works at a resolution for a while, and gives it back if it is not done.
    fn take_turn(&self, mut resolution: Resolution) -> Option<Resolution> {
        let end = self.world.clock.monotonic().saturating_add(TURN);
        while !resolution.advance() {
            if self.world.clock.monotonic() >= end {
                return Some(resolution);
            }
        }
        let group = resolution.group().clone();
        let resolved = self.groups.of(&group).and_then(|host| {
            host.run(self, |shard, env| shard.expressions_resolved(env, resolution)).map(|_| ())
        });
        if let Err(error) = resolved {
            tracing::debug!(
                group = &*group,
                code = error.name(),
                "what expressions resolve to is not stored now"
            );
        }
        None
    }
}
