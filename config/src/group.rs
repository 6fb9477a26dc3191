//! The settings of a group: which are accepted.

use std::collections::BTreeMap;

use crate::broker::BrokerSettings;
use crate::error::ConfigError;
use crate::table;
use crate::value::Value;

/// Refuses unknown names, wrong values, and values outside of the limits that the broker sets
/// (`GroupConfig.validate`).
pub fn check_group(broker: &BrokerSettings, overrides: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    if let Some(name) = overrides.keys().find(|name| table::group(name).is_none()) {
        return Err(ConfigError::UnknownGroupSetting(name.clone()));
    }
    for (name, text) in overrides {
        let Some(setting) = table::group(name) else { continue };
        if let Value::Integer(number) = Value::parse(setting, text)? {
            within_limits(broker, name, number)?;
        }
    }
    for kind in ["consumer", "share", "streams"] {
        let heartbeat = in_force(broker, overrides, &format!("{kind}.heartbeat.interval.ms"));
        let session = in_force(broker, overrides, &format!("{kind}.session.timeout.ms"));
        if session <= heartbeat {
            return Err(ConfigError::Refused(format!(
                "{kind}.session.timeout.ms must be greater than {kind}.heartbeat.interval.ms"
            )));
        }
    }
    Ok(())
}

fn within_limits(broker: &BrokerSettings, name: &str, number: i64) -> Result<(), ConfigError> {
    let Some((kind, rest)) = name.split_once('.') else { return Ok(()) };
    // The most standby replicas are a setting without the word in the middle.
    let rest = rest.strip_prefix("num.").unwrap_or(rest);
    let limits = [("min", "greater than or equal to"), ("max", "less than or equal to")];
    for (limit, relation) in limits {
        let limit_name = format!("group.{kind}.{limit}.{rest}");
        let Some(Value::Integer(bound)) = broker.value(&limit_name) else { continue };
        if (limit == "min" && number < bound) || (limit == "max" && number > bound) {
            return Err(ConfigError::Refused(format!("{name} must be {relation} {limit_name}")));
        }
    }
    Ok(())
}

fn in_force(broker: &BrokerSettings, overrides: &BTreeMap<String, String>, name: &str) -> Option<i64> {
    let own = overrides.get(name).and_then(|text| text.trim().parse().ok());
    own.or_else(|| match broker.value(&format!("group.{name}")) {
        Some(Value::Integer(number)) => Some(number),
        _ => None,
    })
}
