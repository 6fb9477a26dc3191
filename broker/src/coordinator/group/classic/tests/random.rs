//! Members that do anything at any time.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use super::super::{Heartbeat, Join, Joined};
use super::desk::{Desk, GROUP, ORDERS, dynamic, fixed, sync_of};
use crate::coordinator::group::{Ticket, TimerKey};

/// What may happen; the number chooses among clients.
#[derive(Clone, Debug)]
enum Event {
    /// A dynamic member comes; an old client gets in at once.
    Come { old: bool, metadata: &'static [u8] },
    /// A static member comes, or comes back.
    Return { instance: u8, alone: bool },
    /// A client joins again, perhaps with other protocols or timeouts.
    Rejoin { client: usize, sticky: bool, rebalance_timeout_ms: i32 },
    /// A client syncs; the leader assigns, perhaps not to all.
    Sync { client: usize, forgetful: bool },
    /// A client shows that it lives.
    Heartbeat { client: usize },
    /// A client leaves.
    Leave { client: usize },
    /// An administrator removes a static member.
    Remove { instance: u8 },
    /// Time passes.
    Pass { ms: u64 },
    /// The log begins to refuse, or stops refusing.
    Fill(bool),
    /// The broker starts again.
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    let metadata = prop_oneof![3 => Just(ORDERS), 1 => Just(&b"\x00\x01\xff\xff"[..]), 1 => Just(&b""[..])];
    let client = any::<usize>();
    prop_oneof![
        4 => (any::<bool>(), metadata).prop_map(|(old, metadata)| Event::Come { old, metadata }),
        3 => (0_u8..3, any::<bool>()).prop_map(|(instance, alone)| Event::Return { instance, alone }),
        8 => (client, any::<bool>(), prop_oneof![Just(0), Just(1), Just(60_000), Just(-1)]).prop_map(
            |(client, sticky, rebalance_timeout_ms)| Event::Rejoin { client, sticky, rebalance_timeout_ms }
        ),
        8 => (any::<usize>(), any::<bool>()).prop_map(|(client, forgetful)| Event::Sync { client, forgetful }),
        3 => any::<usize>().prop_map(|client| Event::Heartbeat { client }),
        2 => any::<usize>().prop_map(|client| Event::Leave { client }),
        1 => (0_u8..3).prop_map(|instance| Event::Remove { instance }),
        4 => prop_oneof![Just(0), Just(3_000), Just(9_999), 0_u64..120_000].prop_map(|ms| Event::Pass { ms }),
        1 => any::<bool>().prop_map(Event::Fill),
        1 => Just(Event::Restart),
    ]
}

/// The clients of the group, each as it was told of last.
struct Crowd {
    desk: Desk,
    clients: Vec<Joined>,
    joining: Vec<Ticket>,
}

impl Crowd {
    fn join(&mut self, join: Join) {
        let ticket = self.desk.join(join);
        self.joining.push(ticket);
    }

    fn chosen(&self, client: usize) -> Option<Joined> {
        self.clients.get(client.checked_rem(self.clients.len())?).cloned()
    }

