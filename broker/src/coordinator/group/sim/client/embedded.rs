//! What consumers of the classic protocol tell each other through the broker (`ConsumerProtocolSubscription`,
//! `ConsumerProtocolAssignment`), written as the Java client does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

/// Partitions by the name of their topic.
pub type Named = BTreeSet<(Arc<str>, i32)>;

/// What a member wants and has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    pub topics: Vec<Arc<str>>,
    pub owned: Named,
    pub generation: i32,
}

impl Subscription {
    /// The bytes of version 3, or of version 0 where nothing is owned to be told.
    pub fn encode(&self, version: i16) -> Bytes {
        let mut out = version.to_be_bytes().to_vec();
        count(&mut out, self.topics.len());
        self.topics.iter().for_each(|topic| text(&mut out, topic));
        out.extend((-1_i32).to_be_bytes());
        if version >= 1 {
            partitions(&mut out, &self.owned);
        }
        if version >= 2 {
            out.extend(self.generation.to_be_bytes());
        }
        if version >= 3 {
            out.extend((-1_i16).to_be_bytes());
        }
        out.into()
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let version = rest.short()?;
        let topics = (0..rest.int()?).map(|_| rest.text()).collect::<Option<_>>()?;
        let user_data = rest.int()?;
        rest.take(usize::try_from(user_data).unwrap_or(0))?;
        let owned = if version >= 1 { rest.partitions()? } else { Named::new() };
        let generation = if version >= 2 { rest.int()? } else { -1 };
        Some(Self { topics, owned, generation })
    }
}

/// The bytes of an assignment.
pub fn assignment(of: &Named) -> Bytes {
    let mut out = 3_i16.to_be_bytes().to_vec();
    partitions(&mut out, of);
    out.extend((-1_i32).to_be_bytes());
    out.into()
}

/// The partitions of an assignment. No bytes at all are no partitions.
pub fn assigned(bytes: &[u8]) -> Option<Named> {
    if bytes.is_empty() {
        return Some(Named::new());
    }
    let mut rest = Rest(bytes);
    rest.short()?;
    rest.partitions()
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend(i32::try_from(count).unwrap().to_be_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
    out.extend(text.as_bytes());
}

fn partitions(out: &mut Vec<u8>, of: &Named) {
    let mut topics: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in of {
        topics.entry(topic).or_default().push(*partition);
    }
    count(out, topics.len());
    for (topic, partitions) in topics {
        text(out, topic);
        count(out, partitions.len());
        partitions.iter().for_each(|partition| out.extend(partition.to_be_bytes()));
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn short(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn int(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<Arc<str>> {
        let length = usize::try_from(self.short()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok().map(Into::into)
    }

    fn partitions(&mut self) -> Option<Named> {
        let mut named = Named::new();
        for _ in 0..self.int()? {
            let topic = self.text()?;
            for _ in 0..self.int()? {
                named.insert((topic.clone(), self.int()?));
            }
        }
        Some(named)
    }
}
