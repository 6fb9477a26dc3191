//! What consumers of the classic protocol tell each other in the bytes that JoinGroup and SyncGroup carry: Kafka's
//! `ConsumerProtocol`. A version stands in front.

use bytes::Bytes;

use crate::wire::{Message, Reader, WireError, Writer, message};

/// The type of protocol whose members speak it.
pub const PROTOCOL_TYPE: &str = "consumer";

/// The newest version of both formats.
const NEWEST: i16 = 3;

message! {
    /// What a consumer wants, and has (`ConsumerProtocolSubscription`).
    pub struct Subscription(0..=3) {
        /// Names of the topics.
        topics: Vec<String>,
        /// Bytes of the assignor's own.
        user_data: Option<Bytes>,
        /// What it has had before.
        owned_partitions: Vec<TopicPartitions> [1..],
        /// The generation in which it had that; -1 where not known.
        generation_id: i32 [2..] = -1,
        /// Rack of the client.
        rack_id: Option<String> [3..],
    }

    /// Partitions of one topic.
    pub struct TopicPartitions {
        /// Name of the topic.
        topic: String,
        /// Indexes of the partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// What a consumer is given (`ConsumerProtocolAssignment`).
    pub struct Assignment(0..=3) {
        /// The partitions.
        assigned_partitions: Vec<TopicPartitions>,
        /// Bytes of the assignor's own.
        user_data: Option<Bytes>,
    }
}

/// The version that stands in front of the bytes.
///
/// # Errors
/// Where there is none, or it is negative.
pub fn version(bytes: &[u8]) -> Result<i16, WireError> {
    split(bytes).map(|(version, _)| version)
}

fn split(bytes: &[u8]) -> Result<(i16, &[u8]), WireError> {
    let truncated = WireError::Truncated { needed: size_of::<i16>(), remaining: bytes.len() };
    let (version, fields) = bytes.split_first_chunk().ok_or(truncated)?;
    let version = i16::from_be_bytes(*version);
    if version < 0 { Err(WireError::Version(version)) } else { Ok((version, fields)) }
}

/// Reads a subscription or an assignment. One of a later version begins like the newest that is known.
///
/// # Errors
/// Where the bytes do not follow the format.
pub fn read<M: Message>(bytes: &[u8]) -> Result<M, WireError> {
    let (version, fields) = split(bytes)?;
    M::decode(&mut Reader::new(Bytes::copy_from_slice(fields)), version.min(NEWEST))
}

/// Reads no more of a subscription or an assignment than version 0 has, with which every version begins.
///
/// # Errors
/// Where that part of the bytes does not follow the format.
pub fn read_beginning<M: Message>(bytes: &[u8]) -> Result<M, WireError> {
    let (_, fields) = split(bytes)?;
    M::decode(&mut Reader::new(Bytes::copy_from_slice(fields)), 0)
}

/// Writes a subscription or an assignment, with its version in front; the newest where `version` is later.
///
/// # Errors
/// Where a name is too long for the format.
pub fn write<M: Message>(message: &M, version: i16) -> Result<Bytes, WireError> {
    let version = version.min(NEWEST);
    let mut writer = Writer::new();
    writer.put(&version.to_be_bytes());
    message.encode(&mut writer, version)?;
    Ok(writer.finish_whole())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by Kafka's `ConsumerProtocol.serializeSubscription` in version 3.
    const SUBSCRIPTION: &[u8] =
        b"\0\x03\0\0\0\x01\0\x06orders\xff\xff\xff\xff\0\0\0\x01\0\x06orders\0\0\0\x02\0\0\0\0\0\0\0\x01\
        \0\0\0\x07\0\x01a";

    #[test]
    fn a_subscription_says_what_it_says() {
        let read: Subscription = read(SUBSCRIPTION).unwrap();
        assert_eq!(read.topics, ["orders"]);
        assert_eq!(read.owned_partitions.first().unwrap().partitions, [0, 1]);
        assert_eq!((read.generation_id, read.rack_id.as_deref()), (7, Some("a")));
        assert_eq!(write(&read, 3).unwrap(), SUBSCRIPTION);
        let mut later = SUBSCRIPTION.to_vec();
        later.splice(0..2, [0, 9]);
        later.extend_from_slice(b"news");
        assert_eq!(super::read::<Subscription>(&later).unwrap(), read);
        assert_eq!(version(&later).unwrap(), 9);
    }

    #[test]
    fn bytes_of_something_else_are_refused() {
        for length in 0..SUBSCRIPTION.len() {
            assert!(read::<Subscription>(&SUBSCRIPTION[..length]).is_err(), "{length} bytes");
        }
        assert!(read::<Assignment>(b"\xff\xff\0\0\0\0\xff\xff\xff\xff").is_err());
    }

    #[test]
    fn every_version_begins_as_the_first_does() {
        let orders = b"\0\x01\0\0\0\x02\0\x06orders\0\x01a\0\0\0\x03abcwhatever later versions say";
        let topics = |bytes: &[u8]| read_beginning::<Subscription>(bytes).map(|read| read.topics);
        assert_eq!(topics(orders).unwrap(), ["orders", "a"]);
        assert_eq!(topics(SUBSCRIPTION).unwrap(), ["orders"]);
        assert_eq!(topics(b"\0\0\0\0\0\0\xff\xff\xff\xff").unwrap(), Vec::<String>::new());
        for length in 0..orders.len() - "whatever later versions say".len() {
            assert!(topics(&orders[..length]).is_err(), "cut at {length}");
        }
        for hostile in [
            &b"\0\0\xff\xff\xff\xff\0\0\0\0"[..],
            b"\0\0\0\0\0\x01\xff\xff\0\0\0\0",
            b"\0\0\x7f\xff\xff\xff\0\0",
        ] {
            assert!(topics(hostile).is_err(), "{hostile:?}");
        }
        // Version 3, as kafka-clients 4.3 serializes topic "ab" with partitions 1 and 2.
        let assignment = b"\0\x03\0\0\0\x01\0\x02ab\0\0\0\x02\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff";
        let given = TopicPartitions { topic: "ab".into(), partitions: vec![1, 2] };
        assert_eq!(read_beginning::<Assignment>(assignment).unwrap().assigned_partitions, [given]);
        for length in 0..assignment.len() {
            assert!(read_beginning::<Assignment>(&assignment[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn an_assignment_is_written_in_the_version_of_who_reads_it() {
        let partitions = TopicPartitions { topic: "orders".into(), partitions: vec![2] };
        let assignment = Assignment { assigned_partitions: vec![partitions], user_data: None };
        let bytes = b"\0\0\0\x01\0\x06orders\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff";
        assert_eq!(write(&assignment, 1).unwrap(), [b"\0\x01", &bytes[..]].concat());
        assert_eq!(write(&assignment, 17).unwrap(), [b"\0\x03", &bytes[..]].concat());
    }
}
