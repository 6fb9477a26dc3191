//! JoinGroup of a classic member of a consumer group (Kafka's `classicGroupJoinToConsumerGroup`): it is its turn.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::{PROTOCOL_TYPE, Subscription, read};

use crate::coordinator::group::classic::{Join, Joined};
use crate::coordinator::group::consumer::admission::Admitted;
use crate::coordinator::group::consumer::member::{ClassicSide, Member, Profile};
use crate::coordinator::group::consumer::turn::{self, Taken};
use crate::coordinator::group::consumer::{AssignedPartitions, ConsumerConfigs, ConsumerGroup, ids};
use crate::coordinator::group::{Env, Shard, Step, TimerKey};

impl Shard {
    /// JoinGroup to a consumer group that has members. The group's id and the session timeout have been looked at. It is answered
    /// at once: nobody is waited for.
    pub(in crate::coordinator::group) fn join_consumer_group(
        &mut self,
        env: &Env<'_>,
        join: Join,
    ) -> Step<Option<Joined>> {
        match self.join_classic(env, &join) {
            Ok(step) => step.map(Some),
            // As Kafka does: an answer that refuses names the member only where the group is a classic one.
            Err(error) => Step::reply(Some(Joined::refused(error, Arc::default()))),
        }
    }

    fn join_classic(&mut self, env: &Env<'_>, join: &Join) -> Result<Step<Joined>, ErrorCode> {
        let id = &join.group;
        let group = self.consumer_group(id).map_err(|refusal| refusal.code)?;
        group.check_classic(env, join)?;
        let member = if join.member.is_empty() { ids::member_id(env) } else { join.member.clone() };
        if join.member.is_empty() && join.instance.is_none() && join.requires_known_member {
            return Ok(Step::reply(Joined::refused(ErrorCode::MemberIdRequired, member)));
        }
        let admitted = group.admit_classic(member, join)?;
        let subscription = subscription(join)?;
        if admitted.is_stranger() && !join.member.is_empty() && !subscription.owned_partitions.is_empty() {
            // A member that was let go while it was away: it must hear that others have its partitions by now. (Kafka takes it in.)
            return Err(ErrorCode::UnknownMemberId);
        }
        let profile = profile(&admitted.member.profile, join, &subscription);
        if let Some(before) = &admitted.replaces {
            let newcomer = Member { profile: Arc::new(profile.clone()), ..Member::clone(&admitted.member) };
            let before = before.clone();
            if let Some(step) = self.replace_last_consumer(env, id, &before, &newcomer) {
                return Ok(step);
            }
        }
        let group = self.consumer_group(id).map_err(|refusal| refusal.code)?;
        let (configs, owned) = (ConsumerConfigs::of(env, id), owned(env, &subscription));
        let taken = turn::take(env, id, group, &configs, admitted, profile, Some(&owned))
            .map_err(|refusal| refusal.code)?;
        self.after_join(env, id, join, &taken);
        let told = joined(&taken.member, taken.member.standing.epoch, join.protocols.first().map(|it| &it.0));
        Ok(Step::with_records(told, taken.records))
    }

    /// A static member comes back with the classic protocol, and was the last with the consumer protocol: the group is a classic
    /// one from now on, in which everything stays as it was if that is still right.
    fn replace_last_consumer(
        &mut self,
        env: &Env<'_>,
        id: &Arc<str>,
        before: &Arc<Member>,
        newcomer: &Member,
    ) -> Option<Step<Joined>> {
        let group = self.consumer_group(id).ok().filter(|_| !before.is_classic())?;
        let classic = group.downgrade(env, std::slice::from_ref(before), Some(newcomer))?;
        let is_right = group.is_settled_but_for(before) && newcomer.profile.topics == before.profile.topics;
        let cause =
            (!is_right).then_some("the last member of the consumer protocol speaks the classic one now");
        let told = joined(newcomer, classic.generation(), classic.protocol());
        let group = group.clone();
        self.forget_timers(id, &before.id);
        Some(self.become_classic_group(env, id, classic, group, cause).map(|()| told))
    }

