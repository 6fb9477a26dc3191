//! The codec of Kafka's protocol: how primitive values, arrays, structs and tagged fields lie in a frame.
//!
//! A message is declared once with the macro `message!` and gets its `Default`, its decoder and its encoder
//! from that declaration. Decoding copies nothing: [`Text`] and `Bytes` are slices of the frame they came in.
//! Encoding writes into one buffer and keeps record bytes aside, so that they reach the socket uncopied.

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod error;
mod message;
mod reader;
mod text;
mod value;
mod writer;

#[cfg(feature = "arbitrary")]
pub use arbitrary::Source;
pub use error::WireError;
pub use message::{Message, Version};
pub(crate) use message::{field_rule, message};
pub use reader::Reader;
pub use text::Text;
pub use value::{Nullable, Records, Value};
pub use writer::Writer;
