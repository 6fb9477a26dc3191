use bytes::Bytes;
use uuid::Uuid;

#[cfg(feature = "arbitrary")]
use super::arbitrary::{Arbitrary, Source};
use super::{Reader, Text, Version, WireError, Writer};

/// Something that stands in a message: a number, a string, an array or a struct.
pub trait Value: Sized {
    /// Reads the value as `version` lays it out.
    fn read(reader: &mut Reader, version: Version) -> Result<Self, WireError>;

    /// Writes the value as `version` lays it out.
    fn write(&self, writer: &mut Writer, version: Version) -> Result<(), WireError>;

    /// Reads the value as it lies in a tagged field.
    #[inline]
    fn read_tagged(reader: &mut Reader, version: Version) -> Result<Self, WireError> {
        Self::read(reader, version)
    }

    /// Writes the value as it lies in a tagged field.
    #[inline]
    fn write_tagged(&self, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        self.write(writer, version)
    }

    /// Any value that `version` can carry, for tests.
    #[cfg(feature = "arbitrary")]
    fn arbitrary(source: &mut Source, version: Version) -> Self;
}

/// A value that has an encoding for null.
pub trait Nullable: Sized {
    /// Reads the value, or null.
    fn read_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError>;

    /// Writes the value, or null.
    fn write_nullable(value: Option<&Self>, writer: &mut Writer, version: Version) -> Result<(), WireError>;

    /// Reads the value, or null, as it lies in a tagged field. Structs have a mark of their own there.
    #[inline]
    fn read_tagged_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError> {
        Self::read_nullable(reader, version)
    }

    /// Writes the value, or null, as it lies in a tagged field.
    #[inline]
    fn write_tagged_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        version: Version,
    ) -> Result<(), WireError> {
        Self::write_nullable(value, writer, version)
    }
}

impl<T: Nullable + Value> Value for Option<T> {
    #[inline]
    fn read(reader: &mut Reader, version: Version) -> Result<Self, WireError> {
        T::read_nullable(reader, version)
    }

    #[inline]
    fn write(&self, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        T::write_nullable(self.as_ref(), writer, version)
    }

    #[inline]
    fn read_tagged(reader: &mut Reader, version: Version) -> Result<Self, WireError> {
        T::read_tagged_nullable(reader, version)
    }

    #[inline]
    fn write_tagged(&self, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        T::write_tagged_nullable(self.as_ref(), writer, version)
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(source: &mut Source, version: Version) -> Self {
        (!source.chance(4)).then(|| T::arbitrary(source, version))
    }
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Value for $type {
            #[inline]
            fn read(reader: &mut Reader, _: Version) -> Result<Self, WireError> {
                Ok(<$type>::from_be_bytes(reader.array()?))
            }

            #[inline]
            fn write(&self, writer: &mut Writer, _: Version) -> Result<(), WireError> {
                writer.put(&self.to_be_bytes());
                Ok(())
            }

            #[cfg(feature = "arbitrary")]
            fn arbitrary(source: &mut Source, _: Version) -> Self {
                source.number() as $type
            }
        }
    )*};
}

number!(i8, i16, i32, i64, u16, u32, f64);

impl Value for bool {
    #[inline]
    fn read(reader: &mut Reader, _: Version) -> Result<Self, WireError> {
        let [byte] = reader.array()?;
        Ok(byte != 0)
    }

    #[inline]
    fn write(&self, writer: &mut Writer, _: Version) -> Result<(), WireError> {
        writer.put(&[u8::from(*self)]);
        Ok(())
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(source: &mut Source, _: Version) -> Self {
        source.chance(2)
    }
}

impl Value for Uuid {
    #[inline]
    fn read(reader: &mut Reader, _: Version) -> Result<Self, WireError> {
        Ok(Self::from_bytes(reader.array()?))
    }

