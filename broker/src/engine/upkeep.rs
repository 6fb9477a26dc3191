//! What has to be done now and then: closing idle partitions, syncing those that sync by interval, forgetting producers.

use std::sync::Arc;
use std::time::Duration;

use super::Engine;

/// How often partitions are looked at.
const ROUND: Duration = Duration::from_secs(1);

/// Runs until the engine is gone or stopping.
pub(super) async fn run(engine: std::sync::Weak<Engine>) {
    loop {
        let Some(engine) = engine.upgrade() else { return };
        let sleep = engine.sleep(ROUND);
        drop(engine);
        sleep.await;
    }
}

impl Engine {
    /// One round over all partitions that are served.
    pub fn upkeep_round(self: &Arc<Self>) {
        let now = self.world.clock.monotonic();
        for handle in self.topics.all() {
            for served in &handle.partitions {
                served.idle_close(now);
            }
        }
    }
}
