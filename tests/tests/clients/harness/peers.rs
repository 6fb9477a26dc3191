//! The folder of peers: Apache Kafka and its tools, the comparison, other people's suites.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::command::{self, Output};

/// A file of the peers' folder, `PEERS` or `../shared/peers` beside the repository.
pub fn path(name: &str) -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/peers");
    let folder = std::env::var_os("PEERS")
        .filter(|v| !v.is_empty())
        .map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(name);
    assert!(path.exists(), "{} is missing: set PEERS to the folder of the peers", path.display());
    path
}

fn kafka() -> Command {
    command::program("java", "install a Java 17 runtime (Debian: openjdk-17-jre-headless)");
    command::program("mvn", "install Maven (Debian: maven)");
    Command::new(path("kafka"))
}

/// One of Kafka's own tools.
pub fn tool(name: &str, args: &[&str]) -> Command {
    let mut command = kafka();
    command.args(["tool", name]).args(args);
    command
}

/// The class path of Apache Kafka, its client among it.
pub fn class_path() -> String {
    let install = Duration::from_secs(600);
    command::run(kafka().arg("install"), b"", install);
    command::run(kafka().arg("classpath"), b"", install).text().trim().to_owned()
}

/// Runs one of Kafka's own tools, which must succeed.
pub fn run_tool(name: &str, args: &[&str]) -> Output {
    command::run(&mut tool(name, args), b"", Duration::from_secs(120))
}
