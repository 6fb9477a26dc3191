//! What members of classic groups of protocol type `consumer` say to each other, as far as it is told here: Kafka's
//! `ConsumerProtocolSubscription` and `ConsumerProtocolAssignment`. The group machine passes it through unread.

use bytes::{Buf, Bytes};
use thalweg_proto::grpc::v1;

/// The protocol type whose members speak it.
pub(super) const PROTOCOL_TYPE: &str = "consumer";

/// The topics of a subscription; `None` if it is none.
pub(super) fn topics(mut subscription: Bytes) -> Option<Vec<String>> {
    begin(&mut subscription)?;
    let count = subscription.try_get_u32().ok()?;
    (0..count).map(|_| string(&mut subscription)).collect()
}

/// The partitions of an assignment; `None` if it is none.
pub(super) fn partitions(mut assignment: Bytes) -> Option<Vec<v1::TopicPartition>> {
    // A member without an assignment has no bytes.
    if assignment.is_empty() {
        return Some(Vec::new());
    }
    begin(&mut assignment)?;
    let mut places = Vec::new();
    for _ in 0..assignment.try_get_u32().ok()? {
        let topic = string(&mut assignment)?;
        for _ in 0..assignment.try_get_u32().ok()? {
            let partition = assignment.try_get_i32().ok()?;
            places.push(v1::TopicPartition { topic: topic.clone(), partition });
        }
    }
    Some(places)
}

/// Every version begins with the same fields, and later ones append.
fn begin(bytes: &mut Bytes) -> Option<()> {
    (bytes.try_get_i16().ok()? >= 0).then_some(())
}

fn string(bytes: &mut Bytes) -> Option<String> {
    let length = usize::try_from(bytes.try_get_i16().ok()?).ok()?;
    let text = (length <= bytes.len()).then(|| bytes.split_to(length))?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_javas_client_writes_is_read_and_what_is_cut_off_is_refused() {
        // Version 3 of both, as kafka-clients 4.3 serializes topic "ab" with partitions 1 and 2.
        let assignment = b"\0\x03\0\0\0\x01\0\x02ab\0\0\0\x02\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff";
        let place = |partition| v1::TopicPartition { topic: "ab".to_owned(), partition };
        assert_eq!(partitions(Bytes::from_static(assignment)), Some(vec![place(1), place(2)]));
        assert_eq!(partitions(Bytes::new()), Some(Vec::new()));
        let subscription = b"\0\x03\0\0\0\x01\0\x02ab\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff";
        assert_eq!(topics(Bytes::from_static(subscription)), Some(vec!["ab".to_owned()]));
        for cut in 1..22 {
            assert_eq!(partitions(Bytes::copy_from_slice(&assignment[..cut])), None, "{cut}");
        }
        assert_eq!(topics(Bytes::from_static(b"\0\0\xff\xff\xff\xff")), None);
    }
}
