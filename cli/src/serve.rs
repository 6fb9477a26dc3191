//! `thalweg serve`: the daemon.

use std::io::{self, IsTerminal};

use clap::Args;
use thalweg_broker::server::{Server, real_world};
use thalweg_config::{BrokerSettings, Flags};
use tracing_subscriber::EnvFilter;

use crate::config::environment;
use crate::failure::{Failure, Status};
use crate::output;
use crate::signals::Signals;

const HELP: &str = "\
When it answers requests, one line goes to standard output: ready kafka=HOST:PORT http=HOST:PORT data=DIR
SIGTERM and SIGINT stop it cleanly: what is under way is answered, everything is synced.
Its log goes to standard error; THALWEG_LOG chooses how much (warn, info, debug, …).";

/// Run the broker
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
}

/// Serves until SIGTERM or SIGINT.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let settings = arguments.flags.load(environment()?)?;
    serve(settings, "info", |_| Vec::new())
}

/// Runs a broker until it is told to stop. `further` are lines to print once it answers, below the one that says so.
pub fn serve(
    settings: BrokerSettings,
    log_level: &str,
    further: impl FnOnce(&Server) -> Vec<String>,
) -> Result<(), Failure> {
    refuse_insecure(&settings)?;
    start_log(log_level);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::io("cannot start threads"))?;
    runtime.block_on(async {
        let data = settings.log.directory.clone();
        let mut stop = Signals::listen()?;
        let server = Server::start(settings, real_world()).await?;
        let mut text = format!("ready kafka={} http={} data={}\n", server.kafka, server.http, data.display());
        text.extend(further(&server).iter().map(|line| format!("{line}\n")));
        // Whoever started the broker may have closed its output: it serves all the same.
        if let Err(failure) = output::write(&text) {
            tracing::warn!(%failure, "nobody was told that the broker is ready");
        }
        stop.wait().await;
        tracing::info!("stopping");
        Ok(server.shutdown().await?)
    })
}

/// An open broker on a network is found within hours: it takes a flag to run one.
fn refuse_insecure(settings: &BrokerSettings) -> Result<(), Failure> {
    let insecure = settings.network.insecure_listeners();
    if insecure.is_empty() || settings.network.allow_insecure_listener {
        return Ok(());
    }
    let message = format!("{} would let anybody in: no authentication is configured", insecure.join(", "));
    let hint = "listen on 127.0.0.1, or give --allow-insecure-listener where the network is trusted";
    Err(Failure::with_hint(Status::NotAllowed, message, hint))
}

fn start_log(level: &str) {
    let filter = EnvFilter::try_from_env("THALWEG_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    log.with_ansi(io::stderr().is_terminal()).init();
}
