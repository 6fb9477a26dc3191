//! How a figure is printed.

use serde_json::json;

/// Prints one figure of both brokers with its ratio; `limit` is what the ratio or the figure itself must not exceed.
pub fn print(name: &str, unit: &str, thalweg: f64, kafka: f64) {
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    println!(
        "{}",
        json!({
            "figure": name, "unit": unit, "thalweg": round(thalweg), "kafka": round(kafka), "ratio": round(thalweg / kafka),
        })
    );
}

/// The middle of some measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