    fn act(&mut self, event: &Event) {
        match *event {
            Event::Come { old, metadata } => {
                let protocols = vec![("range".into(), Bytes::from_static(metadata))];
                self.join(Join { requires_known_member: !old, protocols, ..dynamic("") });
            }
            Event::Return { instance, alone } => {
                let mut join = fixed(&format!("instance {instance}"), "");
                if alone {
                    join.protocols.insert(0, ("alone".into(), Bytes::new()));
                }
                self.join(join);
            }
            Event::Rejoin { client, sticky, rebalance_timeout_ms } => {
                let Some(client) = self.chosen(client) else { return };
                let mut join = Join { rebalance_timeout_ms, ..dynamic(&client.member) };
                if sticky {
                    join.protocols.push(("sticky".into(), Bytes::from_static(ORDERS)));
                }
                self.join(join);
            }
            Event::Sync { client, forgetful } => {
                let Some(client) = self.chosen(client) else { return };
                let members = client.members.iter().skip(usize::from(forgetful));
                let given: Vec<(Arc<str>, Bytes)> = members
                    .map(|member| (member.member.clone(), Bytes::from(member.member.to_string())))
                    .collect();
                self.desk.sync(sync_of(&client, given));
            }
            Event::Heartbeat { client } => {
                let Some(Joined { generation, member, .. }) = self.chosen(client) else { return };
                let heartbeat = Heartbeat { group: GROUP.into(), generation, member, instance: None };
                let _ = self.desk.run(|shard, env| shard.heartbeat(env, &heartbeat)).unwrap();
            }
            Event::Leave { client } => {
                let Some(client) = self.chosen(client) else { return };
                self.leave(&client.member, None);
            }
            Event::Remove { instance } => self.leave("", Some(&format!("instance {instance}"))),
            Event::Pass { ms } => self.desk.pass(ms),
            Event::Fill(full) => self.desk.full = full,
            Event::Restart => self.desk.restart(),
        }
        self.hear();
        self.check();
    }

    fn leave(&mut self, member: &str, instance: Option<&str>) {
        // The last to leave leaves a record, which may be refused.
        let full = std::mem::take(&mut self.desk.full);
        self.desk.leave(&[(member, instance)]);
        self.desk.full = full;
    }

    /// Every answer has the next request of the client follow.
    fn hear(&mut self) {
        let desk = &mut self.desk;
        self.joining.retain(|ticket| match desk.joined.remove(ticket) {
            Some(answer) => {
                self.clients.retain(|client| client.member != answer.member);
                if !answer.member.is_empty() {
                    self.clients.push(answer);
                }
                false
            }
            None => desk.waiting.contains(ticket),
        });
    }

    /// What must hold after everything that happens.
    fn check(&self) {
        let Some(group) = self.desk.group() else { return };
        let members = || group.members();
        let joined = members().filter(|member| member.has_joined()).count();
        assert_eq!(group.members.joined(), joined);
        assert!(!group.is_empty() || joined == 0, "nobody waits for an empty group");
        assert!(group.unwritten.is_none());
        assert_eq!(group.leader.is_some(), members().len() > 0);
        assert!(group.leader.as_ref().is_none_or(|leader| group.members.contains(leader)));
        assert!(group.pending_syncs.iter().all(|member| group.members.contains(member)));
        let session = |member: &Arc<str>| {
            let key = TimerKey::Session { group: GROUP.into(), member: member.clone() };
            self.desk.shard.timers.get(&key)
        };
        for member in members() {
            let watched = session(&member.id).is_some() || member.may_be_silent();
            assert!(watched, "{member:?} would stay for ever");
        }
        assert!(group.pending_joins.iter().all(|member| session(member).is_some()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// However requests, deaths and restarts follow each other: everybody is answered, once; and when all clients fall silent
    /// the group is empty, and nothing of it is due any more.
    #[test]
    fn nobody_waits_for_ever(delay in prop_oneof![Just(0), Just(3_000)], events in proptest::collection::vec(event(), 1..60)) {
        let mut crowd = Crowd { desk: Desk::new(), clients: Vec::new(), joining: Vec::new() };
        crowd.desk.settings.initial_rebalance_delay_ms = delay;
        crowd.desk.settings.max_size = 5;
        for event in &events {
            crowd.act(event);
        }
        crowd.desk.full = false;
        crowd.desk.pass(3_600_000);
        crowd.hear();
        prop_assert!(crowd.desk.waiting.is_empty(), "{:?} wait in {:?}", crowd.desk.waiting, crowd.desk.group());
        prop_assert!(["Empty", "Dead"].contains(&crowd.desk.state()));
        prop_assert_eq!(crowd.desk.shard.next_deadline(), None);
        // An empty generation that was refused is forgotten.
        if !events.iter().any(|event| matches!(event, Event::Fill(true))) {
            let generation = crowd.desk.group().map(|group| group.generation());
            crowd.desk.restart();
            prop_assert_eq!(crowd.desk.group().map(|group| group.generation()), generation);
        }
    }
}
