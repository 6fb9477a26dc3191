//! Which protocol a group uses: one that all members know, and that most of them like best.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::member::{Member, Protocols};
use crate::coordinator::group::java_hash;

/// How many members know each protocol.
#[derive(Clone, Debug, Default)]
pub(super) struct Ballot {
    known_by: BTreeMap<Arc<str>, usize>,
}

impl Ballot {
    /// Counts a member's protocols.
    pub(super) fn enter(&mut self, protocols: &Protocols) {
        for name in protocols.names() {
            *self.known_by.entry(name.clone()).or_default() += 1;
        }
    }

    /// Takes them back.
    pub(super) fn withdraw(&mut self, protocols: &Protocols) {
        for name in protocols.names() {
            if let Some(count) = self.known_by.get_mut(name) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.known_by.remove(name);
                }
            }
        }
    }

    /// Whether all of so many members know a protocol.
    pub(super) fn is_common(&self, name: &str, members: usize) -> bool {
        self.known_by.get(name).copied().unwrap_or(0) == members
    }

    /// The protocol that most members like best of those that all of them know; of equals the one that Kafka chooses.
    pub(super) fn elect<'a>(&self, members: impl ExactSizeIterator<Item = &'a Member>) -> Option<Arc<str>> {
        let count = members.len();
        let vote = |member: &'a Member| member.protocols.names().find(|name| self.is_common(name, count));
        let mut votes = BTreeMap::<&Arc<str>, usize>::new();
        for voted in members.filter_map(vote) {
            *votes.entry(voted).or_default() += 1;
        }
        let places = places(votes.len());
        let best =
            votes.into_iter().max_by_key(|(name, votes)| (*votes, Reverse((place(name, places), *name))));
        best.map(|(name, _)| name.clone())
    }
}

/// Among equals Kafka takes the first that it comes upon in a `java.util.HashMap`, which has so many places for so many keys.
fn places(keys: usize) -> i32 {
    let mut places = 16_i32;
    while i32::try_from(keys).is_ok_and(|keys| keys > places / 4 * 3) {
        places = places.saturating_mul(2);
    }
    places
}

/// The place of a key there.
fn place(key: &str, places: i32) -> i32 {
    let hash = java_hash(key).cast_unsigned();
    (hash ^ (hash >> 16)).cast_signed() & (places - 1)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::roll::Roll;
    use super::super::tests::member;
    use super::*;

    /// What members with such protocols choose.
    fn elected(members: &[&[&str]]) -> Option<String> {
        let mut roll = Roll::default();
        for (index, names) in members.iter().enumerate() {
            let named: Vec<_> = names.iter().map(|name| (Arc::from(*name), Bytes::new())).collect();
            roll.insert(Member { protocols: Protocols::new(&named), ..member(&format!("{index}")) });
        }
        roll.elect().map(|name| name.to_string())
    }

    #[test]
    fn the_best_liked_of_the_common_protocols_wins() {
        assert_eq!(
            elected(&[&["range", "sticky"], &["sticky", "range"], &["sticky", "range"]]).unwrap(),
            "sticky"
        );
        assert_eq!(elected(&[&["new", "range"], &["new", "range"], &["range"]]).unwrap(), "range");
        assert_eq!(elected(&[&["a"], &["b"]]), None);
        assert_eq!(elected(&[&["a", "a"], &["a"]]).unwrap(), "a", "named twice counts once");
    }

    #[test]
    fn of_equals_it_is_the_one_that_kafka_chooses() {
        let of_equals = |one: &str, other: &str| {
            let chosen = elected(&[&[one, other], &[other, one]]).unwrap();
            assert_eq!(chosen, elected(&[&[other, one], &[one, other]]).unwrap());
            chosen
        };
        assert_eq!(of_equals("a", "b"), "a");
        assert_eq!(of_equals("range", "rr"), "rr");
        assert_eq!(of_equals("range", "roundrobin"), "range");
        assert_eq!(of_equals("range", "sticky"), "sticky");
        assert_eq!(of_equals("range", "cooperative-sticky"), "range");
        assert_eq!(of_equals("roundrobin", "cooperative-sticky"), "roundrobin");
        assert_eq!((places(12), places(13), places(25)), (16, 32, 64));
    }
}
