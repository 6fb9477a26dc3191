//! What follows from the members of a group, kept so that no heartbeat has to look at all of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use uuid::Uuid;

use super::member::Member;

/// Sums over the members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many members want each topic by name.
    pub topics: BTreeMap<Arc<str>, usize>,
    /// How many members want each regular expression.
    pub regexes: BTreeMap<Arc<str>, usize>,
    /// How many members would like each assignor.
    pub assignors: BTreeMap<Arc<str>, usize>,
    /// How many members speak the classic protocol.
    pub classic: usize,
    /// How many members of the classic protocol know each of its protocols.
    pub protocols: BTreeMap<Arc<str>, usize>,
    /// Who holds which partition.
    pub owners: HashMap<Uuid, HashMap<i32, Arc<str>>>,
    instances: HashMap<Arc<str>, Arc<str>>,
}

impl Counts {
    /// The member id of an instance.
    pub fn member_of(&self, instance: &str) -> Option<&Arc<str>> {
        self.instances.get(instance)
    }

    /// A member is there.
    pub fn enter(&mut self, member: &Member) {
        let profile = &member.profile;
        profile.topics.iter().for_each(|topic| more(&mut self.topics, topic));
        profile.regex.iter().for_each(|regex| more(&mut self.regexes, regex));
        profile.assignor.iter().for_each(|assignor| more(&mut self.assignors, assignor));
        if let Some(classic) = &profile.classic {
            self.classic += 1;
            classic.protocols.iter().for_each(|(name, _)| more(&mut self.protocols, name));
        }
        if let Some(instance) = &profile.instance {
            self.instances.insert(instance.clone(), member.id.clone());
        }
        for (topic, index) in member.held() {
            self.owners.entry(topic).or_default().insert(index, member.id.clone());
        }
    }

    /// A member, as it was when it entered, is not there any more. Others may have taken over what it had.
    pub fn leave(&mut self, member: &Member) {
        let profile = &member.profile;
        profile.topics.iter().for_each(|topic| fewer(&mut self.topics, topic));
        profile.regex.iter().for_each(|regex| fewer(&mut self.regexes, regex));
        profile.assignor.iter().for_each(|assignor| fewer(&mut self.assignors, assignor));
        if let Some(classic) = &profile.classic {
            self.classic = self.classic.saturating_sub(1);
            classic.protocols.iter().for_each(|(name, _)| fewer(&mut self.protocols, name));
        }
        if let Some(instance) = &profile.instance {
            remove_if(&mut self.instances, instance, &member.id);
        }
        for (topic, index) in member.held() {
            let Some(owners) = self.owners.get_mut(&topic) else { continue };
            remove_if(owners, &index, &member.id);
            if owners.is_empty() {
                self.owners.remove(&topic);
            }
        }
    }
}

fn more(counts: &mut BTreeMap<Arc<str>, usize>, key: &Arc<str>) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => drop(counts.insert(key.clone(), 1)),
    }
}

fn fewer(counts: &mut BTreeMap<Arc<str>, usize>, key: &Arc<str>) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}

fn remove_if<K: Hash + Eq>(owners: &mut HashMap<K, Arc<str>>, key: &K, owner: &Arc<str>) {
    if owners.get(key) == Some(owner) {
        owners.remove(key);
    }
}
