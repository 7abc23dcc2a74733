//! The machine under the figures: what it is, and what else it is doing.

use std::fs;

/// Processor and cores, as the system names them.
pub(crate) fn describe() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("processor unknown", |(_, model)| model);
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gibibytes = memory
        .split_whitespace()
        .nth(1)
        .and_then(|kibibytes| kibibytes.parse::<f64>().ok())
        .map_or(0.0, |kibibytes| kibibytes / f64::from(1 << 20));
    format!("{cores} cores ({}), {gibibytes:.0} GiB", model.trim())
}

/// Load averages of the last 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<&str> = text.split_whitespace().take(3).collect();
    format!("load average {}", averages.join(", "))
}
