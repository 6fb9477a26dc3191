//! How many groups there are, for metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::coordinator::group::Step;
use crate::engine::Engine;

/// The groups of all shards in service.
#[derive(Debug, Default)]
pub struct GroupCensus {
    /// The number of groups by type and state.
    pub groups: BTreeMap<(&'static str, &'static str), u64>,
    /// The number of members of each group.
    pub members: BTreeMap<Arc<str>, usize>,
}

impl Engine {
    /// Counts groups and their members, one shard after the other. Shards that are not in service count for nothing.
    pub fn group_census(&self) -> GroupCensus {
        let mut census = GroupCensus::default();
        for host in self.groups.all() {
            let listed = host.run(self, |shard, _| Step::reply(shard.list_groups()));
            for listing in listed.into_iter().flat_map(|(groups, _)| groups) {
                *census.groups.entry((listing.group_type, listing.state)).or_default() += 1;
                census.members.insert(listing.group, listing.members);
            }
        }
        census
    }

    /// The number of shards that serve groups, and of those that do not: they are being loaded, or out of service.
    pub fn count_shards(&self) -> (u64, u64) {
        let (ready, other): (Vec<_>, Vec<_>) =
            self.groups.all().into_iter().partition(|host| host.availability().is_ok());
        (ready.len() as u64, other.len() as u64)
    }
}
