//! Listing, describing and deleting groups.

mod operations;

pub use operations::{ClassicMemberDescription, GroupDescription, GroupListing};
