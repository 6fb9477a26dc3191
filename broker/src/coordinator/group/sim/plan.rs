//! Which groups a run has, and what their members are like.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::client::{Classic, Client, Consumer, Seat};
use super::world::World;

pub const TOPICS: [&str; 4] = ["bay", "delta", "ford", "weir"];

/// What members a group may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Eager,
    Cooperative,
    /// From one assignor to the other (KIP-429): all know the old one, some the new one as well.
    Switching,
    Consumer,
    /// Upgraded and downgraded again (KIP-848).
    MixedEager,
    MixedCooperative,
}

const KINDS: [Kind; 6] = [
    Kind::Eager,
    Kind::Cooperative,
    Kind::Switching,
    Kind::Consumer,
    Kind::MixedEager,
    Kind::MixedCooperative,
];

#[derive(Clone, Debug)]
pub struct Plan {
    pub group: Arc<str>,
    pub kind: Kind,
    session_ms: i32,
    pub rebalance_ms: i32,
    /// In a mixed group: whether new members are consumers now.
    pub upgrading: bool,
}

impl Plan {
    pub fn any(world: &World, number: usize) -> Self {
        let wanted = std::env::var("SIM_KIND").ok();
        let only = KINDS.into_iter().find(|kind| wanted == Some(format!("{kind:?}")));
        Self {
            group: format!("group-{number}").into(),
            kind: only.unwrap_or(*world.random.pick(&KINDS)),
            session_ms: i32::try_from(world.random.between(6000, 12_000)).unwrap(),
            rebalance_ms: i32::try_from(world.random.between(5000, 20_000)).unwrap(),
            upgrading: false,
        }
    }

    /// A new member, static under `instance`.
    pub fn member(&self, world: &World, number: usize, instance: Option<Arc<str>>) -> Client {
        // What a static member subscribes to must not change behind the group's back: a stable group does not look.
        let wants = |place: usize| match &instance {
            Some(instance) => {
                (instance.len() + usize::from(instance.as_bytes()[instance.len() - 1])) >> place & 1 == 1
            }
            None => world.random.percent(50),
        };
        let chosen = TOPICS.iter().enumerate().filter(|(place, _)| wants(*place));
        let mut topics: BTreeSet<Arc<str>> = chosen.map(|(_, name)| (*name).into()).collect();
        topics.insert(TOPICS[0].into());
        let seat = Seat {
            group: self.group.clone(),
            name: format!("client-{number}").into(),
            instance,
            topics,
            session_ms: self.session_ms,
            rebalance_ms: self.rebalance_ms,
            not_before: world.now,
            next_beat: world.now,
            next_commit: Duration::ZERO,
            leaving: false,
            gone: false,
        };
        let (range, sticky) = ("range", "cooperative-sticky");
        let classic = |protocols| Client::Classic(Box::new(Classic::new(seat.clone(), protocols)));
        match self.kind {
            Kind::Eager => classic(vec![range]),
            Kind::Cooperative => classic(vec![sticky]),
            // Not the new one first: a broker that has started again knows only what the group agreed on, as Kafka does, and
            // would refuse those who do not know that.
            Kind::Switching if world.random.percent(50) => classic(vec![range, sticky]),
            Kind::Switching => classic(vec![range]),
            Kind::MixedEager if !self.upgrading => classic(vec![range]),
            Kind::MixedCooperative if !self.upgrading => classic(vec![sticky]),
            Kind::Consumer | Kind::MixedEager | Kind::MixedCooperative => consumer(world, seat),
        }
    }
}

fn consumer(world: &World, mut seat: Seat) -> Client {
    // A static member that comes again without a regular expression would keep that of its former self.
    let regex = (seat.instance.is_none() && world.random.percent(15)).then(|| {
        // "delta", "ford" or both; more than names can say, since a topic may be made later.
        seat.topics = ["delta", "ford"].map(Into::into).into();
        "delta|f.rd".into()
    });
    let assignor = world.random.percent(30).then(|| (*world.random.pick(&["uniform", "range"])).into());
    Client::Consumer(Box::new(Consumer::new(seat, world, regex, assignor)))
}
