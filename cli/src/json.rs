//! A record as JSON, one object a line, the same out of `consume --json` and into `produce --json`.
//!
//! Bytes that are UTF-8 stand as a string, others as `{"base64": "…"}`, null as `null`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::Error as _;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thalweg_client::{Header, Message, Record};

/// A message on its way out.
#[derive(Serialize)]
pub struct JsonMessage<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
    timestamp: i64,
    key: Text<'a>,
    value: Text<'a>,
    headers: Pairs<'a>,
}

impl<'a> From<&'a Message> for JsonMessage<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            topic: &message.topic,
            partition: message.partition,
            offset: message.offset,
            timestamp: message.timestamp,
            key: Text(message.key.as_deref()),
            value: Text(message.value.as_deref()),
            headers: Pairs(&message.headers),
        }
    }
}

struct Text<'a>(Option<&'a [u8]>);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(bytes) = self.0 else { return serializer.serialize_none() };
        match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("base64", &STANDARD.encode(bytes))?;
                map.end()
            }
        }
    }
}

struct Pairs<'a>(&'a [Header]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = serializer.serialize_seq(Some(self.0.len()))?;
        for header in self.0 {
            pairs.serialize_element(&(&header.key, Text(header.value.as_deref())))?;
        }
        pairs.end()
    }
}

/// A record on its way in. What stands beside these fields, such as the offset of a message that was read, is passed
/// over; so is the topic, which the command line names.
#[derive(Deserialize)]
pub struct JsonRecord {
    partition: Option<i32>,
    timestamp: Option<i64>,
    #[serde(default)]
    key: Content,
    /// Must be there: a record without it is a slip of the pen, a tombstone says `null`.
    #[serde(deserialize_with = "Content::deserialize")]
    value: Content,
    #[serde(default)]
    headers: Vec<(String, Content)>,
}

impl JsonRecord {
    /// Reads one line.
    pub fn parse(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }

    /// Fills in what the line says.
    pub fn fill(self, record: &mut Record) {
        record.partition = record.partition.or(self.partition);
        // -1 is what a message without a timestamp shows.
        record.timestamp = self.timestamp.filter(|&timestamp| timestamp >= 0);
        record.key = self.key.0.or(record.key.take());
        record.value = self.value.0;
        let headers = self.headers.into_iter().map(|(key, value)| Header { key, value: value.0 });
        record.headers.extend(headers);
    }
}

#[derive(Default)]
struct Content(Option<Bytes>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Encoded { base64: String },
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = |_| D::Error::custom(r#"expected a string, {"base64": "…"} or null"#);
        Ok(Self(match Option::<Form>::deserialize(deserializer).map_err(expected)? {
            None => None,
            Some(Form::Text(text)) => Some(text.into()),
            Some(Form::Encoded { base64 }) => Some(STANDARD.decode(base64).map_err(D::Error::custom)?.into()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_comes_in() {
        let header = |key: &str, value: Option<&'static [u8]>| Header {
            key: key.to_owned(),
            value: value.map(Bytes::from_static),
        };
        let message = Message {
            topic: "t".into(),
            partition: 3,
            offset: 7,
            timestamp: 1_700_000_000_000,
            key: Some(Bytes::from_static(b"\xff\x00")),
            value: None,
            headers: vec![header("h", Some(b"x")), header("h", None), header("g", Some(b"\x80"))],
        };
        let line = serde_json::to_string(&JsonMessage::from(&message)).unwrap();
        let expected = [
            r#"{"topic":"t","partition":3,"offset":7,"timestamp":1700000000000,"key":{"base64":"/wA="},"#,
            r#""value":null,"headers":[["h","x"],["h",null],["g",{"base64":"gA=="}]]}"#,
        ];
        assert_eq!(line, expected.concat());
        let mut record = Record::new("u");
        JsonRecord::parse(line.as_bytes()).unwrap().fill(&mut record);
        assert_eq!((record.partition, record.timestamp), (Some(3), Some(1_700_000_000_000)));
        assert_eq!((&record.key, &record.value), (&message.key, &message.value));
        assert_eq!(record.headers, message.headers);
        assert_eq!(&*record.topic, "u");
    }

    #[test]
    fn all_but_the_value_may_be_missing() {
        assert!(JsonRecord::parse(br#"{"value":"v"}"#).is_ok());
        assert!(JsonRecord::parse(br#"{"value":null}"#).is_ok());
        for wrong in [r#"{"key":"k"}"#, r#"{"value":5}"#, r#"{"value":{"base64":"?"}}"#, "v"] {
            assert!(JsonRecord::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
