use std::ops::RangeInclusive;

use super::{Reader, WireError, Writer};

/// The version of a message that is being read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// The number that the request header carries.
    pub number: i16,
    /// Whether the version has compact lengths and tagged fields (KIP-482).
    pub flexible: bool,
}

/// A request or a response.
pub trait Message: Sized {
    /// The versions that can be read and written.
    const VERSIONS: RangeInclusive<i16>;
    /// The first flexible version, where there is one.
    const FLEXIBLE_FROM: Option<i16>;

    /// Reads a message body. Fields that the version does not have keep their defaults.
    ///
    /// # Errors
    /// A [`WireError`] where the version does not exist, or the bytes are not a message of it.
    fn decode(reader: &mut Reader, version: i16) -> Result<Self, WireError>;

    /// Writes a message body. Fields that the version does not have are left out.
    ///
    /// # Errors
    /// A [`WireError`] where the version does not exist or cannot express a value.
    fn encode(&self, writer: &mut Writer, version: i16) -> Result<(), WireError>;
}

/// Declares the structs of a message as Kafka's schema does, and derives `Default`, decoder and encoder.
///
/// ```text
/// message! {
///     /// Asks for something.
///     pub struct Request(0..=3, flexible 2..) {
///         /// Who asks; in every version.
///         name: Text,
///         /// From version 1, null allowed from version 2.
///         reason: Option<Text> [1.., null 2..],
///         /// Up to version 2, with a default.
///         timeout_ms: i32 [..=2] = -1,
///         /// A tagged field: sent only where it differs from its default.
///         partitions: Vec<Partition> [2.., tag 0],
///     }
///
///     /// A struct within the message: it has its versions from there.
///     pub struct Partition {
///         /// Index in the topic.
///         partition_index: i32,
///     }
/// }
/// ```
///
/// A struct with versions in parentheses is a [`Message`](crate::wire::Message); without `flexible` no version of it is.
/// An `Option` may be null in all versions that have the field, unless `null` narrows them. Tagged fields are
/// declared with ascending tags, since that is the order they are sent in.
macro_rules! message {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(($versions:expr $(, flexible $flexible:literal ..)?))? {$(
            $(#[$field_meta:meta])*
            $field:ident: $type:ty $([$($rule:tt)*])? $(= $default:expr)?
        ),* $(,)?}
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {$(
            $(#[$field_meta])*
            pub $field: $type,
        )*}

        impl Default for $name {
            #[inline]
            fn default() -> Self {
                Self { $($field: $crate::wire::field_rule!(default $($default)?),)* }
            }
        }

        impl $crate::wire::Value for $name {
            fn read(
                reader: &mut $crate::wire::Reader,
                version: $crate::wire::Version,
            ) -> Result<Self, $crate::wire::WireError> {
                let mut value = Self::default();
                $($crate::wire::field_rule!(read reader, version, value.$field, $($($rule)*)?);)*
                if version.flexible {
                    reader.tagged_fields(|_tag, _reader| {
                        $($crate::wire::field_rule!(read_tagged _tag, _reader, version, value.$field, $($($rule)*)?);)*
                        Ok(false)
                    })?;
                }
                Ok(value)
            }

            #[cfg(feature = "arbitrary")]
            fn arbitrary(source: &mut $crate::wire::Source, version: $crate::wire::Version) -> Self {
                let mut value = Self::default();
                $($crate::wire::field_rule!(arbitrary source, version, value.$field, $($($rule)*)?);)*
                value
            }

            fn write(
                &self,
                writer: &mut $crate::wire::Writer,
                version: $crate::wire::Version,
            ) -> Result<(), $crate::wire::WireError> {
                $($crate::wire::field_rule!(write writer, version, self.$field, $($($rule)*)?);)*
                if version.flexible {
                    let mut _tagged = 0;
                    $($crate::wire::field_rule!(count _tagged, version, self.$field, $type, ($($default)?), $($($rule)*)?);)*
                    writer.unsigned_varint(_tagged);
                    $($crate::wire::field_rule!(write_tagged writer, version, self.$field, $type, ($($default)?), $($($rule)*)?);)*
                }
                Ok(())
            }
        }

        impl $crate::wire::Nullable for $name {
            fn read_nullable(
                reader: &mut $crate::wire::Reader,
                version: $crate::wire::Version,
            ) -> Result<Option<Self>, $crate::wire::WireError> {
                let [presence] = reader.array::<1>()?;
                if presence > i8::MAX as u8 {
                    return Ok(None);
                }
                <Self as $crate::wire::Value>::read(reader, version).map(Some)
            }

            fn write_nullable(
                value: Option<&Self>,
                writer: &mut $crate::wire::Writer,
                version: $crate::wire::Version,
            ) -> Result<(), $crate::wire::WireError> {
                let presence: i8 = if value.is_some() { 1 } else { -1 };
                writer.put(&presence.to_be_bytes());
                value.map_or(Ok(()), |value| $crate::wire::Value::write(value, writer, version))
            }

            fn read_tagged_nullable(
                reader: &mut $crate::wire::Reader,
                version: $crate::wire::Version,
            ) -> Result<Option<Self>, $crate::wire::WireError> {
                match reader.unsigned_varint()? {
                    0 => Ok(None),
                    _ => <Self as $crate::wire::Value>::read(reader, version).map(Some),
                }
            }

            fn write_tagged_nullable(
                value: Option<&Self>,
                writer: &mut $crate::wire::Writer,
                version: $crate::wire::Version,
            ) -> Result<(), $crate::wire::WireError> {
                writer.unsigned_varint(u32::from(value.is_some()));
                value.map_or(Ok(()), |value| $crate::wire::Value::write(value, writer, version))
            }
        }

        $(
            impl $crate::wire::Message for $name {
                const VERSIONS: std::ops::RangeInclusive<i16> = $versions;
                const FLEXIBLE_FROM: Option<i16> = $crate::wire::field_rule!(flexible $($flexible)?);

                fn decode(
                    reader: &mut $crate::wire::Reader,
                    version: i16,
                ) -> Result<Self, $crate::wire::WireError> {
                    <Self as $crate::wire::Value>::read(reader, $crate::wire::Version::of::<Self>(version)?)
                }

                fn encode(
                    &self,
                    writer: &mut $crate::wire::Writer,
                    version: i16,
                ) -> Result<(), $crate::wire::WireError> {
                    $crate::wire::Value::write(self, writer, $crate::wire::Version::of::<Self>(version)?)
                }
            }
        )?
    )*};
}

