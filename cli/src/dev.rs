//! `thalweg dev`: a throwaway broker.

use clap::Args;
use thalweg_broker::server::Server;
use thalweg_config::Flags;

use crate::config::environment;
use crate::failure::Failure;
use crate::serve::serve;

/// Where the other commands look for a broker unless they are told.
const DEFAULT_HTTP: &str = "127.0.0.1:9192";

/// Run a throwaway broker: its data goes when it stops
#[derive(Args, Debug)]
#[command(after_help = "Topics are created when they are first used. SIGTERM and SIGINT (Ctrl-C) stop it.")]
pub struct Arguments {
    /// Speak the Kafka protocol on this address; port 0 picks a free one
    #[arg(long, value_name = "HOST:PORT")]
    listen_kafka: Option<String>,

    /// Serve gRPC, health and metrics on this address; port 0 picks a free one
    #[arg(long, value_name = "HOST:PORT")]
    listen_http: Option<String>,

    /// Give a setting by name; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Serves from a temporary directory until it is told to stop.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let directory = tempfile::Builder::new().prefix("thalweg-dev-").tempdir();
    let directory = directory.map_err(Failure::io("cannot make a temporary directory"))?;
    // Data that is thrown away need not survive a power cut.
    let mut set = vec!["flush.mode=os".to_owned(), "auto.create.topics.enable=true".to_owned()];
    set.extend(arguments.set.iter().cloned());
    let flags = Flags {
        data_dir: Some(directory.path().to_owned()),
        listen_kafka: arguments.listen_kafka.clone(),
        listen_http: arguments.listen_http.clone(),
        set,
        ..Flags::default()
    };
    serve(flags.load(environment()?)?, "warn", lines_to_paste)
}

fn lines_to_paste(server: &Server) -> Vec<String> {
    let address = server.http.to_string();
    let at = if address == DEFAULT_HTTP { String::new() } else { format!(" -b http://{address}") };
    vec![
        format!("thalweg topic create greetings{at}"),
        format!("echo hello | thalweg produce greetings{at}"),
        format!("thalweg consume greetings -o start -e{at}"),
    ]
}
