use thiserror::Error;

/// Why bytes could not be read as a message, or a message could not be written.
///
/// None of these is a defect of the broker: each states what is wrong with the frame, or with the value given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireError {
    /// The frame ends inside a value.
    #[error("{needed} bytes needed where {remaining} remain")]
    Truncated {
        /// Bytes that the value takes.
        needed: usize,
        /// Bytes left in the frame.
        remaining: usize,
    },
    /// A length or an element count that cannot be: negative, or more than the frame can hold.
    #[error("impossible length {0}")]
    Length(i64),
    /// A null where the version allows none.
    #[error("null where the version allows none")]
    Null,
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    Utf8,
    /// A variable-length integer with more bytes than its type has.
    #[error("a variable-length integer is too long")]
    Varint,
    /// A version that the message does not have.
    #[error("version {0} does not exist")]
    Version(i16),
    /// The decoded message would take far more memory than the frame has bytes.
    #[error("the message would need {0} bytes more than its frame may claim")]
    Budget(usize),
    /// Bytes are left over after a value that must end with its frame.
    #[error("{0} bytes left over")]
    Trailing(usize),
    /// A value too long for the length field of the version.
    #[error("{0} bytes or elements do not fit the length field")]
    TooLong(usize),
}
