//! A broker in a process of its own, so that it can be killed: this test binary runs itself again as one.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use thalweg_broker::server::Server;
use thalweg_broker::world::real;
use thalweg_config::flags::Flags;

const DATA_DIR: &str = "RPC_TEST_DATA_DIR";
const HTTP: &str = "RPC_TEST_HTTP";
const SETTINGS: &str = "RPC_TEST_SETTINGS";

/// A running broker; killed when dropped.
pub struct Broker {
    process: Child,
    /// HOST:PORT of gRPC.
    pub http: String,
    /// HOST:PORT of Kafka's protocol.
    pub kafka: String,
}

impl Broker {
    /// Runs a broker over `data_dir` on `http`, HOST:PORT.
    pub fn start(data_dir: &Path, http: &str) -> Self {
        Self::start_with(data_dir, http, &[])
    }

    /// The same with settings, as KEY=VALUE.
    pub fn start_with(data_dir: &Path, http: &str, settings: &[&str]) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "broker::runs_where_it_is_told_to", "--nocapture"])
            .env(DATA_DIR, data_dir)
            .env(HTTP, http)
            .env(SETTINGS, settings.join(" "))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let ready = |line: String| {
            let (http, kafka) = line.split_once("ready http=")?.1.split_once(" kafka=")?;
            Some((http.to_owned(), kafka.to_owned()))
        };
        let (http, kafka) = output.lines().map_while(Result::ok).find_map(ready).expect("the broker starts");
        Self { process, http, kafka }
    }

    /// Ends it as a power cut would, but for the page cache.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test: the body of the broker's process. Does nothing where the variables are not set.
#[test]
fn runs_where_it_is_told_to() {
    let (Ok(data_dir), Ok(http)) = (std::env::var(DATA_DIR), std::env::var(HTTP)) else { return };
    let settings = std::env::var(SETTINGS).unwrap_or_default();
    let flags = Flags {
        data_dir: Some(data_dir.into()),
        listen_kafka: Some("127.0.0.1:0".to_owned()),
        listen_http: Some(http),
        set: settings.split_whitespace().map(str::to_owned).collect(),
        ..Flags::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::start(flags.load([]).unwrap(), real::world()).await.unwrap();
        println!("ready http={} kafka={}", server.http, server.kafka);
        std::io::stdout().flush().unwrap();
        std::future::pending::<()>().await;
    });
}
