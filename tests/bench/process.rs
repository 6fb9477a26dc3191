//! The two brokers as processes, and what they use.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Ticks a second in /proc, whatever the kernel's own clock.
const USER_HZ: u64 = 100;

/// Who is measured.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Thalweg,
    Kafka,
}

/// Both, in the order in which they are measured.
pub const BOTH: [Kind; 2] = [Kind::Thalweg, Kind::Kafka];

/// A running broker over a temporary directory; it ends when it is dropped.
pub struct Broker {
    child: Child,
    /// HOST:PORT of the Kafka protocol.
    pub kafka: String,
    /// The process that does the work.
    pub pid: u32,
    data: tempfile::TempDir,
}

impl Broker {
    /// Starts one and waits for its ready line.
    pub fn start(kind: Kind, settings: &[&str]) -> Broker {
        let data = tempfile::Builder::new().prefix("thalweg-bench-").tempdir().unwrap();
        let mut child = command(kind, "0", data.path(), settings).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let field =
            |name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name)).map(str::to_owned);
        let kafka = field("kafka=").unwrap_or_else(|| panic!("no ready line but {line:?}"));
        let pid = field("pid=").map_or(child.id(), |pid| pid.parse().unwrap());
        Broker { child, kafka, pid, data }
    }

    /// Stops it; its data stays until this is dropped.
    pub fn stop(&mut self) {
        end(&mut self.child);
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// User and system time so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 1000 / USER_HZ)
    }

    /// Resident memory in MiB.
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// SIGTERM, and SIGKILL when that is not heard.
pub fn end(child: &mut Child) {
    kill_process(Pid::from_child(child), Signal::TERM).ok();
    let until = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().ok();
            child.wait().ok();
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The command that serves on a port of 127.0.0.1.
pub fn command(kind: Kind, port: &str, data: &Path, settings: &[&str]) -> Command {
    let mut command = match kind {
        Kind::Thalweg => {
            let mut command = Command::new(binary());
            command.args([
                "serve",
                "--listen-kafka",
                &format!("127.0.0.1:{port}"),
                "--listen-http",
                "127.0.0.1:0",
            ]);
            command.arg("--data-dir").arg(data);
            command
        }
        Kind::Kafka => {
            let mut command = Command::new(peer("kafka"));
            command.args(["serve", "--port", port, "--data"]).arg(data);
            command
        }
    };
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.stdin(Stdio::null()).env("THALWEG_LOG", "warn");
    command
}

fn binary() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("thalweg");
    let path = std::env::var_os("THALWEG_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not built: run `make bench`", path.display());
    path
}

/// A file of the peers' folder.
pub fn peer(name: &str) -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/peers");
    let folder = std::env::var_os("PEERS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(name);
    assert!(path.exists(), "{} is missing: set PEERS to the folder of the peers", path.display());
    path
}
