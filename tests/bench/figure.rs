//! How a figure is printed, and held against its limit.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

/// Whether a figure was beyond its limit.
static BEYOND: AtomicBool = AtomicBool::new(false);

/// What a figure must keep to.
#[derive(Clone, Copy)]
pub enum Limit {
    /// It is told, and judged by whoever reads it.
    None,
    /// Ours, in the figure's unit.
    Of(f64),
    /// Ours in relation to Kafka's.
    Ratio(f64),
    /// Ours in relation to Kafka's, of which more is better: not below this.
    AtLeast(f64),
}

/// Prints one figure of both brokers with its ratio, and its limit where it has one.
pub fn print(name: &str, unit: &str, thalweg: f64, kafka: f64, limit: Limit) {
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let ratio = thalweg / kafka;
    let mut line = json!({
        "figure": name, "unit": unit, "thalweg": round(thalweg), "kafka": round(kafka), "ratio": round(ratio),
    });
    let (limit, is_kept) = match limit {
        Limit::None => (None, true),
        Limit::Of(most) => (Some(json!({ "thalweg": most })), thalweg <= most),
        Limit::Ratio(most) => (Some(json!({ "ratio": most })), ratio <= most),
        Limit::AtLeast(least) => (Some(json!({ "ratio_at_least": least })), ratio >= least),
    };
    if let Some(limit) = limit {
        line["limit"] = limit;
        line["kept"] = json!(is_kept);
    }
    BEYOND.fetch_or(!is_kept, Ordering::Relaxed);
    println!("{line}");
}

/// Whether every limit was kept.
pub fn all_kept() -> bool {
    !BEYOND.load(Ordering::Relaxed)
}

/// The least of some measurements of the same: what else runs on the machine only ever adds.
pub fn least(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

/// The one in the middle of some measurements of the same, for what may come out too high as well as too low.
pub fn median<const COUNT: usize>(mut values: [f64; COUNT]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[COUNT / 2]
}
