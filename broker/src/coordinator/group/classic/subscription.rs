//! The topics that consumers subscribe to, as they tell them in the metadata of their protocols.
//!
//! The format is the clients' own (`ConsumerProtocolSubscription`), a version in front. Version 0 is the beginning of all others:
//! topics, and bytes of the assignor's.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The type of protocol whose metadata is read.
pub(super) const CONSUMER: &str = "consumer";

/// The topics in a member's metadata; `None` where it does not follow the format.
pub fn subscribed_topics(metadata: &[u8]) -> Option<BTreeSet<Arc<str>>> {
    let mut rest = metadata;
    let _version = i16::from_be_bytes(take(&mut rest)?);
    let count = usize::try_from(i32::from_be_bytes(take(&mut rest)?)).ok()?;
    let mut topics = BTreeSet::new();
    for _ in 0..count {
        let length = usize::try_from(i16::from_be_bytes(take(&mut rest)?)).ok()?;
        let (name, behind) = rest.split_at_checked(length)?;
        topics.insert(Arc::from(String::from_utf8_lossy(name)));
        rest = behind;
    }
    let user_data = i32::from_be_bytes(take(&mut rest)?);
    let complete = usize::try_from(user_data).map_or(true, |length| length <= rest.len());
    complete.then_some(topics)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &[u8] = b"\0\x01\0\0\0\x02\0\x06orders\0\x01a\0\0\0\x03abcwhatever later versions say";

    #[test]
    fn topics_are_read_of_every_version() {
        let topics = subscribed_topics(ORDERS).unwrap();
        assert_eq!(topics.iter().map(|topic| &**topic).collect::<Vec<_>>(), ["a", "orders"]);
        assert_eq!(subscribed_topics(b"\0\0\0\0\0\0\xff\xff\xff\xff"), Some(BTreeSet::new()));
    }

    #[test]
    fn malformed_metadata_names_no_topics() {
        let complete = ORDERS.len() - "whatever later versions say".len();
        for length in 0..complete {
            assert_eq!(subscribed_topics(&ORDERS[..length]), None, "cut at {length}");
        }
        for hostile in [
            &b"\0\0\xff\xff\xff\xff\0\0\0\0"[..],
            b"\0\0\0\0\0\x01\xff\xff\0\0\0\0",
            b"\0\0\x7f\xff\xff\xff\0\0",
        ] {
            assert_eq!(subscribed_topics(hostile), None);
        }
    }
}
