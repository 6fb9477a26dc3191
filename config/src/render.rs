//! The commented sample of the file, written from the table.

use std::fmt::Write;

use crate::setting::{Importance, Kind, Rule, Setting, Update};
use crate::table;

const WIDTH: usize = 100;

const HEAD: &str = "\
# The settings of a Thalweg broker, each with its default: remove the `#` before a line to change it.
#
#     thalweg serve --config thalweg.toml          thalweg config check thalweg.toml
#
# The environment covers this file (THALWEG_LOG_SEGMENT_BYTES is log.segment.bytes), flags cover both
# (--set log.segment.bytes=…). Names and values are Kafka's where Kafka has the setting. What Kafka has and a single
# node has no use for is accepted as well, and not listed here.
";

/// The text of `config/thalweg.toml`.
pub fn sample() -> String {
    let mut text = HEAD.to_owned();
    for (area, settings) in &table::AREAS {
        let used: Vec<&Setting> = settings.iter().filter(|setting| !setting.idle).collect();
        if used.is_empty() {
            continue;
        }
        let _ = write!(text, "\n\n# ---- {area} {}\n", "-".repeat(WIDTH.saturating_sub(area.len() + 8)));
        for setting in used {
            text.push('\n');
            entry(&mut text, setting);
        }
    }
    text
}

fn entry(text: &mut String, setting: &Setting) {
    for line in wrap(&format!("{} {}", setting.doc, facts(setting))) {
        let _ = writeln!(text, "# {line}");
    }
    let key = key(setting.name);
    let _ = match setting.default {
        Some(default) => writeln!(text, "#{key} = {}", literal(setting, default)),
        None => writeln!(text, "#{key} ="),
    };
}

/// A name as a TOML key: quoted where a shorter setting stands in the way of dots.
fn key(name: &str) -> String {
    let blocked =
        table::brokers().any(|other| name.strip_prefix(other.name).is_some_and(|rest| rest.starts_with('.')));
    if blocked { format!("\"{name}\"") } else { name.to_owned() }
}

fn literal(setting: &Setting, default: &str) -> String {
    match setting.kind {
        Kind::Boolean | Kind::Int | Kind::Short | Kind::Long => default.to_owned(),
        Kind::Double if default.contains('E') => default.replace('E', "e"),
        Kind::Double => default.to_owned(),
        Kind::Text | Kind::List | Kind::Class | Kind::Password => format!("{default:?}"),
    }
}

/// Which values are taken, and when a change counts: `(1 or more; at the next start)`.
fn facts(setting: &Setting) -> String {
    let mut facts: Vec<String> = Vec::new();
    match setting.rule {
        Rule::Min(least) => facts.push(format!("{least} or more")),
        Rule::Between(least, most) => facts.push(format!("{least} to {most}")),
        Rule::Ratio(least, most) => facts.push(format!("{least} to {most}")),
        Rule::OneOf(texts) | Rule::OneOfIgnoringCase(texts) => {
            facts.push(format!("one of {}", texts.join(", ")))
        }
        Rule::Members(texts) => facts.push(format!("any of {}", texts.join(", "))),
        _ => {}
    }
    if setting.default.is_none() {
        facts.push("not set".to_owned());
    }
    if setting.update == Update::Restart {
        facts.push("at the next start".to_owned());
    }
    if setting.importance == Importance::Low {
        facts.push("rarely needed".to_owned());
    }
    if facts.is_empty() { String::new() } else { format!("({})", facts.join("; ")) }
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
