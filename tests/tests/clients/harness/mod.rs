//! What the tests share: the broker as a process, foreign programs and their set-up, the data, and how it is compared.

pub mod broker;
pub mod command;
pub mod data;
pub mod own;
pub mod peers;
pub mod records;
pub mod setup;

/// Whether everything shall be taken, not the part that fits into minutes.
pub fn full() -> bool {
    std::env::var("FULL").is_ok_and(|v| !v.is_empty() && v != "0")
}

/// Whether Apache Kafka stands in the broker's place.
pub fn oracle() -> bool {
    std::env::var_os("ORACLE").is_some()
}
