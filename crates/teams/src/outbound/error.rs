//! Errors of fetching a token. Codes only: a description may hold what was sent.

use std::{sync::Arc, time::Duration};

/// Longest `Retry-After` that is waited for here; a longer one is left to the caller.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The credentials are refused; trying again won't help.
    #[error("the identity platform refuses the bot's credentials: {code}")]
    Refused {
        /// `invalid_client/AADSTS7000215`, or the parts of it that the response has.
        code: Arc<str>,
    },
    /// Not reachable, throttled or failing: another try may help.
    #[error("the identity platform gives no token now (status {status:?})")]
    Unavailable {
        /// HTTP status, if there was an answer.
        status: Option<u16>,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// A response without a usable token.
    #[error("the identity platform's answer holds no usable token")]
    Unreadable,
    /// The assertion can't be signed.
    #[error("the certificate's key can't sign")]
    Certificate,
}

impl TokenError {
    /// Whether the credentials are at fault.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Certificate)
    }

    /// When the endpoint wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// A failed request for a token.
pub(super) struct FailedAttempt {
    pub(super) error: TokenError,
    pub(super) retryable: bool,
}

impl FailedAttempt {
    pub(super) fn permanent(error: TokenError) -> Self {
        Self {
            error,
            retryable: false,
        }
    }

    pub(super) fn transient(status: Option<u16>, retry_after: Option<Duration>) -> Self {
        Self {
            error: TokenError::Unavailable { status, retry_after },
            retryable: true,
        }
    }
}
