//! Gathering the settings given at start: the file, then the environment, then flags; the later covers the earlier.

use std::collections::BTreeMap;
use std::path::Path;

use crate::broker::BrokerSettings;
use crate::error::ConfigError;
use crate::layers::{Given, Layers, Origin};
use crate::table;
use crate::value::Value;

/// What the variables of the environment begin with.
pub const PREFIX: &str = "THALWEG_";

/// Variables with our prefix that are no settings: other parts of the program read them.
const OTHER_VARIABLES: &[&str] =
    &["THALWEG_BIN", "THALWEG_BOOTSTRAP", "THALWEG_CONFIG", "THALWEG_LOG", "THALWEG_OUTPUT"];

/// What Kubernetes sets in every container beside a service that is called `thalweg`.
const OF_KUBERNETES: &[&str] = &["THALWEG_SERVICE_", "THALWEG_PORT"];

/// Collects settings, each checked as it comes, so that an error names the place where it was given.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    given: BTreeMap<String, Given>,
}

impl Loader {
    /// Nothing given yet.
    pub fn new() -> Self {
        Loader::default()
    }

    /// Takes one setting by its name.
    pub fn set(&mut self, name: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        let setting = table::broker(name).ok_or_else(|| table::unknown(name, &origin.to_string()))?;
        Value::parse(setting, text)?;
        self.given.insert(name.to_owned(), Given { text: text.to_owned(), origin });
        Ok(())
    }

    /// Takes `KEY=VALUE`, as after `--set`.
    pub fn set_pair(&mut self, pair: &str) -> Result<(), ConfigError> {
        match pair.split_once('=') {
            Some((name, text)) => self.set(name.trim(), text, Origin::Flag(format!("--set {}", name.trim()))),
            None => Err(ConfigError::Refused(format!("--set takes KEY=VALUE, not \"{pair}\""))),
        }
    }

    /// Takes the variables that begin with [`PREFIX`]: `THALWEG_LOG_SEGMENT_BYTES` is `log.segment.bytes`.
    pub fn environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (variable, text) in variables.into_iter().filter(|(variable, _)| is_setting(variable)) {
            let name =
                table::brokers().map(|setting| setting.name).find(|name| variable_of(name) == variable);
            let origin = Origin::Environment(variable.clone());
            match name {
                Some(name) => self.set(name, &text, origin)?,
                None => {
                    let name = variable.trim_start_matches(PREFIX).to_ascii_lowercase().replace('_', ".");
                    return Err(table::unknown(&name, &origin.to_string()));
                }
            }
        }
        Ok(())
    }

    /// Reads a TOML file. Tables and dotted keys are one: `[log]` with `segment.bytes` is `log.segment.bytes`.
    pub fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::File { file: shown.clone(), reason: error.to_string() })?;
        self.toml(&text, &shown)
    }

    /// Reads the text of a TOML file; `shown` is its name in messages.
    pub fn toml(&mut self, text: &str, shown: &str) -> Result<(), ConfigError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| ConfigError::File {
            file: place(text, shown, error.span()),
            reason: error.message().replace('\n', " "),
        })?;
        let mut flat = Vec::new();
        flatten("", table, &mut flat);
        for (name, value) in flat {
            let text = scalar(&name, &value)?;
            self.set(&name, &text, Origin::File(shown.to_owned()))?;
        }
        Ok(())
    }

    /// What was given, unchecked against one another.
    pub fn layers(self) -> Layers {
        Layers { fixed: self.given, ..Layers::default() }
    }

    /// The settings of the broker.
    pub fn finish(self) -> Result<BrokerSettings, ConfigError> {
        BrokerSettings::new(self.layers())
    }
}

fn is_setting(variable: &str) -> bool {
    let foreign = OF_KUBERNETES.iter().any(|prefix| variable.starts_with(prefix));
    variable.starts_with(PREFIX) && !foreign && !OTHER_VARIABLES.contains(&variable)
}

/// The variable of the environment that gives a setting.
pub fn variable_of(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase().replace('.', "_"))
}

fn flatten(prefix: &str, table: toml::Table, flat: &mut Vec<(String, toml::Value)>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, flat),
            value => flat.push((name, value)),
        }
    }
}

/// The text of a TOML value; an array stands for a list.
fn scalar(name: &str, value: &toml::Value) -> Result<String, ConfigError> {
    Ok(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        toml::Value::Array(members) => {
            let texts: Result<Vec<String>, ConfigError> =
                members.iter().map(|member| scalar(name, member)).collect();
            texts?.join(",")
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => {
            return Err(ConfigError::invalid(
                name,
                value,
                "Expected a text, a number, true or false, or a list",
            ));
        }
    })
}

/// `FILE:LINE` of an error in a file.
fn place(text: &str, shown: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    match before {
        Some(before) => format!("{shown}:{}", before.matches('\n').count() + 1),
        None => shown.to_owned(),
    }
}
