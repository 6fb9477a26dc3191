//! Kafka's small text files: a version, a count, and a line per entry.

use std::fmt::Write;

use super::types::TopicPartition;

/// The lines behind version and count; `None` for anything but a whole file of version 0.
fn lines(text: &str) -> Option<Vec<&str>> {
    let mut lines = text.lines();
    if lines.next()?.trim() != "0" {
        return None;
    }
    let count: usize = lines.next()?.trim().parse().ok()?;
    let rest: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
    (rest.len() == count).then_some(rest)
}

fn file(entries: impl ExactSizeIterator<Item = String>) -> Vec<u8> {
    let mut text = format!("0\n{}\n", entries.len());
    for entry in entries {
        text.push_str(&entry);
        text.push('\n');
    }
    text.into_bytes()
}

/// The bytes of a file of an offset per partition (`OffsetCheckpointFile`).
pub(super) fn encode_offsets(entries: &[(TopicPartition, i64)]) -> Vec<u8> {
    file(entries.iter().map(|(id, offset)| format!("{} {} {offset}", id.topic, id.partition)))
}

/// Reads a file of an offset per partition; `None` when it is damaged.
pub(super) fn decode_offsets(bytes: &[u8]) -> Option<Vec<(TopicPartition, i64)>> {
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let id = TopicPartition::new(words.next()?, words.next()?.parse().ok()?);
        let offset = words.next()?.parse().ok()?;
        words.next().is_none().then_some((id, offset))
    };
    lines(std::str::from_utf8(bytes).ok()?)?.into_iter().map(entry).collect()
}

/// The bytes of a `leader-epoch-checkpoint`.
pub(super) fn encode_epochs(entries: &[(i32, i64)]) -> Vec<u8> {
    file(entries.iter().map(|(epoch, offset)| format!("{epoch} {offset}")))
}

/// Reads a `leader-epoch-checkpoint`; `None` when it is damaged.
pub(super) fn decode_epochs(bytes: &[u8]) -> Option<Vec<(i32, i64)>> {
    let entry = |line: &str| {
        let (epoch, offset) = line.trim().split_once(' ')?;
        Some((epoch.parse().ok()?, offset.parse().ok()?))
    };
    lines(std::str::from_utf8(bytes).ok()?)?.into_iter().map(entry).collect()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A UUID as Kafka writes it: base64 for URLs, without padding.
pub(super) fn encode_uuid(id: uuid::Uuid) -> String {
    let (value, mut text) = (id.as_u128(), String::with_capacity(22));
    for digit in 0..22_u32 {
        // 128 bits in 22 digits of 6: the last digit holds two bits and four zeros.
        let sextet = if digit == 21 { (value << 4) & 63 } else { (value >> (122 - 6 * digit)) & 63 };
        let letter = usize::try_from(sextet).ok().and_then(|at| ALPHABET.get(at)).copied();
        text.push(char::from(letter.unwrap_or(b'A')));
    }
    text
}

/// Reads a UUID as Kafka writes it.
pub(super) fn decode_uuid(text: &str) -> Option<uuid::Uuid> {
    if text.len() != 22 {
        return None;
    }
    let mut value: u128 = 0;
    for (digit, letter) in text.bytes().enumerate() {
        let sextet = ALPHABET.iter().position(|known| *known == letter)? as u128;
        value = if digit == 21 { (value << 2) | (sextet >> 4) } else { (value << 6) | sextet };
    }
    Some(uuid::Uuid::from_u128(value))
}

/// The bytes of a `partition.metadata`.
pub(super) fn encode_partition_metadata(topic_id: uuid::Uuid) -> Vec<u8> {
    format!("version: 0\ntopic_id: {}", encode_uuid(topic_id)).into_bytes()
}

/// The topic id of a `partition.metadata`.
pub(super) fn decode_partition_metadata(bytes: &[u8]) -> Option<uuid::Uuid> {
    let text = std::str::from_utf8(bytes).ok()?;
    let id = text.lines().find_map(|line| line.strip_prefix("topic_id:"))?;
    decode_uuid(id.trim())
}

/// A `.properties` file.
pub(super) fn encode_properties(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut text = String::from("#\n");
    for (key, value) in entries {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key}={value}");
    }
    text.into_bytes()
}

/// The value of a key in a `.properties` file.
pub(super) fn property<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
}
