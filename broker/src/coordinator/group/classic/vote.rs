//! Which protocol a group uses: one that all members know, and that most of them like best.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::member::{Member, Protocols};

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

    /// The protocol that most members like best of those that all of them know. Of equals it is the one that the leader likes
    /// best; where it likes neither, the last in the alphabet.
    pub(super) fn elect<'a>(
        &self,
        leader: Option<&'a Member>,
        members: impl ExactSizeIterator<Item = &'a Member>,
    ) -> Option<Arc<str>> {
        let count = members.len();
        let vote = |member: &'a Member| member.protocols.names().find(|name| self.is_common(name, count));
        let of_leader = leader.and_then(vote);
        let mut votes = BTreeMap::<&Arc<str>, usize>::new();
        for voted in members.filter_map(vote) {
            *votes.entry(voted).or_default() += 1;
        }
        let best = votes.into_iter().max_by_key(|(name, votes)| (*votes, of_leader == Some(*name)));
        best.map(|(name, _)| name.clone())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::roll::Roll;
    use super::super::tests::member;
    use super::*;

    /// What members with such protocols choose, the first of them being the leader.
    fn elected(members: &[&[&str]]) -> Option<String> {
        let mut roll = Roll::default();
        for (index, names) in members.iter().enumerate() {
            let named: Vec<_> = names.iter().map(|name| (Arc::from(*name), Bytes::new())).collect();
            // The leader is not the first in the order of the ids.
            roll.insert(Member { protocols: Protocols::new(&named), ..member(&format!("{}", 9 - index)) });
        }
        roll.elect(Some("9")).map(|name| name.to_string())
    }

    #[test]
    fn the_best_liked_of_the_common_protocols_wins() {
        assert_eq!(
            elected(&[&["range", "sticky"], &["sticky", "range"], &["sticky", "range"]]).unwrap(),
            "sticky"
        );
        assert_eq!(elected(&[&["new", "range"], &["new", "range"], &["range"]]).unwrap(), "range");
        assert_eq!(elected(&[&["a", "b"], &["b", "a"]]).unwrap(), "a", "the leader decides between equals");
        assert_eq!(elected(&[&["b", "a"], &["a", "b"]]).unwrap(), "b", "the leader decides between equals");
        assert_eq!(elected(&[&["a"], &["b"]]), None);
        assert_eq!(elected(&[&["a", "a"], &["a"]]).unwrap(), "a", "named twice counts once");
    }
}
