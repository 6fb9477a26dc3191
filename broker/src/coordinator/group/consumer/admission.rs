//! Who a heartbeat is from, and whether it may be: members known and new, dynamic and static, and their epochs.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::member::{AWAY, Held, Member, Standing};
use super::{AssignedPartitions, ConsumerGroup, ConsumerHeartbeat};
use crate::coordinator::Refusal;
use crate::coordinator::group::Env;

/// A member that was let in.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    /// The member as it was before this request.
    pub member: Arc<Member>,
    /// Whether the group does not have it yet.
    pub is_new: bool,
    /// The member in whose place it comes, as the same static member.
    pub replaces: Option<Arc<Member>>,
}

impl Admitted {
    pub(super) fn known(member: &Arc<Member>) -> Self {
        Self { member: member.clone(), is_new: false, replaces: None }
    }

    pub(super) fn new(id: Arc<str>) -> Self {
        Self { member: Arc::new(Member::new(id)), is_new: true, replaces: None }
    }

    /// Whether it is nobody that the group has known, under this id or as this static member.
    pub(super) fn is_stranger(&self) -> bool {
        self.is_new && self.replaces.is_none()
    }

    /// A static member that takes the place of the one that had its instance id.
    pub(super) fn replacing(id: Arc<str>, before: &Arc<Member>) -> Self {
        let standing = Standing { epoch: 0, previous_epoch: 0, ..Standing::clone(&before.standing) };
        let member = Member { id, profile: before.profile.clone(), standing: Arc::new(standing) };
        Self { member: Arc::new(member), is_new: true, replaces: Some(before.clone()) }
    }
}

impl ConsumerGroup {
    /// Refuses a newcomer where the group is full.
    pub(super) fn check_size(&self, env: &Env<'_>, member: &str) -> Result<(), Refusal> {
        let most = env.settings.consumer.max_size;
        let is_full = i32::try_from(self.members.len()).unwrap_or(i32::MAX) >= most;
        if !is_full || self.members.contains_key(member) {
            return Ok(());
        }
        let message = format!("The consumer group has reached its maximum capacity of {most} members.");
        Err(Refusal::new(ErrorCode::GroupMaxSizeReached, message))
    }

    /// The member that a heartbeat is from.
    pub(super) fn admit(
        &self,
        group: &str,
        id: Arc<str>,
        heartbeat: &ConsumerHeartbeat,
    ) -> Result<Admitted, Refusal> {
        match &heartbeat.instance {
            Some(instance) => self.admit_static(group, id, instance, heartbeat),
            None => self.admit_dynamic(group, id, heartbeat),
        }
    }

    fn admit_dynamic(
        &self,
        group: &str,
        id: Arc<str>,
        heartbeat: &ConsumerHeartbeat,
    ) -> Result<Admitted, Refusal> {
        match self.members.get(&id) {
            None if heartbeat.epoch == 0 => Ok(Admitted::new(id)),
            None => Err(unknown_member(group, &id)),
            Some(member) => {
                check_epoch(member, heartbeat.epoch, heartbeat.owned.as_ref())?;
                Ok(Admitted::known(member))
            }
        }
    }

    fn admit_static(
        &self,
        group: &str,
        id: Arc<str>,
        instance: &str,
        heartbeat: &ConsumerHeartbeat,
    ) -> Result<Admitted, Refusal> {
        if heartbeat.epoch != 0 {
            let member = self.known_static_member(&id, instance)?;
            check_epoch(member, heartbeat.epoch, heartbeat.owned.as_ref())?;
            return Ok(Admitted::known(member));
        }
        let Some(before) = self.static_member(instance) else {
            return self.admit_dynamic(group, id, heartbeat);
        };
        if !before.is_classic() && before.standing.epoch != AWAY {
            let message = format!(
                "Static member {id} with instance id {instance} cannot join the group because the instance id is owned by {} \
                 member.",
                before.id
            );
            return Err(Refusal::new(ErrorCode::UnreleasedInstanceId, message));
        }
        Ok(Admitted::replacing(id, before))
    }

    /// The static member of an instance id, if it is the one that asks.
    pub(super) fn known_static_member(&self, id: &str, instance: &str) -> Result<&Arc<Member>, Refusal> {
        let Some(member) = self.static_member(instance) else {
            let message = format!("Instance id {instance} is unknown.");
            return Err(Refusal::new(ErrorCode::UnknownMemberId, message));
        };
        if *member.id != *id {
            let message =
                format!("Static member {id} with instance id {instance} was fenced by member {}.", member.id);
            return Err(Refusal::new(ErrorCode::FencedInstanceId, message));
        }
        Ok(member)
    }

    /// A member by its id.
    pub(super) fn known_member(&self, group: &str, id: &str) -> Result<&Arc<Member>, Refusal> {
        self.members.get(id).ok_or_else(|| unknown_member(group, id))
    }
}

pub(super) fn unknown_member(group: &str, id: &str) -> Refusal {
    let message = format!("Member {id} is not a member of group {group}.");
    Refusal::new(ErrorCode::UnknownMemberId, message)
}

/// A member may be one epoch behind if it has missed an answer: what it owns must then lie within what it was given.
fn check_epoch(member: &Member, epoch: i32, owned: Option<&AssignedPartitions>) -> Result<(), Refusal> {
    let known = member.standing.epoch;
    let missed_answer = || {
        epoch == member.standing.previous_epoch
            && owned.is_some_and(|owned| lies_within(owned, &member.standing.assigned))
    };
    let relation = match epoch {
        0 => return Ok(()),
        _ if epoch > known => "greater",
        _ if epoch < known && !missed_answer() => "smaller",
        _ => return Ok(()),
    };
    let message = format!(
        "The consumer group member has a {relation} member epoch ({epoch}) than the one known by the group coordinator ({known}). \
         The member must abandon all its partitions and rejoin."
    );
    Err(Refusal::new(ErrorCode::FencedMemberEpoch, message))
}

fn lies_within(owned: &AssignedPartitions, assigned: &Held) -> bool {
    owned.iter().all(|(topic, partitions)| {
        assigned.get(topic).is_some_and(|held| partitions.iter().all(|index| held.contains_key(index)))
    })
}
