//! Talking to a running broker.

use clap::Args;
use thalweg_client::Client;

use crate::failure::{Failure, Status};

/// Which broker; part of every command that talks to one.
#[derive(Args, Clone, Debug)]
pub struct Remote {
    /// The broker's gRPC address
    #[arg(
        short = 'b',
        long,
        value_name = "URL",
        env = "THALWEG_BOOTSTRAP",
        default_value = "http://127.0.0.1:9192",
        hide_env_values = true
    )]
    pub bootstrap: String,
}

impl Remote {
    /// Connects.
    pub async fn connect(&self) -> Result<Client, Failure> {
        Client::connect(self.bootstrap.as_str()).await.map_err(|error| match error {
            thalweg_client::Error::Unavailable(reason) => {
                thalweg_client::Error::Unavailable(format!("{reason} ({})", self.bootstrap)).into()
            }
            other => other.into(),
        })
    }
}

/// Runs a command that moves many records: the connection has a thread beside it.
pub fn block_on_threads(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Status::Failed, format!("cannot start: {error}")))?;
    runtime.block_on(command)
}

/// Runs a command that waits for a broker's answers.
pub fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Status::Failed, format!("cannot start: {error}")))?;
    runtime.block_on(command)
}
