//! What regular expressions resolve to.
//!
//! A heartbeat only says which expressions there are; they are resolved right after it, and again when topics have come or
//! gone. Some expressions take long to be matched with many names, so that is done away from the shard: a deadline begins a
//! [`Resolution`], which the host works at where it holds nobody up, and hands back ([`Shard::expressions_resolved`]). What
//! they resolve to is recorded, and makes a new epoch of the group. (Kafka does it in a thread of its own as well.)

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ::regex::bytes::Regex;

use super::group::Resolved;
use super::member::Profile;
use super::subscription::metadata_hash;
use super::{ConsumerGroup, records, regex};
use crate::coordinator::group::{Env, Record, Shard, Step, TimerKey};

/// How long, at least, between two looks at the topics for a group.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// The expressions of a group, being matched with the names of topics.
#[derive(Debug)]
pub struct Resolution {
    group: Arc<str>,
    /// Tells it from an earlier one of the same group.
    number: u64,
    /// The version of the topics.
    version: u64,
    names: Arc<[Arc<str>]>,
    waiting: Vec<Arc<str>>,
    under_way: Option<Matching>,
    resolved: Vec<(Arc<str>, BTreeSet<Arc<str>>)>,
}

/// An expression on its way through the names.
#[derive(Debug)]
struct Matching {
    expression: Arc<str>,
    compiled: Option<Regex>,
    looked_at: usize,
    topics: BTreeSet<Arc<str>>,
}

impl Resolution {
    /// The group.
    pub fn group(&self) -> &Arc<str> {
        &self.group
    }

    /// Does a bit of the work: compiles one expression, or looks at one name. True when all is done.
    pub fn advance(&mut self) -> bool {
        let Some(matching) = &mut self.under_way else {
            let Some(expression) = self.waiting.pop() else { return true };
            let compiled = regex::compile(&expression);
            self.under_way = Some(Matching { expression, compiled, looked_at: 0, topics: BTreeSet::new() });
            return false;
        };
        if let Some(name) = self.names.get(matching.looked_at) {
            if matching.compiled.as_ref().is_some_and(|compiled| compiled.is_match(name.as_bytes())) {
                matching.topics.insert(name.clone());
            }
            matching.looked_at += 1;
            return false;
        }
        let done = self.under_way.take();
        self.resolved.extend(done.map(|done| (done.expression, done.topics)));
        self.waiting.is_empty()
    }
}

/// What a member's new words mean for the regular expressions of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegexChange {
    None,
    /// The member wants other topics, but which is not known yet.
    Updated,
    /// The member wants other topics, and they are known.
    Resolved,
}

impl ConsumerGroup {
    /// What changes when a member that said `before` now says `after`; and the expression that nobody wants any more.
    pub(super) fn regex_change(&self, before: &Profile, after: &Profile) -> (RegexChange, Option<Arc<str>>) {
        if before.regex == after.regex {
            return (RegexChange::None, None);
        }
        let wanted_by = |regex: &Arc<str>| self.counts.regexes.get(regex).copied().unwrap_or(0);
        let forgotten = before.regex.clone().filter(|regex| wanted_by(regex) == 1);
        let change = match &after.regex {
            None => RegexChange::Resolved,
            Some(regex) if wanted_by(regex) > 0 && self.regexes.contains_key(regex) => RegexChange::Resolved,
            Some(_) => RegexChange::Updated,
        };
        (change, forgotten)
    }

    /// When the expressions should be resolved, if they should: those of `profile` are among them.
    pub(super) fn resolution_due(&self, env: &Env<'_>, profile: &Profile) -> Option<Duration> {
        if self.resolving.is_some() {
            return None;
        }
        if profile.regex.as_ref().is_some_and(|regex| !self.regexes.contains_key(regex)) {
            return Some(env.now);
        }
        if self.counts.regexes.is_empty() || self.resolved_for == Some(env.around.topics_version()) {
            return None;
        }
        let earliest = self.resolved_at.map_or(env.now, |at| at.saturating_add(LEAST_INTERVAL));
        Some(earliest.max(env.now))
    }

