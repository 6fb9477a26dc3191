//! `thalweg config …`: the settings of a broker that is to be started, or of one that runs.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Serialize, Serializer};
use thalweg_config::{BrokerSettings, Flags, Loader, Setting, render, table};

use crate::failure::{Failure, Status};
use crate::output::{self, Output, Row};
use crate::remote::{self, Remote};

/// Show, check and write the settings of a broker.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the settings that `serve` would use with the same file, environment and flags
    Show(Show),
    /// Check a file: every name, every value, and how they go together
    Check {
        /// The TOML file
        file: PathBuf,
    },
    /// Write a commented file with every setting and its default
    Init {
        /// Where to; standard output unless given
        file: Option<PathBuf>,
        /// Replace a file that exists
        #[arg(long)]
        force: bool,
    },
}

/// Show the settings that `serve` would use
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    flags: Flags,
    /// Show where each value comes from
    #[arg(long)]
    origin: bool,
    /// Show also what has no effect on this broker and was not set
    #[arg(long)]
    all: bool,
    /// Ask the running broker instead
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// A setting; its origin only where it was asked for.
struct Shown {
    name: String,
    value: Option<String>,
    origin: Option<String>,
}

/// A setting and its origin, as columns.
struct WithOrigin(Shown);

/// Runs a command of this noun.
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Show(show) => run_show(&show),
        Command::Check { file } => check(&file),
        Command::Init { file, force } => init(file, force),
    }
}

fn run_show(show: &Show) -> Result<(), Failure> {
    if show.live {
        return remote::block_on(live(show));
    }
    let settings = show.flags.load(environment()?)?;
    let wanted =
        |setting: &&Setting| show.all || !setting.idle || settings.layers.given(setting.name).is_some();
    let rows = table::brokers().filter(wanted).map(|setting| Shown::of(&settings, setting)).collect();
    print(show, rows)
}

async fn live(show: &Show) -> Result<(), Failure> {
    let client = show.remote.connect().await?;
    let settings = client.admin().settings().await?;
    let shown = |setting: thalweg_client::Setting| {
        let idle = table::broker(&setting.name).is_some_and(|known| known.idle);
        let by_default = setting.source == "DEFAULT_CONFIG";
        (show.all || !idle || !by_default).then_some(Shown {
            name: setting.name,
            value: setting.value,
            origin: Some(setting.source),
        })
    };
    print(show, settings.into_iter().filter_map(shown).collect())
}

fn print(show: &Show, rows: Vec<Shown>) -> Result<(), Failure> {
    if show.origin {
        return show.output.list(&rows.into_iter().map(WithOrigin).collect::<Vec<_>>());
    }
    let without = |shown: Shown| Shown { origin: None, ..shown };
    show.output.list(&rows.into_iter().map(without).collect::<Vec<_>>())
}

fn check(file: &std::path::Path) -> Result<(), Failure> {
    let mut loader = Loader::new();
    loader.file(file)?;
    let settings = loader.finish()?;
    let mut warnings = std::io::stderr().lock();
    for name in settings.layers.fixed.keys() {
        if table::broker(name).is_some_and(|setting| setting.idle) {
            // A warning that nobody can see is no reason to fail.
            let _ = writeln!(warnings, "warning: {name} has no effect on this broker");
        }
    }
    for address in insecure(&settings) {
        let _ = writeln!(warnings, "warning: {address} needs --allow-insecure-listener to start");
    }
    Ok(())
}

fn insecure(settings: &BrokerSettings) -> Vec<String> {
    if settings.network.allow_insecure_listener { Vec::new() } else { settings.network.insecure_listeners() }
}

fn init(file: Option<PathBuf>, force: bool) -> Result<(), Failure> {
    let Some(path) = file else { return output::write(&render::sample()) };
    let shown = path.display().to_string();
    if path.exists() && !force {
        return Err(Failure::with_hint(Status::Conflict, format!("{shown} exists"), "--force replaces it"));
    }
    std::fs::write(&path, render::sample()).map_err(Failure::io(shown))
}

/// The variables of the environment; text that is not Unicode is refused where it is ours.
pub fn environment() -> Result<Vec<(String, String)>, Failure> {
    let mut variables = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => variables.push((name, value)),
            Err(_) if name.starts_with(thalweg_config::load::PREFIX) => {
                return Err(Failure::new(Status::Usage, format!("the value of {name} is not Unicode")));
            }
            Err(_) => {}
        }
    }
    Ok(variables)
}

impl Shown {
    fn of(settings: &BrokerSettings, setting: &Setting) -> Shown {
        let value = settings.value(setting.name).map(|value| value.to_text());
        let hidden = setting.sensitive() && value.is_some();
        Shown {
            name: setting.name.to_owned(),
            value: if hidden { Some("(hidden)".to_owned()) } else { value },
            origin: Some(settings.layers.origin(setting.name).to_string()),
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("value", &self.value)?;
        if let Some(origin) = &self.origin {
            map.serialize_entry("origin", origin)?;
        }
        map.end()
    }
}

impl Row for Shown {
    const COLUMNS: &'static [&'static str] = &["name", "value"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.value.clone().unwrap_or_default()]
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Serialize for WithOrigin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Row for WithOrigin {
    const COLUMNS: &'static [&'static str] = &["name", "value", "origin"];

    fn cells(&self) -> Vec<String> {
        let mut cells = self.0.cells();
        cells.push(self.0.origin.clone().unwrap_or_default());
        cells
    }

    fn name(&self) -> String {
        self.0.name.clone()
    }
}
