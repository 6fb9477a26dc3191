//! A member's turn: what one request of a member does to its group, as records.
//!
//! Nothing is changed while a turn is taken; the records change the group when they are applied.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::admission::Admitted;
use super::member::{Member, Profile};
use super::reconcile::Reconciliation;
use super::resolution::RegexChange;
use super::subscription::metadata_hash;
use super::target::{Target, Wishes};
use super::{AssignedPartitions, ConsumerConfigs, ConsumerGroup, records};
use crate::coordinator::Refusal;
use crate::coordinator::group::assignor::TopicPartitions;
use crate::coordinator::group::{Env, Record};

/// A turn being taken.
struct Turn<'a> {
    env: &'a Env<'a>,
    id: &'a Arc<str>,
    group: &'a ConsumerGroup,
    admitted: Admitted,
    /// The member as it is so far.
    member: Member,
    /// The regular expression that nobody wants any more.
    forgotten: BTreeSet<Arc<str>>,
    records: Vec<Record>,
}

/// What a turn has come to.
pub(super) struct Taken {
    /// The member as it is now.
    pub member: Member,
    /// The member in whose place it has come.
    pub replaced: Option<Arc<Member>>,
    /// Whether it stands elsewhere than before.
    pub moved: bool,
    /// The version of the topics that was looked at, where nothing depends on a record being written.
    pub topics_seen: Option<u64>,
    pub records: Vec<Record>,
}

/// What a member's new words change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    /// The member wants other topics.
    subscription: bool,
    /// And they are known, so that the group has a new epoch.
    bumps_epoch: bool,
}

/// What the group is going to.
struct Aim {
    epoch: i32,
    target: Arc<TopicPartitions>,
}

/// Takes the turn of a member that says what it is now, and what it has.
pub(super) fn take(
    env: &Env<'_>,
    id: &Arc<str>,
    group: &ConsumerGroup,
    configs: &ConsumerConfigs,
    admitted: Admitted,
    profile: Profile,
    owned: Option<&AssignedPartitions>,
) -> Result<Taken, Refusal> {
    let mut turn = Turn::begin(env, id, group, admitted);
    let change = turn.say(profile);
    let (epoch, topics_seen) = turn.epoch(change);
    let aim = turn.aim(epoch, configs);
    let moved = turn.reconcile(&aim, change, owned)?;
    let Turn { admitted, member, records, .. } = turn;
    Ok(Taken { member, replaced: admitted.replaces, moved, topics_seen, records })
}

impl<'a> Turn<'a> {
    /// Begins with the records of a static member's replacement, if it is one.
    fn begin(env: &'a Env<'a>, id: &'a Arc<str>, group: &'a ConsumerGroup, admitted: Admitted) -> Self {
        let member = Member::clone(&admitted.member);
        let mut records = Vec::new();
        if let Some(before) = &admitted.replaces {
            records.extend(records::no_member(id, &before.id));
            records.push(records::member(id, &member));
            records.push(records::target(id, &member.id, &group.target_of(&before.id)));
            records.push(records::standing(id, &member));
        }
        Self { env, id, group, admitted, member, forgotten: BTreeSet::new(), records }
    }

    /// The member says what it is now.
    fn say(&mut self, profile: Profile) -> Change {
        let before = self.admitted.member.profile.clone();
        if self.admitted.is_stranger() || profile != *before {
            self.member.profile = Arc::new(profile);
            self.records.push(records::member(self.id, &self.member));
        }
        let after = &self.member.profile;
        let (regex, forgotten) = self.group.regex_change(&before, after);
        self.records.extend(forgotten.iter().map(|expression| records::no_regex(self.id, expression)));
        self.forgotten.extend(forgotten);
        let topics = after.topics != before.topics;
        Change {
            subscription: topics || regex != RegexChange::None,
            bumps_epoch: topics || regex == RegexChange::Resolved,
        }
    }

    /// The group's epoch: a new one if the subscription, or what is known of the topics, has changed. Also the version of the
    /// topics that was looked at, where nothing depends on a record being written.
    fn epoch(&mut self, change: Change) -> (i32, Option<u64>) {
        let version = self.env.around.topics_version();
        if !change.bumps_epoch && self.group.topics_seen == Some(version) {
            return (self.group.epoch, None);
        }
        let before: Vec<&Member> = self.before().into_iter().collect();
        let wanted = self.group.wanted_topics(&before, Some(&self.member), &self.forgotten);
        let hash = metadata_hash(self.env, wanted.iter());
        if self.group.has_old_partitions_record {
            self.records.push(Record::ConsumerGroupPartitions { group: self.id.clone(), value: None });
        }
        if !change.bumps_epoch && hash == self.group.metadata_hash {
            return (self.group.epoch, Some(version));
        }
        let epoch = self.group.epoch.saturating_add(1);
        self.records.push(records::epoch(self.id, epoch, hash));
        (epoch, None)
    }

    /// The member that the group has, for whom this one is the next.
    fn before(&self) -> Option<&Member> {
        let known = (!self.admitted.is_new).then_some(&self.admitted.member);
        self.admitted.replaces.as_ref().or(known).map(Arc::as_ref)
    }

    /// What the member is to have: by a new target, if there is a new epoch and it is time.
    fn aim(&mut self, epoch: i32, configs: &ConsumerConfigs) -> Aim {
        let had = self.admitted.replaces.as_ref().map_or(&self.member.id, |before| &before.id);
        let last = self.group.target_of(had);
        if self.group.assignment_epoch >= epoch
            || !self.group.may_assign(self.env, configs.assignment_interval_ms)
        {
            return Aim { epoch: self.group.assignment_epoch, target: last };
        }
        let replaces = self.admitted.replaces.as_deref();
        let target = Target::compute(self.env, self.group, &self.member, replaces);
        self.records.extend(target.records(self.id, epoch, self.env.wall_ms));
        let own = target.of(&self.member.id).cloned().map_or(last, Arc::new);
        Aim { epoch, target: own }
    }

    /// Takes the member's next step to its target. True if it stands elsewhere than before.
    fn reconcile(
        &mut self,
        aim: &Aim,
        change: Change,
        owned: Option<&AssignedPartitions>,
    ) -> Result<bool, Refusal> {
        if !change.subscription && self.member.is_reconciled_to(aim.epoch) {
            return Ok(false);
        }
        let wanted = Wishes::new(self.env, self.group).of(&self.member.profile);
        let step = Reconciliation {
            group: self.group,
            member: &self.member,
            replaces: self.admitted.replaces.as_deref(),
            epoch: aim.epoch,
            target: &aim.target,
            wanted: &wanted,
            subscription_changed: change.subscription,
            owned,
        };
        let next = step.next()?;
        if next == self.member.standing {
            return Ok(false);
        }
        self.member.standing = next;
        self.records.push(records::standing(self.id, &self.member));
        Ok(true)
    }
}
