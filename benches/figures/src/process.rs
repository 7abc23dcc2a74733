//! What a process has used, read from `/proc` (Linux): processor time and memory.

use std::fs;

use crate::Outcome;

/// `USER_HZ`: the unit of times in `/proc/<pid>/stat`, 100 a second on every Linux that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds on a processor so far, user and system, of all threads.
pub(crate) fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The name in parentheses may hold anything; the fields after it are numbers. utime is the 14th, stime the 15th.
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Ok(ticks / TICKS_PER_SECOND)
}

/// Resident memory now, MiB.
pub(crate) fn resident(pid: u32) -> Outcome<f64> {
    memory(pid, "VmRSS:")
}

/// The most resident memory so far, MiB.
pub(crate) fn peak(pid: u32) -> Outcome<f64> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, name: &str) -> Outcome<f64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
        .ok_or_else(|| format!("{path} has no {name}"))?;
    Ok(kibibytes.parse::<f64>()? / 1024.0)
}