    #[inline]
    fn write(&self, writer: &mut Writer, _: Version) -> Result<(), WireError> {
        writer.put(self.as_bytes());
        Ok(())
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(source: &mut Source, _: Version) -> Self {
        Self::from_u64_pair(source.number() as u64, source.number() as u64)
    }
}

/// `Value` for types whose null shares the length field with the value.
macro_rules! not_null {
    ($(($($generics:tt)*) $type:ty),*) => {$(
        impl $($generics)* Value for $type {
            #[inline]
            fn read(reader: &mut Reader, version: Version) -> Result<Self, WireError> {
                Self::read_nullable(reader, version)?.ok_or(WireError::Null)
            }

            #[inline]
            fn write(&self, writer: &mut Writer, version: Version) -> Result<(), WireError> {
                Self::write_nullable(Some(self), writer, version)
            }

            #[cfg(feature = "arbitrary")]
            fn arbitrary(source: &mut Source, version: Version) -> Self {
                Arbitrary::any(source, version)
            }
        }
    )*};
}

not_null!(() Text, () String, () Bytes, () Records, (<T: Value>) Vec<T>);

/// No string of the protocol may be longer, though the compact form could say more (KIP-482).
const LONGEST_TEXT: usize = i16::MAX as usize;

impl Nullable for Text {
    #[inline]
    fn read_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError> {
        let length = if version.flexible { reader.compact_length()? } else { reader.short_length()? };
        if let Some(length) = length.filter(|length| *length > LONGEST_TEXT) {
            return Err(WireError::Length(i64::try_from(length).unwrap_or(i64::MAX)));
        }
        length.map(|length| reader.take(length).map(Self::lossy)).transpose()
    }

    #[inline]
    fn write_nullable(value: Option<&Self>, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        let length = value.map(|text| text.len());
        if let Some(length) = length.filter(|length| *length > LONGEST_TEXT) {
            return Err(WireError::TooLong(length));
        }
        if version.flexible {
            writer.compact_length(length)?
        } else {
            writer.short_length(length)?
        }
        writer.put(value.map_or(&[], |text| text.as_bytes()));
        Ok(())
    }
}

/// As [`Text`], copied: for values that outlive the bytes they were read from.
impl Nullable for String {
    fn read_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError> {
        Ok(Text::read_nullable(reader, version)?.map(Self::from))
    }

    fn write_nullable(value: Option<&Self>, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        Text::write_nullable(value.map(Text::from).as_ref(), writer, version)
    }
}

#[inline]
fn read_length(reader: &mut Reader, version: Version) -> Result<Option<usize>, WireError> {
    if version.flexible { reader.compact_length() } else { reader.long_length() }
}

#[inline]
fn write_length(writer: &mut Writer, version: Version, length: Option<usize>) -> Result<(), WireError> {
    if version.flexible { writer.compact_length(length) } else { writer.long_length(length) }
}

impl Nullable for Bytes {
    #[inline]
    fn read_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError> {
        read_length(reader, version)?.map(|length| reader.take(length)).transpose()
    }

    #[inline]
    fn write_nullable(value: Option<&Self>, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        write_length(writer, version, value.map(Bytes::len))?;
        if let Some(bytes) = value {
            writer.put_bytes(bytes);
        }
        Ok(())
    }
}

impl<T: Value> Nullable for Vec<T> {
    fn read_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError> {
        let Some(count) = read_length(reader, version)? else { return Ok(None) };
        let mut elements = reader.vector(count)?;
        for _ in 0..count {
            elements.push(T::read(reader, version)?);
        }
        Ok(Some(elements))
    }

    fn write_nullable(value: Option<&Self>, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        write_length(writer, version, value.map(Vec::len))?;
        value.into_iter().flatten().try_for_each(|element| element.write(writer, version))
    }
}

/// Record batches on their way out: slices of the log, one after the other, that are never copied.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The slices, in the order in which they go to the client.
    pub slices: Vec<Bytes>,
}

impl Records {
    /// Length of all slices together, in bytes.
    pub fn len(&self) -> usize {
        self.slices.iter().map(Bytes::len).sum()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.slices.iter().all(Bytes::is_empty)
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self { slices: vec![bytes] }
    }
}

/// Equal are records with the same bytes, wherever they are cut.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.slices.iter().flatten().eq(other.slices.iter().flatten())
    }
}

impl Nullable for Records {
    fn read_nullable(reader: &mut Reader, version: Version) -> Result<Option<Self>, WireError> {
        Ok(Bytes::read_nullable(reader, version)?.map(Self::from))
    }

    fn write_nullable(value: Option<&Self>, writer: &mut Writer, version: Version) -> Result<(), WireError> {
        write_length(writer, version, value.map(Self::len))?;
        for slice in value.iter().flat_map(|records| &records.slices) {
            writer.splice(slice.clone());
        }
        Ok(())
    }
}
