//! `thalweg serve`: the daemon.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use thalweg_broker::server::Server;
use thalweg_broker::world::real;
use thalweg_config::BrokerSettings;
use thalweg_config::flags::Flags;
use tracing_subscriber::EnvFilter;

/// Run the broker
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub fn run(self) -> ExitCode {
        start_log();
        let settings = match self.flags.load(std::env::vars()) {
            Ok(settings) => settings,
            Err(error) => return failed(&error, 2),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return failed(&error, 1),
        };
        match runtime.block_on(serve(settings)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&*error, 1),
        }
    }
}

async fn serve(settings: BrokerSettings) -> Result<(), Box<dyn std::error::Error>> {
    let data = settings.log.directory.clone();
    let mut stop = Signals::listen()?;
    let server = Server::start(settings, real::world()).await?;
    writeln!(std::io::stdout(), "ready kafka={} http={} data={}", server.kafka, server.http, data.display())?;
    stop.wait().await;
    tracing::info!("stopping");
    Ok(server.shutdown().await?)
}

/// The signals that ask a daemon to stop.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn start_log() {
    let filter = EnvFilter::try_from_env("THALWEG_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();
}

fn failed(error: &dyn std::error::Error, status: u8) -> ExitCode {
    // Where standard error is gone there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::from(status)
}
