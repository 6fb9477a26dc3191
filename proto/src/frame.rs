//! What stands around a message: the frame's length, the request header and the response header.

use bytes::Bytes;

use crate::{
    api::ApiKey,
    wire::{Message, Nullable, Reader, Text, Value, Version, WireError, Writer},
};

/// Length of the field that says how long a frame is.
pub const LENGTH_BYTES: usize = 4;

/// The lengths and strings of headers before tagged fields were invented.
///
/// The client id keeps its old form even in flexible headers, so that a broker can read it from any version.
const PLAIN: Version = Version { number: 1, flexible: false };

/// The header of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestHeader {
    /// Which API; perhaps one that does not exist.
    pub api_key: i16,
    /// Which version of it; perhaps one that does not exist.
    pub api_version: i16,
    /// The client's number of the request, which the response repeats.
    pub correlation_id: i32,
    /// The name the client gives itself; absent in header version 0.
    pub client_id: Option<Text>,
}

impl RequestHeader {
    /// Reads the header of a request, in the version that its API key and version imply.
    ///
    /// The header of an API or version that does not exist is read in version 1, which is enough to answer it.
    ///
    /// # Errors
    /// A [`WireError`] where the frame is too short, or the client id is not a string.
    pub fn decode(reader: &mut Reader) -> Result<Self, WireError> {
        let mut header = Self::decode_fixed(reader)?;
        header.client_id = Text::read_nullable(reader, PLAIN)?;
        let version = ApiKey::from_code(header.api_key)
            .filter(|api| api.versions().contains(&header.api_version))
            .map_or(1, |api| api.request_header_version(header.api_version));
        if version >= 2 {
            reader.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(header)
    }

    /// Reads a header of a given version, 0 to 2.
    ///
    /// # Errors
    /// A [`WireError`] where the frame is too short, the client id is not a string, or the version does not exist.
    pub fn decode_version(reader: &mut Reader, version: i16) -> Result<Self, WireError> {
        check(version, 2)?;
        let mut header = Self::decode_fixed(reader)?;
        if version >= 1 {
            header.client_id = Text::read_nullable(reader, PLAIN)?;
        }
        if version >= 2 {
            reader.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(header)
    }

    fn decode_fixed(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self {
            api_key: i16::read(reader, PLAIN)?,
            api_version: i16::read(reader, PLAIN)?,
            correlation_id: i32::read(reader, PLAIN)?,
            client_id: None,
        })
    }

    /// Writes a header of a given version, 0 to 2.
    ///
    /// # Errors
    /// A [`WireError`] where the client id is too long, or the version does not exist.
    pub fn encode(&self, writer: &mut Writer, version: i16) -> Result<(), WireError> {
        check(version, 2)?;
        self.api_key.write(writer, PLAIN)?;
        self.api_version.write(writer, PLAIN)?;
        self.correlation_id.write(writer, PLAIN)?;
        if version >= 1 {
            self.client_id.write(writer, PLAIN)?;
        }
        if version >= 2 {
            writer.unsigned_varint(0);
        }
        Ok(())
    }
}

/// The header of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResponseHeader {
    /// The number of the request that is answered.
    pub correlation_id: i32,
}

impl ResponseHeader {
    /// Reads a header of a given version, 0 or 1.
    ///
    /// # Errors
    /// A [`WireError`] where the frame is too short, or the version does not exist.
    pub fn decode(reader: &mut Reader, version: i16) -> Result<Self, WireError> {
        check(version, 1)?;
        let correlation_id = i32::read(reader, PLAIN)?;
        if version >= 1 {
            reader.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(Self { correlation_id })
    }

    /// Writes a header of a given version, 0 or 1.
    ///
    /// # Errors
    /// A [`WireError`] where the version does not exist.
    pub fn encode(&self, writer: &mut Writer, version: i16) -> Result<(), WireError> {
        check(version, 1)?;
        self.correlation_id.write(writer, PLAIN)?;
        if version >= 1 {
            writer.unsigned_varint(0);
        }
        Ok(())
    }
}

/// Writes a whole response frame: length, header and body, as parts for one vectored write.
///
/// # Errors
/// A [`WireError`] where the version of the API cannot express the body; the writer is empty then.
pub fn encode_response(
    writer: &mut Writer,
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    body: &impl Message,
) -> Result<Vec<Bytes>, WireError> {
    frame(writer, |writer| {
        ResponseHeader { correlation_id }.encode(writer, api.response_header_version(version))?;
        body.encode(writer, version)
    })
}

/// Writes a whole request frame: length, header and body, as parts for one vectored write.
///
/// # Errors
/// A [`WireError`] where the header's version of the API does not exist or cannot express the body; the writer is empty then.
pub fn encode_request(
    writer: &mut Writer,
    header: &RequestHeader,
    body: &impl Message,
) -> Result<Vec<Bytes>, WireError> {
    let api = ApiKey::from_code(header.api_key).ok_or(WireError::Version(header.api_version))?;
    frame(writer, |writer| {
        header.encode(writer, api.request_header_version(header.api_version))?;
        body.encode(writer, header.api_version)
    })
}

/// Puts the length before what `content` writes.
fn frame(
    writer: &mut Writer,
    content: impl FnOnce(&mut Writer) -> Result<(), WireError>,
) -> Result<Vec<Bytes>, WireError> {
    writer.clear();
    writer.put(&[0; LENGTH_BYTES]);
    let written = content(writer).and_then(|()| {
        let length = writer.len() - LENGTH_BYTES;
        i32::try_from(length).map_err(|_| WireError::TooLong(length))
    });
    match written {
        Ok(length) => {
            writer.patch(0, length.to_be_bytes());
            Ok(writer.finish())
        }
        Err(error) => {
            writer.clear();
            Err(error)
        }
    }
}

fn check(version: i16, highest: i16) -> Result<(), WireError> {
    if (0..=highest).contains(&version) { Ok(()) } else { Err(WireError::Version(version)) }
}
