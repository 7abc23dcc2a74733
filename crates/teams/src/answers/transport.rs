//! Requests that got no answer: whether the message can have arrived.

use super::ours;
use notify::ports::{Answer, Verdict};

/// The meaning of a failed request. What failed before a connection stood is certainly not delivered.
pub fn broken(error: &reqwest::Error) -> Answer {
    match () {
        () if error.is_builder() => ours(Verdict::Failed, "request"),
        () if error.is_connect() => ours(Verdict::NotNow { retry_after: None }, "connect"),
        () if error.is_timeout() => ours(Verdict::Ambiguous, "timeout"),
        () => ours(Verdict::Ambiguous, "reset"),
    }
}
