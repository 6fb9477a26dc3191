//! Real data: the package index of this Debian machine.

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::{command, full};

/// A package's name and its whole stanza, of several lines.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The stanzas of the package index in its order; without `FULL` the first 4000.
pub fn stanzas() -> &'static [Pair] {
    static STANZAS: OnceLock<Vec<Pair>> = OnceLock::new();
    STANZAS.get_or_init(|| {
        command::program("apt-cache", "the data are the package index of a Debian machine");
        let index =
            command::run(Command::new("apt-cache").arg("dumpavail"), b"", Duration::from_secs(120)).stdout;
        let mut stanzas = split(&index);
        assert!(
            stanzas.len() > 10_000,
            "apt-cache knows only {} packages: run `apt-get update`",
            stanzas.len()
        );
        if !full() {
            stanzas.truncate(4000);
        }
        stanzas
    })
}

fn split(index: &[u8]) -> Vec<Pair> {
    let mut stanzas = Vec::new();
    let mut rest = index;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|w| w == b"\n\n").map_or(rest.len(), |at| at + 1);
        let stanza = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        let name =
            stanza.strip_prefix(b"Package: ".as_slice()).expect("a stanza starts with the package's name");
        let name = &name[..name.iter().position(|b| *b == b'\n').unwrap()];
        stanzas.push((name.to_vec(), stanza.to_vec()));
    }
    stanzas
}
