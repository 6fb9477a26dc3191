//! A lane against a broker in a box: whatever fails and breaks on the way, what can be stored is stored once and in order.

use std::collections::{HashMap, VecDeque};

use futures_util::FutureExt;
use proptest::collection::vec;
use proptest::prelude::*;
use thalweg_proto::record::{BatchHeader, Compression};

use super::*;

/// What the broker makes of the next batch that arrives, or what happens to the connection.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A batch is begun and closed; whether the broker will never take it.
    Batch { refused: bool },
    /// The lane sends what it may.
    Send,
    /// The broker takes the next batch and answers.
    Serve,
    /// The broker answers the next batch that it cannot just now.
    Busy,
    /// The broker takes this many batches, but the connection breaks before any answer.
    Break { served: usize },
    /// The broker stores the next batch and says that it timed out.
    TimeOut,
    /// What waits has waited too long.
    GiveUp,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => prop::bool::weighted(0.1).prop_map(|refused| Event::Batch { refused }),
        4 => Just(Event::Send),
        4 => Just(Event::Serve),
        1 => Just(Event::Busy),
        1 => (0_usize..6).prop_map(|served| Event::Break { served }),
        1 => Just(Event::TimeOut),
        1 => prop::bool::weighted(0.3).prop_map(|often| if often { Event::GiveUp } else { Event::Send }),
    ]
}

/// Kafka's rules for one partition's idempotent producers (`ProducerAppendInfo`).
#[derive(Default)]
struct Broker {
    /// Numbers of the batches stored, each with its first offset.
    log: Vec<(u64, i64)>,
    end: i64,
    producers: HashMap<i64, VecDeque<(i32, i32, i64)>>,
}

impl Broker {
    fn serve(&mut self, batch: &mut Batch, refused: bool) -> Outcome {
        if refused {
            return Err(problem(ErrorCode::MessageTooLarge));
        }
        let header = BatchHeader::parse(&batch.encode().unwrap()).unwrap();
        let last = self.producers.entry(header.producer_id).or_default();
        let known = last.iter().find(|(sequence, ..)| *sequence == header.base_sequence);
        if let Some(&(_, _, base_offset)) = known {
            return Ok(Stored { base_offset, log_append_time: None });
        }
        if last.back().is_some_and(|&(sequence, count, _)| header.base_sequence != after(sequence, count)) {
            return Err(problem(ErrorCode::OutOfOrderSequenceNumber));
        }
        last.push_back((header.base_sequence, header.records_count, self.end));
        if last.len() > 5 {
            last.pop_front();
        }
        self.log.push((batch.number, self.end));
        let base_offset = self.end;
        self.end += i64::from(header.records_count);
        Ok(Stored { base_offset, log_append_time: None })
    }
}

fn problem(code: ErrorCode) -> Error {
    Error::Refused { status: code.grpc_code(), code: Some(code), message: String::new() }
}

struct Harness {
    lane: Lane,
    rules: Rules,
    broker: Broker,
    under_way: VecDeque<Batch>,
    refused: Vec<bool>,
    receipts: Vec<oneshot::Receiver<Outcome>>,
    identities: i64,
    now: Instant,
}

impl Harness {
    fn new() -> Self {
        let rules = Rules {
            max_in_flight: 5,
            linger: Duration::ZERO,
            delivery_timeout: Duration::from_secs(3_600),
            idempotent: true,
            retry: RetryPolicy::default(),
        };
        Self {
            lane: Lane::new("t".into(), 0),
            rules,
            broker: Broker::default(),
            under_way: VecDeque::new(),
            refused: Vec::new(),
            receipts: Vec::new(),
            identities: 0,
            now: Instant::now(),
        }
    }

