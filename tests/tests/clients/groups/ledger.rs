//! What the members of a group have said together, and whether that can be.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{self, Acknowledged};

/// The members of one group and its partitions.
pub struct Ledger {
    partitions: Vec<Partition>,
    members: BTreeMap<usize, Member>,
    /// Assignments that members were told of, empty ones too.
    pub assignments: usize,
    /// Records processed, doubles too.
    pub processed: usize,
    faults: Vec<String>,
}

#[derive(Clone, Default)]
struct Partition {
    /// The number of the record that was processed at each offset.
    seen: Vec<Option<u64>>,
    /// The highest offset whose commit was acknowledged to a member.
    committed: usize,
}

#[derive(Default)]
struct Member {
    owned: BTreeSet<usize>,
    /// The offset processed last in each partition, and whether that was since it was assigned.
    last: BTreeMap<usize, (usize, bool)>,
}

impl Ledger {
    pub fn new(partitions: i32) -> Ledger {
        let partitions = vec![Partition::default(); usize::try_from(partitions).unwrap()];
        Ledger { partitions, members: BTreeMap::new(), assignments: 0, processed: 0, faults: Vec::new() }
    }

    pub fn joins(&mut self, member: usize) {
        self.members.insert(member, Member::default());
    }

    pub fn leaves(&mut self, member: usize) {
        self.members.remove(&member);
    }

    /// Takes one line of a member's output: `tests/clients/README.md` says what there is.
    pub fn take(&mut self, member: usize, line: &str) {
        if let Err(fault) = self.try_take(member, line) {
            self.faults.push(format!("member {member}: {fault}"));
        }
    }

    fn try_take(&mut self, member: usize, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = |text: &str| text.parse().map_err(|e| format!("{e}: {line:?}"));
        let mut fields = rest.splitn(3, ' ').filter(|field| !field.is_empty());
        let mut field = || fields.next().ok_or_else(|| format!("too short: {line:?}")).and_then(number);
        match word {
            "record" => {
                let (partition, offset) = (field()?, field()?);
                self.record(member, partition, offset, fields.next().unwrap_or_default())
            }
            "commit" => {
                let (partition, offset) = (field()?, field()?);
                let committed = &mut self.partition(partition)?.committed;
                *committed = offset.max(*committed);
                Ok(())
            }
            "assigned" | "revoked" => {
                let partitions: Vec<usize> =
                    rest.split_whitespace().map(number).collect::<Result<_, String>>()?;
                self.rebalance(member, word == "assigned", &partitions);
                Ok(())
            }
            _ => Err(format!("what is that: {line:?}")),
        }
    }

    fn partition(&mut self, partition: usize) -> Result<&mut Partition, String> {
        self.partitions.get_mut(partition).ok_or_else(|| format!("there is no partition {partition}"))
    }

    fn rebalance(&mut self, member: usize, assigned: bool, partitions: &[usize]) {
        self.assignments += usize::from(assigned);
        let Some(member) = self.members.get_mut(&member) else { return };
        for partition in partitions {
            if assigned {
                member.owned.insert(*partition);
            } else {
                member.owned.remove(partition);
            }
            if let Some((_, fresh)) = member.last.get_mut(partition) {
                *fresh = false;
            }
        }
    }

    fn record(&mut self, member: usize, partition: usize, offset: usize, value: &str) -> Result<(), String> {
        self.processed += 1;
        let number: u64 = value.split(' ').next().unwrap_or_default().parse().unwrap_or(u64::MAX);
        if value != load::value(number) {
            return Err(format!("nobody produced what is at {partition}:{offset}: {value:?}"));
        }
        let place = self.partition(partition)?;
        let committed = place.committed;
        if place.seen.len() <= offset {
            place.seen.resize(offset + 1, None);
        }
        if let Some(before) = place.seen[offset].replace(number).filter(|before| *before != number) {
            return Err(format!("{partition}:{offset} was record {before}, now it is {number}"));
        }
        // One that is dead by now may have its last lines in the pipe.
        let Some(member) = self.members.get_mut(&member) else { return Ok(()) };
        let last = member.last.insert(partition, (offset, true));
        if last.is_some_and(|(last, _)| last + 1 == offset) || offset >= committed {
            return Ok(());
        }
        Err(format!(
            "starts partition {partition} at {offset}, though {committed} was committed (before: {last:?})"
        ))
    }

    /// The partitions of a member.
    pub fn owned_by(&self, member: usize) -> BTreeSet<usize> {
        self.members.get(&member).map(|m| m.owned.clone()).unwrap_or_default()
    }

