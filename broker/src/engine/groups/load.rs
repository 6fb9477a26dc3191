//! Loading the shards at a start, in the background: the broker is ready before its groups are.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::host::ShardHost;
use super::replay::{ReplayError, replay};
use crate::engine::Engine;

/// So many partitions are read at a time.
const AT_A_TIME: usize = 4;

/// Loads the shards that have something to load, and returns at once.
pub(in crate::engine) fn start(engine: &Arc<Engine>) {
    let loading: VecDeque<_> = engine.groups.all().into_iter().filter(|host| host.is_loading()).collect();
    let threads = AT_A_TIME.min(loading.len());
    let queue = Arc::new(Mutex::new(loading));
    for _ in 0..threads {
        let (engine, queue) = (Arc::downgrade(engine), queue.clone());
        tokio::task::spawn_blocking(move || load_all(&engine, &queue));
    }
}

fn load_all(engine: &Weak<Engine>, queue: &Mutex<VecDeque<Arc<ShardHost>>>) {
    loop {
        let Some(host) = queue.lock().pop_front() else { return };
        let Some(engine) = engine.upgrade() else { return };
        load(&engine, &host);
    }
}

fn load(engine: &Engine, host: &ShardHost) {
    let began = engine.world.clock.monotonic();
    // A panic must not leave clients asking forever.
    let unless_installed = Unloaded(host);
    match replay(&host.served.log, &engine.stopping) {
        Ok(replayed) => {
            host.install(engine, replayed.shard);
            let took_ms = engine.world.clock.monotonic().saturating_sub(began).as_millis();
            let partition = host.served.id();
            tracing::debug!(%partition, records = replayed.records, took_ms, "groups are loaded");
        }
        Err(ReplayError::Stopped) => {}
        Err(error) => host.give_up(&format!("its log cannot be read: {error}")),
    }
    drop(unless_installed);
}

struct Unloaded<'a>(&'a ShardHost);

impl Drop for Unloaded<'_> {
    fn drop(&mut self) {
        if self.0.is_loading() {
            self.0.give_up("it could not be loaded");
        }
    }
}
