//! One run: events in the order of virtual time, misfortune while it lasts, and calm after it.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::hash::Hasher;
use std::time::Duration;

use super::client::{Client, Next};
use super::host::Host;
use super::plan::{Plan, TOPICS};
use super::traffic::{Answer, Ask, Delivery};
use super::world::World;

pub enum Event {
    /// A client goes on, if nothing has happened to it since.
    Wake(usize, u64),
    /// A request reaches the broker.
    Arrive(usize, u64, Ask),
    /// An answer reaches its client.
    Deliver(Delivery),
    /// The log is synced up to there, if the broker still lives the same life.
    Synced(u64, usize),
    /// The shard has set a deadline for now.
    Deadline,
    /// The broker starts again.
    Start(u64),
    Misfortune,
    /// The broker's upkeep.
    Upkeep,
}

struct At(Duration, u64, Event);

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for At {}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for At {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// A client and what the network does to it.
pub struct Actor {
    pub client: Client,
    pub plan: usize,
    /// The request whose answer it waits for.
    waits: Option<u64>,
    wakes: u64,
    pub paused_until: Duration,
    pub crashed: bool,
}

impl Actor {
    pub fn alive(&self) -> bool {
        !self.crashed && !self.client.seat().gone
    }
}

pub struct Run {
    pub world: World,
    pub host: Host,
    pub plans: Vec<Plan>,
    pub actors: Vec<Actor>,
    pub misfortune: bool,
    events: BinaryHeap<Reverse<At>>,
    sequence: u64,
    requests: u64,
    next_deadline: Option<Duration>,
    pub trace: Option<Vec<String>>,
}

impl Run {
    pub fn new(seed: u64, trace: bool) -> Self {
        let mut world = World::new(seed);
        for name in TOPICS.iter().take(2 + world.random.below(3)) {
            let partitions = i32::try_from(world.random.between(1, 7)).unwrap();
            world.create(name, partitions);
        }
        let plans = (0..=world.random.below(3)).map(|number| Plan::any(&world, number)).collect();
        let mut run = Self {
            world,
            host: Host::new(),
            plans,
            actors: Vec::new(),
            misfortune: false,
            events: BinaryHeap::new(),
            sequence: 0,
            requests: 0,
            next_deadline: None,
            trace: trace.then(Vec::new),
        };
        run.at(Duration::from_secs(30), Event::Upkeep);
        run
    }

    /// An event after some time.
    pub fn at(&mut self, after: Duration, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse(At(self.world.now + after, self.sequence, event)));
    }

    pub fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>10.3} {}", self.world.now.as_secs_f64(), what()));
        }
    }

    pub fn add(&mut self, plan: usize, instance: Option<std::sync::Arc<str>>) {
        let number = self.actors.len();
        let client = self.plans[plan].member(&self.world, number, instance);
        self.note(|| format!("new {client:?}"));
        let paused_until = Duration::ZERO;
        self.actors.push(Actor { client, plan, waits: None, wakes: 0, paused_until, crashed: false });
        self.wake(number, Duration::ZERO);
    }

    pub fn wake(&mut self, number: usize, after: Duration) {
        self.actors[number].wakes += 1;
        let wakes = self.actors[number].wakes;
        self.at(after, Event::Wake(number, wakes));
    }

    /// The connection of a client breaks: it will not see the answer that it waits for.
    pub fn disconnect(&mut self, number: usize) {
        if let Some(request) = self.actors[number].waits {
            let delivery = Delivery { client: number, request, answer: Answer::Lost };
            self.at(Duration::from_millis(1), Event::Deliver(delivery));
        }
    }

    /// The process of the broker ends, and begins again after a while.
    pub fn crash(&mut self) {
        self.note(|| "the broker crashes".to_owned());
        for lost in self.host.crash(&self.world) {
            self.at(Duration::from_millis(1), Event::Deliver(lost));
        }
        let down = self.world.random.millis(100, if self.world.random.percent(20) { 20_000 } else { 2000 });
        let life = self.host.life;
        self.at(down, Event::Start(life));
    }

    /// Plays what happens until then.
    pub fn until(&mut self, end: Duration) -> Result<(), String> {
        while self.events.peek().is_some_and(|Reverse(next)| next.0 <= end) {
            let Some(Reverse(At(time, _, event))) = self.events.pop() else { break };
            self.world.now = time;
            self.host.hash.write_u128(time.as_nanos());
            self.happen(event)?;
            self.after()?;
        }
        self.world.now = end;
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Wake(number, wakes) => {
                let actor = &self.actors[number];
                if actor.wakes == wakes && actor.alive() && actor.waits.is_none() {
                    self.go_on(number)?;
                }
            }
            Event::Arrive(client, request, ask) if self.host.up => {
                self.note(|| format!("{client}#{request} asks {ask:?}"));
                let refusals = self.host.refusals;
                self.host.ask(&self.world, client, request, ask)?;
                if self.host.refusals > refusals {
                    self.note(|| "the disk is full".to_owned());
                }
            }
            Event::Arrive(client, request, _) => {
                let lost = Delivery { client, request, answer: Answer::Lost };
                self.at(Duration::from_millis(1), Event::Deliver(lost));
            }
            Event::Deliver(delivery) => self.deliver(delivery)?,
            Event::Synced(life, end) if life == self.host.life => {
                (self.host.durable, self.host.syncing) = (end, false);
            }
            Event::Synced(..) => {}
            Event::Deadline => {
                self.next_deadline = None;
                if self.host.up {
                    self.host.expire(&self.world)?;
                }
            }
            Event::Start(life) if life == self.host.life && !self.host.up => {
                self.note(|| "the broker starts".to_owned());
                self.host.start(&self.world)?;
            }
            Event::Start(_) => {}
            Event::Misfortune => super::misfortune::strike(self)?,
            Event::Upkeep => {
                self.at(Duration::from_secs(30), Event::Upkeep);
                if self.host.up {
                    let step = self.host.shard.expire_offsets(&self.world.env());
                    self.host.settle(&self.world, step)?;
                }
            }
        }
        Ok(())
    }

    /// What follows from every event: syncs, answers, deadlines.
    fn after(&mut self) -> Result<(), String> {
        if !self.host.up {
            return Ok(());
        }
        if !self.host.syncing && self.host.durable < self.host.log.len() {
            self.host.syncing = true;
            let (life, end) = (self.host.life, self.host.log.len());
            let long = self.world.random.millis(0, 10);
            self.at(long, Event::Synced(life, end));
        }
        for ready in self.host.ready() {
            let latency = self.world.random.millis(0, 5);
            self.at(latency, Event::Deliver(ready));
        }
        let deadline = self.host.shard.next_deadline();
        if let Some(deadline) = deadline.filter(|next| self.next_deadline.is_none_or(|set| *next < set)) {
            self.next_deadline = Some(deadline);
            self.at(deadline.saturating_sub(self.world.now), Event::Deadline);
        }
        self.overdue()
    }

    /// Nobody waits longer than a rebalance may last.
    fn overdue(&self) -> Result<(), String> {
        for (ticket, waiting) in &self.host.waiting {
            let longest =
                self.plans.iter().find(|plan| plan.group == waiting.group).map(|plan| plan.rebalance_ms);
            let delay = self.world.settings.initial_rebalance_delay_ms;
            let bound = Duration::from_millis((longest.unwrap_or(0) + delay) as u64 + 1000);
            if self.world.now > waiting.since + bound {
                return Err(format!("{ticket:?} hangs: {waiting:?}"));
            }
        }
        Ok(())
    }

    fn deliver(&mut self, delivery: Delivery) -> Result<(), String> {
        let Delivery { client, request, answer } = delivery;
        let now = self.world.now;
        let actor = &mut self.actors[client];
        if actor.waits != Some(request) || !actor.alive() {
            return Ok(());
        }
        if actor.paused_until > now {
            let after = actor.paused_until - now;
            self.at(after, Event::Deliver(Delivery { client, request, answer }));
            return Ok(());
        }
        self.note(|| format!("{client}#{request} is answered {answer:?}"));
        let actor = &mut self.actors[client];
        actor.waits = None;
        actor.client.answered(&self.world, answer)?;
        self.go_on(client)
    }

    fn go_on(&mut self, number: usize) -> Result<(), String> {
        let now = self.world.now;
        let actor = &mut self.actors[number];
        if actor.paused_until > now {
            let after = actor.paused_until - now;
            self.wake(number, after);
            return Ok(());
        }
        match actor.client.next(&self.world)? {
            Next::Ask(ask) => {
                self.requests += 1;
                self.actors[number].waits = Some(self.requests);
                let latency = self.world.random.millis(0, 5);
                self.at(latency, Event::Arrive(number, self.requests, ask));
            }
            Next::Wait(until) => self.wake(number, until.saturating_sub(now)),
            Next::Gone => {}
        }
        Ok(())
    }
}