/// One field of a declaration: what its rule in brackets means for reading and writing. Used by [`message!`] alone.
macro_rules! field_rule {
    (flexible) => { None };
    (flexible $from:literal) => { Some($from) };

    (default) => { Default::default() };
    (default $default:expr) => { $default };

    // Fields in their place.
    (read $reader:ident, $version:ident, $place:expr, $range:expr, tag $tag:literal) => {};
    (read $reader:ident, $version:ident, $place:expr, $range:expr, null $null:expr, tag $tag:literal) => {};
    (read $reader:ident, $version:ident, $place:expr,) => {
        $place = $crate::wire::Value::read($reader, $version)?;
    };
    (read $reader:ident, $version:ident, $place:expr, $range:expr) => {
        if ($range).contains(&$version.number) {
            $place = $crate::wire::Value::read($reader, $version)?;
        }
    };
    (read $reader:ident, $version:ident, $place:expr, $range:expr, null $null:expr) => {
        if ($range).contains(&$version.number) {
            $place = $crate::wire::Value::read($reader, $version)?;
            if $place.is_none() && !($null).contains(&$version.number) {
                return Err($crate::wire::WireError::Null);
            }
        }
    };
    (write $writer:ident, $version:ident, $place:expr, $range:expr, tag $tag:literal) => {};
    (write $writer:ident, $version:ident, $place:expr,) => {
        $crate::wire::Value::write(&$place, $writer, $version)?;
    };
    (write $writer:ident, $version:ident, $place:expr, $range:expr) => {
        if ($range).contains(&$version.number) {
            $crate::wire::Value::write(&$place, $writer, $version)?;
        }
    };
    (write $writer:ident, $version:ident, $place:expr, $range:expr, null $null:expr) => {
        if ($range).contains(&$version.number) {
            if $place.is_none() && !($null).contains(&$version.number) {
                return Err($crate::wire::WireError::Null);
            }
            $crate::wire::Value::write(&$place, $writer, $version)?;
        }
    };

    (arbitrary $source:ident, $version:ident, $place:expr,) => {
        $place = $crate::wire::Value::arbitrary($source, $version);
    };
    (arbitrary $source:ident, $version:ident, $place:expr, $range:expr) => {
        if ($range).contains(&$version.number) {
            $place = $crate::wire::Value::arbitrary($source, $version);
        }
    };
    (arbitrary $source:ident, $version:ident, $place:expr, $range:expr, null $null:expr) => {
        if ($range).contains(&$version.number) {
            $place = $crate::wire::Value::arbitrary($source, $version);
            while $place.is_none() && !($null).contains(&$version.number) {
                $place = $crate::wire::Value::arbitrary($source, $version);
            }
        }
    };

    // Tagged fields.
    (arbitrary $source:ident, $version:ident, $place:expr, $range:expr, tag $tag:literal) => {
        if ($range).contains(&$version.number) && $source.chance(2) {
            $place = $crate::wire::Value::arbitrary($source, $version);
        }
    };
    (read_tagged $actual:ident, $reader:ident, $version:ident, $place:expr, $range:expr, tag $tag:literal) => {
        if $actual == $tag && ($range).contains(&$version.number) {
            $place = $crate::wire::Value::read_tagged($reader, $version)?;
            return Ok(true);
        }
    };
    (read_tagged $actual:ident, $reader:ident, $version:ident, $place:expr, $($rule:tt)*) => {};
    (count $count:ident, $version:ident, $place:expr, $type:ty, ($($default:expr)?), $range:expr, tag $tag:literal) => {
        $count += u32::from($crate::wire::field_rule!(sent $version, $place, $type, ($($default)?), $range));
    };
    (count $count:ident, $version:ident, $place:expr, $type:ty, ($($default:expr)?), $($rule:tt)*) => {};
    (write_tagged $writer:ident, $version:ident, $place:expr, $type:ty, ($($default:expr)?), $range:expr, tag $tag:literal) => {
        if $crate::wire::field_rule!(sent $version, $place, $type, ($($default)?), $range) {
            $writer.tagged_field($tag, |writer| $crate::wire::Value::write_tagged(&$place, writer, $version))?;
        }
    };
    (write_tagged $writer:ident, $version:ident, $place:expr, $type:ty, ($($default:expr)?), $($rule:tt)*) => {};
    (sent $version:ident, $place:expr, $type:ty, ($($default:expr)?), $range:expr) => {
        ($range).contains(&$version.number) && $place != {
            let default: $type = $crate::wire::field_rule!(default $($default)?);
            default
        }
    };
}

impl Version {
    /// The version `number` of the message `M`.
    ///
    /// # Errors
    /// [`WireError::Version`] where the message has no such version.
    pub fn of<M: Message>(number: i16) -> Result<Self, WireError> {
        if !M::VERSIONS.contains(&number) {
            return Err(WireError::Version(number));
        }
        Ok(Self { number, flexible: M::FLEXIBLE_FROM.is_some_and(|from| number >= from) })
    }
}

pub(crate) use {field_rule, message};
