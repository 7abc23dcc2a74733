//! Faults as data, for the configuration, scripts and the control API.

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use super::{FaultDecision, Latency};

/// A fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Fault {
    /// 429, with `Retry-After` in seconds or without.
    Throttled {
        /// Seconds, or no header.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// 408.
    RequestTimeout,
    /// 412: a concurrent operation on the conversation.
    PreconditionFailed,
    /// 500 `ServiceError`.
    ServerError,
    /// 502 with an HTML body, from a gateway.
    BadGateway,
    /// 503.
    ServiceUnavailable,
    /// 504.
    GatewayTimeout,
    /// The connection is closed without a response.
    Reset,
    /// Any other response.
    Answer {
        /// HTTP status.
        status: u16,
        /// Body; sent as JSON if it is JSON, else as text. Empty means no body.
        #[serde(default)]
        body: String,
        /// `Retry-After` in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
    },
}

/// Whether the operation takes effect in spite of the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// No effect.
    Nothing,
    /// It takes effect: with a reset this is a lost acknowledgement.
    Accepted,
}

/// The response to the next requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScriptedResponse {
    /// The fault; `None` lets the request pass.
    #[serde(default)]
    pub fault: Option<Fault>,
    /// Whether the operation takes effect; by default only for 2xx responses.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// Number of requests (at least one).
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// A permanent fault of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultMode {
    /// None.
    #[default]
    Normal,
    /// Every request gets 401 "Authorization has been denied for this request."
    AuthDenied,
    /// Every conversation id "fails to decrypt", as after a change of the bot id.
    Undecryptable,
}

/// Probabilities (0 to 1) of each fault; their sum is at most 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultRates {
    /// 429, with `Retry-After` of `throttled_retry_after`.
    pub throttled: f64,
    /// 408.
    pub request_timeout: f64,
    /// 412.
    pub precondition_failed: f64,
    /// 500.
    pub server_error: f64,
    /// 502.
    pub bad_gateway: f64,
    /// 503.
    pub service_unavailable: f64,
    /// 504.
    pub gateway_timeout: f64,
    /// Connection reset before anything happened.
    pub reset: f64,
    /// Connection reset after the operation took effect.
    pub lost_acknowledgement: f64,
    /// Seconds in `Retry-After` of a random 429; `None` leaves the header out.
    pub throttled_retry_after: Option<u32>,
    /// Share (0 to 1) of the random 408, 500, 502 and 504 whose operation takes effect nevertheless.
    /// A 429, 412 or 503 never takes effect.
    pub ambiguous_effect: f64,
}

impl Default for FaultRates {
    fn default() -> Self {
        Self {
            throttled: 0.0,
            request_timeout: 0.0,
            precondition_failed: 0.0,
            server_error: 0.0,
            bad_gateway: 0.0,
            service_unavailable: 0.0,
            gateway_timeout: 0.0,
            reset: 0.0,
            lost_acknowledgement: 0.0,
            throttled_retry_after: Some(1),
            ambiguous_effect: 0.5,
        }
    }
}

/// Random and permanent faults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultPlan {
    /// Seed of the random generator.
    pub seed: u64,
    /// Probabilities.
    pub rates: FaultRates,
    /// Latency of each request.
    pub latency: Latency,
    /// Permanent fault.
    pub mode: FaultMode,
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self {
            seed: 1,
            rates: FaultRates::default(),
            latency: Latency::None,
            mode: FaultMode::Normal,
        }
    }
}

impl Fault {
    /// The default: a scripted 2xx takes effect, everything else does not.
    pub(crate) fn usual_effect(&self) -> Effect {
        match self {
            Self::Answer {
                status: 200..=299, ..
            } => Effect::Accepted,
            _ => Effect::Nothing,
        }
    }
}

impl FaultRates {
    fn table(&self) -> [(f64, Fault); 9] {
        [
            (
                self.throttled,
                Fault::Throttled {
                    retry_after: self.throttled_retry_after,
                },
            ),
            (self.request_timeout, Fault::RequestTimeout),
            (self.precondition_failed, Fault::PreconditionFailed),
            (self.server_error, Fault::ServerError),
            (self.bad_gateway, Fault::BadGateway),
            (self.service_unavailable, Fault::ServiceUnavailable),
            (self.gateway_timeout, Fault::GatewayTimeout),
            (self.reset, Fault::Reset),
            (self.lost_acknowledgement, Fault::Reset),
        ]
    }

    fn total(&self) -> f64 {
        self.table().iter().map(|(rate, _)| rate).sum()
    }

    pub(crate) fn draw(&self, rng: &mut Rng) -> FaultDecision {
        if self.total() <= 0.0 {
            return FaultDecision::Pass;
        }
        let mut left = rng.f64();
        for (at, (rate, fault)) in self.table().into_iter().enumerate() {
            if left < rate {
                let effect = match (&fault, at) {
                    (_, 8) => Effect::Accepted,
                    (
                        Fault::RequestTimeout
                        | Fault::ServerError
                        | Fault::BadGateway
                        | Fault::GatewayTimeout,
                        _,
                    ) if rng.f64() < self.ambiguous_effect => Effect::Accepted,
                    _ => Effect::Nothing,
                };
                return FaultDecision::Inject(fault, effect);
            }
            left -= rate;
        }
        FaultDecision::Pass
    }
}

impl FaultPlan {
    /// Validates the numbers.
    pub fn check(&self) -> Result<(), &'static str> {
        let share = |value: f64| value.is_finite() && (0.0..=1.0).contains(&value);
        if !self.rates.table().iter().all(|(rate, _)| share(*rate)) || !share(self.rates.ambiguous_effect) {
            return Err("each rate must be a probability between 0 and 1");
        }
        if self.rates.total() > 1.0 + 1e-9 {
            return Err("the rates together must not exceed 1");
        }
        self.latency.check()
    }
}
