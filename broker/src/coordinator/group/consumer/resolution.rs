//! What regular expressions resolve to.
//!
//! A heartbeat only says which expressions there are; they are resolved right after it, in a step of their own, and again when
//! topics have come or gone. What they resolve to is recorded, and makes a new epoch of the group.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::group::Resolved;
use super::member::Profile;
use super::subscription::metadata_hash;
use super::{ConsumerGroup, records, regex};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Record, Shard, Step, TimerKey};

/// How long, at least, between two looks at the topics for a group.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

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
    pub(super) fn regex_change(
        &self,
        before: &Profile,
        after: &Profile,
    ) -> Result<(RegexChange, Option<Arc<str>>), Refusal> {
        if before.regex == after.regex {
            return Ok((RegexChange::None, None));
        }
        let wanted_by = |regex: &Arc<str>| self.counts.regexes.get(regex).copied().unwrap_or(0);
        let forgotten = before.regex.clone().filter(|regex| wanted_by(regex) == 1);
        let change = match &after.regex {
            None => RegexChange::Resolved,
            Some(regex) if wanted_by(regex) == 0 => {
                regex::check(regex)?;
                RegexChange::Updated
            }
            Some(regex) if self.regexes.contains_key(regex) => RegexChange::Resolved,
            Some(_) => RegexChange::Updated,
        };
        Ok((change, forgotten))
    }

    /// When the expressions should be resolved, if they should: those of `profile` are among them.
    pub(super) fn resolution_due(&self, env: &Env<'_>, profile: &Profile) -> Option<Duration> {
        if profile.regex.as_ref().is_some_and(|regex| !self.regexes.contains_key(regex)) {
            return Some(env.now);
        }
        if self.counts.regexes.is_empty() || self.resolved_for == Some(env.around.topics_version()) {
            return None;
        }
        let earliest = self.resolved_at.map_or(env.now, |at| at.saturating_add(LEAST_INTERVAL));
        Some(earliest.max(env.now))
    }

    /// What all expressions resolve to now, where that is not what they resolved to before.
    fn resolve(&self, env: &Env<'_>) -> Vec<(Arc<str>, Resolved)> {
        let names = env.around.topic_names();
        let version = env.around.topics_version().cast_signed();
        let resolved = self.counts.regexes.keys().filter_map(|expression| {
            let compiled = regex::compile(expression);
            let matches = |name: &&Arc<str>| compiled.as_ref().is_some_and(|it| it.is_match(name.as_bytes()));
            let topics: BTreeSet<Arc<str>> = names.iter().filter(matches).cloned().collect();
            let is_news = self.regexes.get(expression).is_none_or(|before| before.topics != topics);
            is_news.then(|| (expression.clone(), Resolved { topics, version, at_ms: env.wall_ms }))
        });
        resolved.collect()
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

    /// Resolves the expressions of a group.
    pub(in crate::coordinator::group) fn resolve_expressions(
        &mut self,
        env: &Env<'_>,
        id: &Arc<str>,
    ) -> Step {
        let Some(group) = self.consumer_group_mut(id) else { return Step::default() };
        let news = group.resolve(env);
        group.resolved_at = Some(env.now);
        if news.is_empty() {
            group.resolved_for = Some(env.around.topics_version());
            return Step::default();
        }
        Step::with_records((), group.resolution_records(env, id, news))
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