    /// Whether `count` members own all partitions, each its share of them, and have read from each since it was assigned.
    pub fn settled(&self, count: usize) -> bool {
        let all: BTreeSet<usize> = self.members.values().flat_map(|m| &m.owned).copied().collect();
        let share = self.partitions.len() / count;
        let works = |m: &Member| {
            m.owned.len() == share && m.owned.iter().all(|p| m.last.get(p).is_some_and(|(_, fresh)| *fresh))
        };
        self.members.len() == count && all.len() == self.partitions.len() && self.members.values().all(works)
    }

    /// Whether a record at or behind each of these offsets was processed.
    pub fn reached(&self, ends: &[usize]) -> bool {
        self.partitions.iter().zip(ends).all(|(partition, end)| partition.seen.len() >= *end)
    }

    /// What went wrong so far.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Who owns what.
    pub fn owners(&self) -> String {
        self.members
            .iter()
            .map(|(id, m)| format!("member {id} owns {:?}, read {:?}\n", m.owned, m.last))
            .collect()
    }

    /// Whether the members together have processed every record of the load, and nothing else: the number of doubles, or what is wrong.
    pub fn complete(&self, acknowledged: &Acknowledged) -> Result<usize, String> {
        for (number, (partition, wanted)) in self.partitions.iter().zip(acknowledged).enumerate() {
            let (seen, end) = (&partition.seen, wanted.len());
            if seen.len() > end {
                return Err(format!("partition {number} ends at {end}, {} was processed", seen.len() - 1));
            }
            for (offset, record) in wanted.iter().enumerate() {
                let seen = seen.get(offset).copied().flatten();
                if seen != Some(*record) {
                    return Err(format!(
                        "{number}:{offset} is record {record} of the load, {seen:?} was processed"
                    ));
                }
            }
        }
        Ok(self.processed - acknowledged.iter().map(Vec::len).sum::<usize>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger of two partitions after these lines of members 0 and 1.
    fn after(lines: &[(usize, &str)]) -> Ledger {
        let mut ledger = Ledger::new(2);
        ledger.joins(0);
        ledger.joins(1);
        for (member, line) in lines {
            // `record P O N` stands for the whole value of record N.
            let (head, number) = line.rsplit_once(' ').unwrap_or((line, ""));
            let whole = || format!("{head} {}", load::value(number.parse().unwrap()));
            let line = if line.starts_with("record ") { whole() } else { (*line).to_owned() };
            ledger.take(*member, &line);
        }
        ledger
    }

    #[test]
    fn a_ledger_notices_what_is_wrong() {
        let good = [
            (0, "assigned 0"),
            (1, "assigned 1"),
            (0, "record 0 0 7"),
            (1, "record 1 0 8"),
            (0, "commit 0 1"),
        ];
        let with = |more: &[(usize, &str)]| after(&[&good, more].concat());
        let moved = [(0, "revoked 0"), (1, "assigned 0")];

        assert!(with(&[]).faults().is_empty() && with(&[]).settled(2));
        assert!(!with(&moved).settled(2), "one member owns nothing");
        assert!(!with(&[(0, "assigned 1")]).settled(2), "two members own a partition");
        assert!(!with(&[(0, "assigned 0")]).settled(2), "nothing is read since the rebalance");
        assert!(with(&[(1, "record 1 0 8")]).faults().is_empty(), "what nobody committed may come twice");
        let again = with(&[&moved[..], &[(1, "record 0 0 7")]].concat());
        assert!(again.faults()[0].contains("though 1 was committed"), "{:?}", again.faults());
        assert!(with(&[(0, "record 0 0 9")]).faults()[0].contains("was record 7, now it is 9"));
        let mut foreign = with(&[]);
        foreign.take(0, "record 0 1 12 yyy");
        assert!(foreign.faults()[0].contains("nobody produced"));

        let complete = |records: &[(usize, &str)], acknowledged: [&[u64]; 2]| {
            let acknowledged = acknowledged.map(<[u64]>::to_vec).to_vec();
            with(records).complete(&acknowledged).ok()
        };
        assert_eq!(complete(&[(1, "record 1 0 8")], [&[7], &[8]]), Some(1), "one came twice");
        assert_eq!(complete(&[(0, "record 0 2 5")], [&[7, 3, 5], &[8]]), None, "one was skipped");
        assert_eq!(complete(&[], [&[7], &[8, 9]]), None, "the last is missing");
        assert_eq!(complete(&[], [&[7], &[]]), None, "one too many");
    }
}
