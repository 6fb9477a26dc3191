//! Reading a setting's text, and writing it back as Kafka would.

use crate::error::ConfigError;
use crate::rule;
use crate::setting::{Kind, Rule, Setting};

/// The value of a setting, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a boolean setting.
    Boolean(bool),
    /// Of an integer setting of any width.
    Integer(i64),
    /// Of a floating point setting.
    Double(f64),
    /// Of a text, a class name or a password.
    Text(String),
    /// Of a list.
    List(Vec<String>),
}

impl Value {
    /// Reads `text` as a value of `setting`, with the rules of Kafka's `ConfigDef.parseType`, and checks it.
    pub fn parse(setting: &Setting, text: &str) -> Result<Value, ConfigError> {
        let value = read(setting, text)?;
        rule::check(setting, &value)?;
        Ok(value)
    }

    /// The text that stands for the value (`ConfigDef.convertToString`).
    pub fn to_text(&self) -> String {
        match self {
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Double(value) => double_to_text(*value),
            Value::Text(value) => value.clone(),
            Value::List(values) => values.join(","),
        }
    }
}

fn read(setting: &Setting, text: &str) -> Result<Value, ConfigError> {
    let trimmed = text.trim();
    let not_a_number =
        || ConfigError::invalid(setting.name, text, format!("Not a number of type {}", setting.kind.name()));
    match setting.kind {
        Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        Kind::Boolean => {
            Err(ConfigError::invalid(setting.name, text, "Expected value to be either true or false"))
        }
        Kind::Short => trimmed.parse::<i16>().map(|n| Value::Integer(n.into())).map_err(|_| not_a_number()),
        Kind::Int => trimmed.parse::<i32>().map(|n| Value::Integer(n.into())).map_err(|_| not_a_number()),
        Kind::Long => trimmed.parse::<i64>().map(Value::Integer).map_err(|_| not_a_number()),
        // Java takes the suffix of a literal.
        Kind::Double => trimmed
            .trim_end_matches(['d', 'D', 'f', 'F'])
            .parse::<f64>()
            .map(Value::Double)
            .map_err(|_| not_a_number()),
        Kind::List => Ok(Value::List(list(trimmed, is_set(setting)))),
        Kind::Text | Kind::Class | Kind::Password => Ok(Value::Text(trimmed.to_owned())),
    }
}

/// Of a list with a rule for its members Kafka drops repeated ones, with a warning.
fn is_set(setting: &Setting) -> bool {
    matches!(setting.rule, Rule::Members(_) | Rule::SomeMembers(_) | Rule::AnyMembers)
}

/// The members of a list in their order.
fn list(trimmed: &str, each_once: bool) -> Vec<String> {
    let mut members: Vec<String> = Vec::new();
    if trimmed.is_empty() {
        return members;
    }
    for member in trimmed.split(',').map(str::trim) {
        if !each_once || !members.iter().any(|known| known == member) {
            members.push(member.to_owned());
        }
    }
    members
}

/// A floating point number as Java's `Double.toString` writes it.
pub(crate) fn double_to_text(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        let sign = if value.is_sign_negative() { "-" } else { "" };
        return if value.is_nan() { "NaN".to_owned() } else { format!("{sign}Infinity") };
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:E}");
    match scientific.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => scientific,
    }
}
