//! The simulated latency of a request: to Teams (before the rate limiter) and back.

use std::time::Duration;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// Distribution of the round trip.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Latency {
    /// No latency.
    #[default]
    None,
    /// Always the same.
    Constant {
        /// Milliseconds of the round trip.
        millis: f64,
    },
    /// Log-normal: half of the trips take less than the median, one in a hundred more than the p99.
    LogNormal {
        /// Median, in milliseconds.
        median_millis: f64,
        /// 99th percentile, in milliseconds; at least the median.
        p99_millis: f64,
    },
}

/// One round trip, in two halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoundTrip {
    /// From the bot to Teams.
    pub there: Duration,
    /// From Teams to the bot.
    pub back: Duration,
}

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874;

/// A standard normal number, by Box and Muller.
fn standard_normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}

impl Latency {
    pub(crate) fn draw(self, rng: &mut Rng) -> RoundTrip {
        let millis = match self {
            Self::None => return RoundTrip::default(),
            Self::Constant { millis } => millis,
            Self::LogNormal {
                median_millis,
                p99_millis,
            } => {
                let sigma = (p99_millis / median_millis).ln().max(0.0) / Z99;
                median_millis * (sigma * standard_normal(rng)).exp()
            }
        };
        // Ten minutes is longer than any client waits; it also limits invalid parameters.
        let half = Duration::from_secs_f64((millis / 2000.0).clamp(0.0, 300.0));
        RoundTrip {
            there: half,
            back: half,
        }
    }

    /// Validates the parameters.
    pub(crate) fn check(self) -> Result<(), &'static str> {
        let good = |millis: f64| millis.is_finite() && (0.0..=600_000.0).contains(&millis);
        match self {
            Self::None => Ok(()),
            Self::Constant { millis } if good(millis) => Ok(()),
            Self::Constant { .. } => Err("latency.millis must be between 0 and 600000"),
            Self::LogNormal {
                median_millis,
                p99_millis,
            } => {
                if good(median_millis)
                    && good(p99_millis)
                    && median_millis > 0.0
                    && p99_millis >= median_millis
                {
                    Ok(())
                } else {
                    Err(
                        "latency.medianMillis must be above 0 and latency.p99Millis at least as large, both up to 600000",
                    )
                }
            }
        }
    }
}
