//! The outcome of one invocation, for whoever asked for it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::value::RawValue;
use thiserror::Error;

/// A successful invocation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invocation {
    /// The id sent as `X-Azure-Functions-InvocationId`; with retries that of the last attempt.
    pub id: uuid::Uuid,
    /// How often the handler was called; 1 without a retry policy.
    pub attempts: u32,
    /// From the first call to the outcome.
    pub duration: Duration,
    /// What the handler wrote into `Logs`.
    pub logs: Vec<String>,
    /// `Outputs` with the ReturnValue merged, as the host understood them.
    pub outputs: BTreeMap<String, Box<RawValue>>,
}

/// Why an invocation failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvocationError {
    /// No such function was loaded.
    #[error("there is no function {0}; see the report for functions that could not be loaded")]
    UnknownFunction(String),
    /// The function is switched off.
    #[error("the function {0} is disabled")]
    Disabled(String),
    /// HTTP functions are called over HTTP.
    #[error("{0} is an HTTP function; call its route instead")]
    IsHttp(String),
    /// The function has another trigger.
    #[error("{0} is no timer function")]
    NotATimer(String),
    /// The function has another trigger.
    #[error("{0} is no queue function")]
    NotAQueueFunction(String),
    /// The handler did not become ready, or has ended for good.
    #[error("the handler is not available: {0}")]
    Unavailable(String),
    /// Connection refused, reset, or an answer that is not HTTP.
    #[error("the call of the handler failed: {0}")]
    Transport(String),
    /// Not a 2xx.
    #[error("the handler answered with status {0}")]
    Status(u16),
    /// The answer is not JSON.
    #[error("the handler answered with content type \"{0}\"; application/json is accepted")]
    MediaType(String),
    /// The answer is not `{Outputs, Logs, ReturnValue}`.
    #[error("the handler's answer is invalid: {0}")]
    InvalidReply(String),
    /// `functionTimeout` passed, be it that the answer was slow, or empty: an empty 2xx or `null` never
    /// completes an invocation.
    #[error("functionTimeout passed after {0:?}")]
    TimedOut(Duration),
    /// An output could not be written.
    #[error("the output {name} could not be written: {reason}")]
    Output {
        /// The binding.
        name: String,
        /// Why.
        reason: String,
    },
}

impl InvocationError {
    /// A call that failed, with the causes: an HTTP client's outer text alone says little.
    #[must_use]
    pub fn transport(error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self::Transport(text)
    }
}
