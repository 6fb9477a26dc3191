//! The broker as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{command, oracle, peers};

/// A running broker; it is killed when it is dropped.
pub struct Broker {
    child: Child,
    /// The broker itself where the child is a script around it.
    pid: Option<i32>,
    /// HOST:PORT of the Kafka protocol.
    pub kafka: String,
    /// URL for our own clients.
    pub bootstrap: String,
    /// The data directory.
    pub data: PathBuf,
    temporary: Option<tempfile::TempDir>,
    settings: Vec<String>,
}

/// The binary under test: what `make parity` has built beside this test, or `THALWEG_BIN`.
pub fn binary() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("thalweg");
    let path = std::env::var_os("THALWEG_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not built: run `make parity`", path.display());
    path
}

impl Broker {
    /// Starts a broker over an empty directory, with settings as `serve --set` takes them.
    pub fn start(settings: &[&str]) -> Broker {
        Broker::start_on("127.0.0.1:0", settings)
    }

    /// Starts a broker at a given address of the Kafka protocol.
    pub fn start_on(address: &str, settings: &[&str]) -> Broker {
        let temporary = tempfile::Builder::new().prefix("thalweg-parity-").tempdir().unwrap();
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        let data = temporary.path().join("data");
        let (child, ready) = launch(&data, &settings, address);
        let kafka = ready.field("kafka");
        let bootstrap = if oracle() { String::new() } else { format!("http://{}", ready.field("http")) };
        let pid = ready.pid();
        Broker { child, pid, kafka, bootstrap, data, temporary: Some(temporary), settings }
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        command::wait(&mut self.child, Duration::from_secs(60))
            .expect("the broker stops within a minute of SIGTERM")
    }

    /// Ends the broker with no chance to do anything: SIGKILL.
    pub fn kill(&mut self) {
        let broker = self.pid.map_or_else(|| Pid::from_child(&self.child), |pid| Pid::from_raw(pid).unwrap());
        kill_process(broker, Signal::KILL).unwrap();
        command::wait(&mut self.child, Duration::from_secs(60)).expect("a killed broker is gone");
    }

    /// Starts a stopped broker again: same data, same port of the Kafka protocol.
    pub fn start_again(&mut self) {
        let (child, ready) = launch(&self.data, &self.settings, &self.kafka);
        (self.child, self.pid) = (child, ready.pid());
        assert_eq!(ready.field("kafka"), self.kafka);
        if !oracle() {
            self.bootstrap = format!("http://{}", ready.field("http"));
        }
    }

    /// The files of all partitions with the given ending, sorted.
    pub fn files(&self, ending: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.data.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else if entry.path().extension().is_some_and(|e| e == ending) {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if oracle() {
            // The JVM is a child of the script, which stops it on SIGTERM.
            kill_process(Pid::from_child(&self.child), Signal::TERM).ok();
            command::wait(&mut self.child, Duration::from_secs(30));
        }
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking()
            && let Some(kept) = self.temporary.take()
        {
            eprintln!("the data of the failed test are in {}", kept.keep().display());
        }
    }
}

struct Ready(String);

impl Ready {
    /// The value of `name=value` in the line.
    fn field(&self, name: &str) -> String {
        let value = self.0.split_whitespace().find_map(|word| word.strip_prefix(&format!("{name}=")));
        value.unwrap_or_else(|| panic!("no {name}= in {:?}", self.0)).to_owned()
    }

    fn pid(&self) -> Option<i32> {
        oracle().then(|| self.field("pid").parse().unwrap())
    }
}

fn launch(data: &Path, settings: &[String], kafka: &str) -> (Child, Ready) {
    std::fs::create_dir_all(data).unwrap();
    let mut command = if oracle() {
        let mut command = Command::new(peers::path("kafka"));
        command.args(["serve", "--port", kafka.rsplit(':').next().unwrap(), "--data"]).arg(data);
        command
    } else {
        let mut command = Command::new(binary());
        command
            .args(["serve", "--listen-kafka", kafka, "--listen-http", "127.0.0.1:0", "--data-dir"])
            .arg(data);
        command
    };
    for setting in settings {
        command.args(["--set", setting]);
    }
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(data.parent().unwrap().join("stderr.log"))
        .unwrap();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    if !line.starts_with("ready ") {
        let status = child.wait().unwrap();
        let said = std::fs::read_to_string(data.parent().unwrap().join("stderr.log")).unwrap_or_default();
        panic!("{command:?} gave no ready line but {line:?}, {status}\n{said}");
    }
    // `serve` prints one line; whoever reads the pipe must not go away before the broker does.
    std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
    (child, Ready(line.trim_end().to_owned()))
}
