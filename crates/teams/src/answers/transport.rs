//! Requests without a response: whether the message can have been delivered.

use super::local_answer;
use crate::transport::{ExchangeError, unconnected};
use notify::ports::{Answer, Verdict};

/// Classifies an error of the general client. What failed before a connection was made is certainly not delivered.
pub fn request_failed(error: &reqwest::Error) -> Answer {
    match () {
        () if error.is_builder() => local_answer(Verdict::Rejected, "request"),
        () if error.is_connect() => local_answer(Verdict::NotNow { retry_after: None }, unconnected(error)),
        () if error.is_timeout() => local_answer(Verdict::Ambiguous, "timeout"),
        () => local_answer(Verdict::Ambiguous, "reset"),
    }
}

/// Classifies an error of the direct client.
pub(crate) fn exchange_failed(how: ExchangeError) -> Answer {
    match how {
        ExchangeError::Connect(why) => local_answer(Verdict::NotNow { retry_after: None }, why),
        ExchangeError::Timeout => local_answer(Verdict::Ambiguous, "timeout"),
        ExchangeError::Reset => local_answer(Verdict::Ambiguous, "reset"),
    }
}