    fn happen(&mut self, event: Event) {
        // Past any pause.
        self.now += Duration::from_secs(2);
        match event {
            Event::Batch { refused } => self.begin(refused),
            Event::Send => self.send(),
            Event::Serve => self.answer(|broker, batch, refused| broker.serve(batch, refused)),
            Event::Busy => self.answer(|_, _, _| Err(problem(ErrorCode::NotLeaderOrFollower))),
            Event::TimeOut => self.answer(|broker, batch, refused| {
                broker.serve(batch, refused).and(Err(problem(ErrorCode::RequestTimedOut)))
            }),
            Event::GiveUp => {
                for (batch, error) in self.lane.give_up(self.now, &self.rules, true) {
                    batch.settle(Err(error));
                }
            }
            Event::Break { served } => {
                for batch in self.under_way.iter_mut().take(served) {
                    let _ = self.broker.serve(batch, self.refused[batch.number as usize]);
                }
                for batch in self.under_way.drain(..) {
                    assert!(self.lane.interrupted(batch, &self.rules).is_none());
                }
            }
        }
    }

    fn begin(&mut self, refused: bool) {
        let number = self.refused.len() as u64;
        let (done, receipt) = oneshot::channel();
        let mut batch = Batch::new(number, self.now, BatchBuilder::new(Compression::None), done);
        for _ in 0..=number % 3 {
            batch.builder().unwrap().append(0, None, Some(b"v"), []).unwrap();
            batch.records += 1;
        }
        self.lane.open = Some(batch);
        self.lane.seal();
        self.refused.push(refused);
        self.receipts.push(receipt);
    }

    fn send(&mut self) {
        if self.lane.lacks_identity(&self.rules).is_some() {
            self.lane.rename(Identity { id: self.identities, epoch: 0 });
            self.identities += 1;
        }
        while let Some(batch) = self.lane.next(self.now, &self.rules, u64::MAX) {
            self.under_way.push_back(batch);
        }
    }

    fn answer(&mut self, serve: impl FnOnce(&mut Broker, &mut Batch, bool) -> Outcome) {
        let Some(mut batch) = self.under_way.pop_front() else { return };
        let refused = self.refused[batch.number as usize];
        let answer = serve(&mut self.broker, &mut batch, refused);
        if let Some((batch, outcome)) = self.lane.answered(batch, answer, self.now, &self.rules) {
            batch.settle(outcome);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_can_be_stored_is_stored_once_and_in_order(events in vec(event(), 0..200)) {
        let mut harness = Harness::new();
        for event in events {
            harness.happen(event);
        }
        // Now that nothing fails any more, everything comes to its end.
        let patience = 20 * (harness.refused.len() + 1);
        for _ in 0..patience {
            harness.happen(Event::Send);
            harness.happen(Event::Serve);
        }
        let stored: Vec<u64> = harness.broker.log.iter().map(|(number, _)| *number).collect();
        prop_assert!(stored.is_sorted_by(|one, next| one < next), "{:?}", stored);
        for (number, receipt) in (0_u64..).zip(harness.receipts) {
            let outcome = receipt.now_or_never().expect("every batch is settled").unwrap();
            let place = harness.broker.log.iter().find(|(stored, _)| *stored == number);
            match (outcome, place) {
                (Ok(told), Some((_, offset))) => prop_assert_eq!(told.base_offset, *offset),
                (Err(Error::Timeout { possibly_applied, .. }), place) => {
                    prop_assert!(possibly_applied || place.is_none());
                }
                // Given up while the broker was busy.
                (Err(error), None) if error.code() == Some(ErrorCode::NotLeaderOrFollower) => {}
                (Err(error), None) => {
                    prop_assert!(harness.refused[number as usize]);
                    prop_assert_eq!(error.code(), Some(ErrorCode::MessageTooLarge));
                }
                (outcome, place) => prop_assert!(false, "{:?} but {:?}", outcome, place),
            }
        }
    }
}

#[test]
fn sequence_numbers_wrap_to_zero() {
    assert_eq!(after(i32::MAX, 1), 0);
    assert_eq!(after(i32::MAX - 1, 3), 1);
    assert_eq!(after(5, 10), 15);
}
