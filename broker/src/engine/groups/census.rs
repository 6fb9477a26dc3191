//! How many groups there are, for metrics.

use std::collections::BTreeMap;

use crate::coordinator::group::Step;
use crate::engine::Engine;

impl Engine {
    /// The number of groups by type and state. Shards that are not in service count for nothing.
    pub fn count_groups(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        let mut counts = BTreeMap::new();
        for host in self.groups.all() {
            let listed = host.run(self, |shard, _| Step::reply(shard.list_groups()));
            for listing in listed.into_iter().flat_map(|(groups, _)| groups) {
                *counts.entry((listing.group_type, listing.state)).or_default() += 1;
            }
        }
        counts
    }

    /// The number of shards that serve groups, and of those that do not: they are being loaded, or out of service.
    pub fn count_shards(&self) -> (u64, u64) {
        let (ready, other): (Vec<_>, Vec<_>) =
            self.groups.all().into_iter().partition(|host| host.availability().is_ok());
        (ready.len() as u64, other.len() as u64)
    }
}
