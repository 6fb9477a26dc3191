//! Rules for names of topics (Kafka: `org.apache.kafka.common.internals.Topic`).

/// Longest name of a topic, in characters. A directory `name-partition` must fit into a file name.
const MAX_LENGTH: usize = 249;

/// Topics that Kafka marks as internal in Metadata.
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Whether Metadata marks the topic as internal.
pub fn is_internal(name: &str) -> bool {
    INTERNAL.contains(&name)
}

/// Checks the form of a topic's name; the error is the reason in Kafka's words.
pub fn validate_topic_name(name: &str) -> Result<(), String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() {
        return Err("Topic name is invalid: the empty string is not allowed".into());
    }
    if matches!(name, "." | "..") {
        return Err(format!("Topic name is invalid: '{name}' is not allowed"));
    }
    if name.encode_utf16().count() > MAX_LENGTH {
        return Err(format!(
            "Topic name is invalid: the length of '{name}' is longer than the max allowed length {MAX_LENGTH}"
        ));
    }
    if !name.chars().all(legal) {
        return Err(format!(
            "Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ));
    }
    Ok(())
}

/// The form under which two names are the same to Kafka's metrics, where `.` becomes `_`. `None` if the name has neither.
pub fn collision_key(name: &str) -> Option<String> {
    name.contains(['.', '_']).then(|| name.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_kafkas_rules() {
        for good in ["a", "A.b_c-9", "...", &"x".repeat(249)] {
            assert_eq!(validate_topic_name(good), Ok(()), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "ä", "a\0b", "a,b", &"x".repeat(250), &"ä".repeat(200)] {
            assert!(validate_topic_name(bad).is_err(), "{bad:?}");
        }
        assert_eq!(collision_key("my.orders"), collision_key("my_orders"));
        assert_eq!(collision_key("orders"), None);
    }
}
