//! `thalweg cluster …`

use clap::Subcommand;
use serde::Serialize;
use thalweg_client::Cluster;

use crate::failure::Failure;
use crate::output::{Output, Row};
use crate::remote::Remote;

/// Tell about a running broker.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Identity, version and addresses of the broker
    Info {
        #[command(flatten)]
        remote: Remote,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Serialize)]
struct Info {
    cluster_id: String,
    node_id: i32,
    version: String,
    kafka: String,
    http: String,
    topics: i32,
    partitions: i32,
}

impl From<Cluster> for Info {
    fn from(cluster: Cluster) -> Self {
        Info {
            cluster_id: cluster.id,
            node_id: cluster.node_id,
            version: cluster.version,
            kafka: cluster.kafka_address,
            http: cluster.http_address,
            topics: cluster.topics,
            partitions: cluster.partitions,
        }
    }
}

impl Row for Info {
    const COLUMNS: &'static [&'static str] =
        &["cluster id", "node", "version", "kafka", "http", "topics", "partitions"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.cluster_id.clone(),
            self.node_id.to_string(),
            self.version.clone(),
            self.kafka.clone(),
            self.http.clone(),
            self.topics.to_string(),
            self.partitions.to_string(),
        ]
    }

    fn name(&self) -> String {
        self.cluster_id.clone()
    }
}

/// Runs a command of this noun.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Info { remote, output } => {
            let client = remote.connect().await?;
            output.one(&Info::from(client.admin().cluster().await?))
        }
    }
}
