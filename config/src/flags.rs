//! The flags of the command line that give settings: those of `serve`, and of `config show`, which must agree.

use std::path::PathBuf;

use clap::Args;

use crate::broker::BrokerSettings;
use crate::error::ConfigError;
use crate::layers::Origin;
use crate::load::Loader;

/// Where settings come from besides the environment.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE", env = "THALWEG_CONFIG")]
    pub config: Option<PathBuf>,

    /// Keep the data in this directory (log.dirs)
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Speak the Kafka protocol on this address; port 0 picks a free one (listeners)
    #[arg(long, value_name = "HOST:PORT")]
    pub listen_kafka: Option<String>,

    /// Serve gRPC, health and metrics on this address; port 0 picks a free one (http.listener)
    #[arg(long, value_name = "HOST:PORT")]
    pub listen_http: Option<String>,

    /// Tell Kafka clients this address instead of the one they came in on (advertised.listeners)
    #[arg(long, value_name = "HOST:PORT")]
    pub advertise: Option<String>,

    /// Let anybody on the network connect without saying who he is
    #[arg(long)]
    pub allow_insecure_listener: bool,

    /// Give a setting by name; may be repeated. `thalweg config init` writes a file with all names
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

impl Flags {
    /// Everything given: the file, covered by `variables` of the environment, covered by these flags.
    pub fn loader(
        &self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Loader, ConfigError> {
        let mut loader = Loader::new();
        if let Some(path) = &self.config {
            loader.file(path)?;
        }
        loader.environment(variables)?;
        for pair in &self.set {
            loader.set_pair(pair)?;
        }
        let flag = |name: &str| Origin::Flag(format!("--{name}"));
        if let Some(directory) = &self.data_dir {
            loader.set("log.dirs", &directory.to_string_lossy(), flag("data-dir"))?;
        }
        if let Some(address) = &self.listen_kafka {
            loader.set("listeners", &with_protocol(address), flag("listen-kafka"))?;
        }
        if let Some(address) = &self.listen_http {
            loader.set("http.listener", address, flag("listen-http"))?;
        }
        if let Some(address) = &self.advertise {
            loader.set("advertised.listeners", &with_protocol(address), flag("advertise"))?;
        }
        if self.allow_insecure_listener {
            loader.set("allow.insecure.listener", "true", flag("allow-insecure-listener"))?;
        }
        Ok(loader)
    }

    /// The settings of the broker.
    pub fn load(
        &self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<BrokerSettings, ConfigError> {
        self.loader(variables)?.finish()
    }
}

/// An address is of the plain protocol unless it says otherwise.
fn with_protocol(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("PLAINTEXT://{address}") }
}
