//! Requests that got no answer: whether the message can have arrived.

use super::ours;
use crate::transport::Lost;
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

/// The same for a request that took no detour.
pub(crate) fn lost(how: Lost) -> Answer {
    match how {
        Lost::Connect => ours(Verdict::NotNow { retry_after: None }, "connect"),
        Lost::Timeout => ours(Verdict::Ambiguous, "timeout"),
        Lost::Reset => ours(Verdict::Ambiguous, "reset"),
    }
}