    fn after_join(&mut self, env: &Env<'_>, id: &Arc<str>, join: &Join, taken: &Taken) {
        self.after_turn(env, id, taken, join.session_timeout_ms);
        let member = &taken.member.id;
        let synced = TimerKey::ClassicMember { group: id.clone(), member: member.clone() };
        self.timers.set(synced, env.after_ms(join.rebalance_timeout_ms));
        self.timers.cancel(&TimerKey::Revocation { group: id.clone(), member: member.clone() });
    }
}

fn joined(member: &Member, generation: i32, protocol: Option<&Arc<str>>) -> Joined {
    Joined {
        error: ErrorCode::None,
        generation,
        protocol_type: Some(PROTOCOL_TYPE.into()),
        protocol: protocol.cloned(),
        leader: "".into(),
        skip_assignment: false,
        member: member.id.clone(),
        members: Vec::new(),
    }
}

impl ConsumerGroup {
    /// Whether everybody but `one` has what the target says. (Kafka does not ask: who still waits for partitions of others when
    /// the group changes its kind waits until the next rebalance.)
    fn is_settled_but_for(&self, one: &Member) -> bool {
        let others = self.members.values().filter(|member| member.id != one.id);
        let mut others = others.map(|member| member.is_reconciled_to(self.assignment_epoch));
        self.epoch == self.assignment_epoch && others.all(|is_reconciled| is_reconciled)
    }

    /// Whether a classic member with such protocols may come in.
    fn check_classic(&self, env: &Env<'_>, join: &Join) -> Result<(), ErrorCode> {
        if env.settings.consumer_migration_policy == "disabled" {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        self.check_size(env, &join.member).map_err(|refusal| refusal.code)?;
        let known_to_all =
            |name: &str| self.counts.protocols.get(name).copied().unwrap_or(0) == self.counts.classic;
        let fits = &*join.protocol_type == PROTOCOL_TYPE
            && join.protocols.iter().any(|(name, _)| known_to_all(name));
        if fits { Ok(()) } else { Err(ErrorCode::InconsistentGroupProtocol) }
    }

    fn admit_classic(&self, id: Arc<str>, join: &Join) -> Result<Admitted, ErrorCode> {
        let Some(instance) = join.instance.as_deref() else {
            return Ok(self.member(&id).map_or_else(|| Admitted::new(id), Admitted::known));
        };
        match self.static_member(instance) {
            Some(before) if join.member.is_empty() => Ok(Admitted::replacing(id, before)),
            None if join.member.is_empty() => Ok(Admitted::new(id)),
            _ => self.known_static_member(&id, instance).map(Admitted::known).map_err(|refusal| refusal.code),
        }
    }
}

/// What the member wants, and has: its first protocol says it, and all say the same.
fn subscription(join: &Join) -> Result<Subscription, ErrorCode> {
    let (_, metadata) = join.protocols.first().ok_or(ErrorCode::InconsistentGroupProtocol)?;
    read(metadata).map_err(|_| ErrorCode::InconsistentGroupProtocol)
}

fn profile(before: &Profile, join: &Join, subscription: &Subscription) -> Profile {
    let side = ClassicSide { session_timeout_ms: join.session_timeout_ms, protocols: join.protocols.clone() };
    Profile {
        instance: join.instance.clone().or_else(|| before.instance.clone()),
        rack: subscription.rack_id.as_deref().map(Arc::from).or_else(|| before.rack.clone()),
        client_id: join.client_id.clone(),
        client_host: join.client_host.clone(),
        topics: Arc::new(subscription.topics.iter().map(|topic| topic.as_str().into()).collect()),
        regex: None,
        rebalance_timeout_ms: join.rebalance_timeout_ms,
        assignor: before.assignor.clone(),
        classic: Some(Arc::new(side)),
    }
}

/// What the member has; topics that do not exist are left out.
fn owned(env: &Env<'_>, subscription: &Subscription) -> AssignedPartitions {
    let topics = subscription.owned_partitions.iter();
    topics.filter_map(|topic| Some((env.around.topic(&topic.topic)?.id, topic.partitions.clone()))).collect()
}
