//! How a leader assigns: in ranges, or so that everybody keeps what they have (KIP-429).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::embedded::{Named, Subscription};
use crate::coordinator::group::sim::world::World;

/// The newest generation in which somebody claims a partition, and who; nobody where two do.
type Claim = (i32, Option<Arc<str>>);
type Members = BTreeMap<Arc<str>, Subscription>;

/// For each topic, ranges in the order of the members' ids.
pub fn range(world: &World, members: &Members) -> BTreeMap<Arc<str>, Named> {
    let mut given: BTreeMap<Arc<str>, Named> = members.keys().map(|id| (id.clone(), Named::new())).collect();
    for topic in world.topics.values() {
        let takers: Vec<_> = members
            .iter()
            .filter(|(_, wants)| wants.topics.contains(&topic.name))
            .map(|(id, _)| id)
            .collect();
        let partitions = usize::try_from(topic.partitions).unwrap();
        for partition in 0..partitions {
            if let Some(taker) = takers.get(partition * takers.len() / partitions) {
                let partition = i32::try_from(partition).unwrap();
                given.get_mut(*taker).unwrap().insert((topic.name.clone(), partition));
            }
        }
    }
    given
}

/// Owners keep their partitions up to a fair share; what changes hands is first given to nobody.
pub fn cooperative(world: &World, members: &Members) -> BTreeMap<Arc<str>, Named> {
    let owners = owners(members);
    let mut given: BTreeMap<Arc<str>, Named> = members.keys().map(|id| (id.clone(), Named::new())).collect();
    let total: usize = world.topics.values().map(|topic| usize::try_from(topic.partitions).unwrap()).sum();
    let share = total.div_ceil(members.len().max(1));
    let mut free = Vec::new();
    for topic in world.topics.values() {
        for partition in 0..topic.partitions {
            let partition = (topic.name.clone(), partition);
            let keeper = owners
                .get(&partition)
                .filter(|owner| members[*owner].topics.contains(&partition.0) && given[*owner].len() < share);
            match keeper {
                Some(owner) => {
                    given.get_mut(owner).unwrap().insert(partition);
                }
                None => free.push(partition),
            }
        }
    }
    for partition in free {
        let takers = members.iter().filter(|(_, wants)| wants.topics.contains(&partition.0));
        let Some((taker, _)) = takers.min_by_key(|(id, _)| (given[*id].len(), (*id).clone())) else {
            continue;
        };
        if owners.get(&partition).is_none_or(|owner| owner == taker) {
            given.get_mut(taker).unwrap().insert(partition);
        } else {
            // It counts for the share of the taker, who gets it in the next round.
            given.get_mut(taker).unwrap().insert((partition.0, -1 - partition.1));
        }
    }
    for partitions in given.values_mut() {
        partitions.retain(|(_, partition)| *partition >= 0);
    }
    given
}

/// Who says so with the newest generation; nobody where two do.
fn owners(members: &Members) -> BTreeMap<(Arc<str>, i32), Arc<str>> {
    let mut claims: BTreeMap<(Arc<str>, i32), Claim> = BTreeMap::new();
    for (id, subscription) in members {
        for partition in &subscription.owned {
            let claim = claims.entry(partition.clone()).or_insert((i32::MIN, None));
            if subscription.generation > claim.0 {
                *claim = (subscription.generation, Some(id.clone()));
            } else if subscription.generation == claim.0 {
                claim.1 = None;
            }
        }
    }
    claims.into_iter().filter_map(|(partition, (_, owner))| Some((partition, owner?))).collect()
}
