//! A classic group.

/// A group whose members assign by themselves.
#[derive(Clone, Debug, Default)]
pub struct ClassicGroup {}
