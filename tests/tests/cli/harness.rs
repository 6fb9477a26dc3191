//! Running the binary, with and without a broker.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What a command left behind.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    /// The output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the status.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Asserts a failure: its status, one line that says `error`, and, where given, the hint below it.
    #[track_caller]
    pub fn fails(self, status: i32, error: &str, hint: &str) -> Self {
        let done = self.ends(status);
        let lines: Vec<&str> = done.err.lines().collect();
        assert!(lines[0].starts_with("error: ") && lines[0].contains(error), "{done:?}");
        let expected =
            if hint.is_empty() { lines.len() == 1 } else { lines.len() == 2 && lines[1].contains(hint) };
        assert!(expected, "{done:?}");
        done
    }
}

fn binary() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("thalweg");
    let path = std::env::var_os("THALWEG_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not built: cargo build -p thalweg", path.display());
    path
}

fn command() -> Command {
    let mut command = Command::new(binary());
    let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("THALWEG_"));
    for name in ours {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command that needs no broker.
pub fn run(arguments: &[&str]) -> Done {
    run_with(arguments, &[])
}

/// The same with variables of the environment.
pub fn run_with(arguments: &[&str], variables: &[(&str, &str)]) -> Done {
    let done = command().args(arguments).envs(variables.iter().copied()).output().unwrap();
    Done {
        status: done.status.code().unwrap_or(-1),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// A broker that runs.
pub struct Broker {
    child: Child,
    pub kafka: String,
    pub http: String,
    pub ready: String,
    pub output: BufReader<std::process::ChildStdout>,
    _directory: Option<tempfile::TempDir>,
}

impl Broker {
    /// `serve` over an empty directory.
    pub fn start() -> Broker {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let shards = "offsets.topic.num.partitions=3";
        let serve =
            ["serve", "--data-dir", data.to_str().unwrap(), "--set", "flush.mode=os", "--set", shards];
        let mut broker = Broker::start_with(&serve);
        broker._directory = Some(directory);
        broker
    }

    /// `serve` or `dev` on free ports.
    pub fn start_with(arguments: &[&str]) -> Broker {
        let ports = ["--listen-kafka", "127.0.0.1:0", "--listen-http", "127.0.0.1:0"];
        let mut command = command();
        command.args(arguments).args(ports).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let field = |name: &str| {
            let found = ready.split_whitespace().find_map(|word| word.strip_prefix(name));
            found.unwrap_or_else(|| panic!("not ready: {ready:?}")).to_owned()
        };
        let (kafka, http) = (field("kafka="), field("http="));
        Broker { child, kafka, http, ready, output, _directory: None }
    }

    /// Runs a command against this broker.
    pub fn run(&self, arguments: &[&str]) -> Done {
        run_with(arguments, &[("THALWEG_BOOTSTRAP", &format!("http://{}", self.http))])
    }

    /// A page over plain HTTP.
    pub fn page(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.http).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Begins a command against this broker, which goes on.
    pub fn begin(&self, arguments: &[&str]) -> Begun {
        let mut command = command();
        command.args(arguments).env("THALWEG_BOOTSTRAP", format!("http://{}", self.http));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, out) = std::sync::mpsc::channel();
        let reader = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            reader.lines().map_while(Result::ok).try_for_each(|line| lines.send(line))
        });
        Begun { child, out }
    }

    /// Sends a signal and waits for the end.
    pub fn stop(&mut self, signal: Signal) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.child.wait().unwrap()
    }
}

/// A command that goes on until it is told to stop.
pub struct Begun {
    child: Child,
    out: Receiver<String>,
}

impl Begun {
    /// The next line on its standard output.
    pub fn line(&self) -> String {
        self.out.recv_timeout(Duration::from_secs(60)).expect("a line in time")
    }

    /// Sends a signal; what the command leaves behind, with the lines that nobody has asked for.
    pub fn stop(self, signal: Signal) -> Done {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.end()
    }

    /// Waits for its end.
    pub fn end(self) -> Done {
        let done = self.child.wait_with_output().unwrap();
        let out = self.out.iter().map(|line| line + "\n").collect();
        Done { status: done.status.code().unwrap_or(-1), out, err: String::from_utf8(done.stderr).unwrap() }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