    /// What expressions resolve to that are still wanted, where that is not what they resolved to before.
    fn news(&self, env: &Env<'_>, resolution: Resolution) -> Vec<(Arc<str>, Resolved)> {
        let version = resolution.version.cast_signed();
        let news = resolution.resolved.into_iter().filter(|(expression, topics)| {
            self.counts.regexes.contains_key(expression)
                && self.regexes.get(expression).is_none_or(|before| before.topics != *topics)
        });
        news.map(|(expression, topics)| (expression, Resolved { topics, version, at_ms: env.wall_ms }))
            .collect()
    }
}

impl Shard {
    /// Sees to it that the expressions of a group are resolved.
    pub(super) fn schedule_resolution(&mut self, group: &Arc<str>, at: Duration) {
        let key = TimerKey::Resolution { group: group.clone() };
        if self.timers.get(&key).is_none_or(|set| set > at) {
            self.timers.set(key, at);
        }
    }

    /// Begins to resolve the expressions of a group, unless that is under way.
    pub(in crate::coordinator::group) fn begin_resolution(&mut self, env: &Env<'_>, id: &Arc<str>) {
        let number = self.resolutions_begun;
        let Some(group) = self.consumer_group_mut(id) else { return };
        if group.resolving.is_some() || group.counts.regexes.is_empty() {
            return;
        }
        group.resolving = Some(number);
        let resolution = Resolution {
            group: id.clone(),
            number,
            // Asked for before the names: these may be newer, and are looked at again then.
            version: env.around.topics_version(),
            names: env.around.topic_names(),
            waiting: group.counts.regexes.keys().rev().cloned().collect(),
            under_way: None,
            resolved: Vec::new(),
        };
        self.resolutions_begun += 1;
        self.resolutions.push(resolution);
    }

    /// Resolutions that have begun since the last call: to be worked at until they are done, and handed back.
    pub fn take_resolutions(&mut self) -> Vec<Resolution> {
        std::mem::take(&mut self.resolutions)
    }

    /// The expressions of a group are resolved. The group may have changed meanwhile, or be another.
    pub fn expressions_resolved(&mut self, env: &Env<'_>, resolution: Resolution) -> Step {
        let id = resolution.group.clone();
        let Some(group) = self.consumer_group_mut(&id) else { return Step::default() };
        if group.resolving != Some(resolution.number) {
            return Step::default();
        }
        group.resolving = None;
        group.resolved_at = Some(env.now);
        let version = resolution.version;
        let news = group.news(env, resolution);
        let is_resolved = |expression: &Arc<str>| {
            group.regexes.contains_key(expression) || news.iter().any(|(resolved, _)| resolved == expression)
        };
        let has_more = !group.counts.regexes.keys().all(is_resolved);
        let step = if news.is_empty() {
            group.resolved_for = Some(version);
            Step::default()
        } else {
            Step::with_records((), group.resolution_records(env, &id, news))
        };
        if has_more {
            self.schedule_resolution(&id, env.now);
        }
        step
    }
}

impl ConsumerGroup {
    fn resolution_records(
        &self,
        env: &Env<'_>,
        id: &Arc<str>,
        news: Vec<(Arc<str>, Resolved)>,
    ) -> Vec<Record> {
        let renewed: BTreeSet<Arc<str>> = news.iter().map(|(expression, _)| expression.clone()).collect();
        let mut wanted = self.wanted_topics(&[], None, &renewed);
        wanted.extend(news.iter().flat_map(|(_, resolved)| resolved.topics.iter().cloned()));
        let hash = metadata_hash(env, wanted.iter());
        // An expression that is new and matches nothing changes nothing for anybody.
        let changes_topics = news.iter().any(|(expression, resolved)| {
            let before = self.regexes.get(expression).map(|before| &before.topics);
            before.map_or(!resolved.topics.is_empty(), |before| *before != resolved.topics)
        });
        let mut written: Vec<Record> =
            news.iter().map(|(expression, resolved)| records::regex(id, expression, resolved)).collect();
        if changes_topics || hash != self.metadata_hash {
            written.push(records::epoch(id, self.epoch.saturating_add(1), hash));
        }
        written
    }
}
