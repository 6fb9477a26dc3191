//! The validators of Kafka's `ConfigDef`, with their texts.

use crate::error::ConfigError;
use crate::setting::{Rule, Setting};
use crate::value::Value;

/// Checks a value of the right type against its setting's rule.
pub(crate) fn check(setting: &Setting, value: &Value) -> Result<(), ConfigError> {
    let name = setting.name;
    match (setting.rule, value) {
        (Rule::Min(least), Value::Integer(number)) => bounds(setting, value, *number, least, i64::MAX),
        (Rule::Between(least, most), Value::Integer(number)) => bounds(setting, value, *number, least, most),
        (Rule::Ratio(least, most), Value::Double(number)) => ratio(setting, value, *number, least, most),
        (Rule::GzipLevel, Value::Integer(number)) if *number != -1 && !(1..=9).contains(number) => {
            Err(ConfigError::invalid(name, number, "Value must be between 1 and 9 or equal to -1"))
        }
        (Rule::OneOf(texts), Value::Text(text)) => one_of(name, text, texts),
        (Rule::OneOfIgnoringCase(texts), Value::Text(text)) => {
            if texts.iter().any(|known| known.eq_ignore_ascii_case(text)) {
                return Ok(());
            }
            let reason = format!("String must be one of (case insensitive): {}", texts.join(", "));
            Err(ConfigError::invalid(name, text, reason))
        }
        (Rule::Members(known), Value::List(members)) => each_member(name, members, known),
        (Rule::AnyMembers, Value::List(members)) => each_member(name, members, &[]),
        (Rule::SomeMembers(known), Value::List(members)) => some_members(name, members, known),
        (Rule::NotEmpty, Value::Text(text)) if text.is_empty() => {
            Err(ConfigError::invalid(name, text, "String must be non-empty"))
        }
        (Rule::ThrottledReplicas, Value::List(members)) => throttled_replicas(name, members),
        (Rule::AutoOffsetReset, Value::Text(text)) => auto_offset_reset(name, text),
        _ => Ok(()),
    }
}

fn bounds(setting: &Setting, value: &Value, number: i64, least: i64, most: i64) -> Result<(), ConfigError> {
    if number < least {
        return Err(ConfigError::invalid(
            setting.name,
            value.to_text(),
            format!("Value must be at least {least}"),
        ));
    }
    if number > most {
        let reason = format!("Value must be no more than {most}");
        return Err(ConfigError::invalid(setting.name, value.to_text(), reason));
    }
    Ok(())
}

fn ratio(setting: &Setting, value: &Value, number: f64, least: f64, most: f64) -> Result<(), ConfigError> {
    if number < least {
        return Err(ConfigError::invalid(
            setting.name,
            value.to_text(),
            format!("Value must be at least {least}"),
        ));
    }
    if number > most || number.is_nan() {
        let reason = format!("Value must be no more than {most}");
        return Err(ConfigError::invalid(setting.name, value.to_text(), reason));
    }
    Ok(())
}

fn one_of(name: &str, text: &str, texts: &[&str]) -> Result<(), ConfigError> {
    if texts.contains(&text) {
        return Ok(());
    }
    Err(ConfigError::invalid(name, text, format!("String must be one of: {}", texts.join(", "))))
}

fn each_member(name: &str, members: &[String], known: &[&str]) -> Result<(), ConfigError> {
    for member in members {
        if member.is_empty() {
            return Err(ConfigError::Refused(format!("Configuration '{name}' values must not be empty.")));
        }
        if !known.is_empty() {
            one_of(name, member, known)?;
        }
    }
    Ok(())
}

fn some_members(name: &str, members: &[String], known: &[&str]) -> Result<(), ConfigError> {
    if members.is_empty() {
        let valid = if known.is_empty() {
            "any non-empty value".to_owned()
        } else {
            format!("[{}]", known.join(", "))
        };
        let text = format!("Configuration '{name}' must not be empty. Valid values include: {valid}");
        return Err(ConfigError::Refused(text));
    }
    each_member(name, members, known)
}

fn throttled_replicas(name: &str, members: &[String]) -> Result<(), ConfigError> {
    let all = matches!(members, [only] if only == "*");
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |member: &String| match member.split_once(':') {
        Some((partition, broker)) => number(partition) && number(broker),
        None => member.is_empty(),
    };
    if all || members.iter().all(pair) {
        return Ok(());
    }
    let reason = format!(
        "{name} must be the literal '*' or a list of replicas in the following format: \
         [partitionId]:[brokerId],[partitionId]:[brokerId],..."
    );
    Err(ConfigError::invalid(name, format!("[{}]", members.join(", ")), reason))
}

fn auto_offset_reset(name: &str, text: &str) -> Result<(), ConfigError> {
    let duration = text.strip_prefix("by_duration:");
    if text == "earliest" || text == "latest" || duration.is_some_and(is_duration) {
        return Ok(());
    }
    let reason =
        "must be earliest, latest or by_duration: followed by an ISO 8601 duration that is not negative";
    Err(ConfigError::invalid(name, text, reason))
}

/// Whether the text is a duration such as `P1DT2H30M1.5S`: parts in their order, at least one of them.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['P', 'p']) else { return false };
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let days_fit = days.is_empty() || parts(days, "D", false);
    match time {
        Some(time) => days_fit && parts(time, "HMS", true),
        None => !days.is_empty() && days_fit,
    }
}

fn parts(mut text: &str, units: &str, fraction: bool) -> bool {
    let mut units = units.chars();
    while !text.is_empty() {
        let Some(end) = text.find(|letter: char| letter.is_ascii_alphabetic()) else { return false };
        let (number, rest) = text.split_at(end);
        let mut letters = rest.chars();
        let Some(unit) = letters.next().map(|letter| letter.to_ascii_uppercase()) else { return false };
        let whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let decimal =
            fraction && unit == 'S' && number.parse::<f64>().is_ok_and(|n| n.is_finite() && n >= 0.0);
        if !(whole || decimal) || !units.any(|expected| expected == unit) {
            return false;
        }
        text = letters.as_str();
    }
    true
}
