//! Members that speak the consumer protocol (KIP-848).

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::consumer_group_heartbeat::{Request, Response, TopicPartitions};

use super::{MEMBERS, Member, Place, Protocol, TOPIC};
use crate::client::Client;

/// How long all groups may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(240);

pub struct Consumer;

pub struct ConsumerMember {
    request: Request,
    owned: Vec<TopicPartitions>,
    /// The broker has said something that it does not know yet to be done.
    owes: bool,
    accepted: bool,
}

impl ConsumerMember {
    fn new(group: &str, column: usize) -> Self {
        let request = Request {
            group_id: group.into(),
            member_id: format!("{group}-member-{column}").as_str().into(),
            rebalance_timeout_ms: 60_000,
            subscribed_topic_names: Some(vec![TOPIC.into()]),
            topic_partitions: Some(Vec::new()),
            ..Default::default()
        };
        Self { request, owned: Vec::new(), owes: true, accepted: false }
    }

    fn is_settled(&self) -> bool {
        self.accepted
            && !self.owes
            && self.owned.iter().map(|topic| topic.partitions.len()).sum::<usize>() == 1
    }
}

impl Member for ConsumerMember {
    fn beat(&mut self, client: &mut Client) -> bool {
        let answer: Response = client.ask(ApiKey::ConsumerGroupHeartbeat, 1, &self.request).unwrap();
        self.accepted = answer.error_code == 0;
        if !self.accepted {
            return false;
        }
        // From here on only what has changed is said.
        let (group_id, member_id) = (self.request.group_id.clone(), self.request.member_id.clone());
        self.request =
            Request { group_id, member_id, member_epoch: answer.member_epoch, ..Default::default() };
        self.owes = false;
        if let Some(assignment) = answer.assignment {
            self.owned = assignment.topic_partitions;
            self.request.topic_partitions = Some(self.owned.clone());
            self.owes = true;
        }
        true
    }
}

impl Protocol for Consumer {
    const NAME: &'static str = "consumer";
    type Member = ConsumerMember;

    fn gather(place: Place<'_>, client: &mut Client) -> Vec<ConsumerMember> {
        let mut members: Vec<_> =
            place.groups().map(|group| ConsumerMember::new(&group, place.column)).collect();
        let own = &place.unsettled[place.row * MEMBERS + place.column];
        let until = Instant::now() + PATIENCE;
        loop {
            for member in &mut members {
                assert!(member.beat(client), "{:?} is refused", member.request);
            }
            own.store(members.iter().filter(|member| !member.is_settled()).count(), Ordering::SeqCst);
            // Nobody leaves before all have seen the same.
            place.everybody.wait();
            let left: usize = place.unsettled.iter().map(|count| count.load(Ordering::SeqCst)).sum();
            place.everybody.wait();
            if left == 0 {
                return members;
            }
            assert!(Instant::now() < until, "{left} members have found no rest");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}
