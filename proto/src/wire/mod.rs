//! The codec of Kafka's protocol: how primitive values, arrays, structs and tagged fields lie in a frame.
//!
//! A message is declared once with [`message!`](macro@crate::message) and gets its `Default`, its decoder and its encoder
//! from that declaration. Decoding copies nothing: [`Text`] and `Bytes` are slices of the frame they came in.
//! Encoding writes into one buffer and keeps record bytes aside, so that they reach the socket uncopied.

mod error;
mod message;
mod reader;
mod text;
mod value;
mod writer;

pub use error::WireError;
pub use message::{Message, Version};
pub use reader::Reader;
pub use text::Text;
pub use value::{Nullable, Records, Value};
pub use writer::Writer;
