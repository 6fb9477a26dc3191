use std::{borrow::Borrow, fmt, ops::Deref};

use bytes::Bytes;
use bytestring::ByteString;

use super::WireError;

/// An immutable UTF-8 string that is cheap to clone: usually a slice of the frame it was read from.
///
/// It keeps that frame alive. Whoever stores one for longer than a request should store its own copy (`Arc<str>`, `String`).
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(ByteString);

impl Text {
    /// The empty string.
    pub const EMPTY: Self = Self(ByteString::new());

    /// A string over static text, without allocation.
    pub const fn from_static(text: &'static str) -> Self {
        Self(ByteString::from_static(text))
    }

    /// A string of bytes that should be UTF-8. What is not is replaced by U+FFFD, as Kafka reads strings; only then is
    /// anything copied.
    pub fn lossy(bytes: Bytes) -> Self {
        match ByteString::try_from(bytes.clone()) {
            Ok(text) => Self(text),
            Err(_) => Self(ByteString::from(String::from_utf8_lossy(&bytes).as_ref())),
        }
    }

    /// The string as a borrowed slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes of the string, sharing its memory.
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Bytes> for Text {
    type Error = WireError;

    fn try_from(bytes: Bytes) -> Result<Self, WireError> {
        ByteString::try_from(bytes).map(Self).map_err(|_| WireError::Utf8)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}
