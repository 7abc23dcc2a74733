//! Why there is no token. Codes only: a description may hold what was sent.

use std::{sync::Arc, time::Duration};

/// A longer pause that the endpoint asks for is left to whoever sends.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// No token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The credentials are refused; trying again won't help.
    #[error("the identity platform refuses the bot's credentials: {code}")]
    Refused {
        /// `invalid_client/AADSTS7000215`, or as much of it as came.
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
    /// An answer without a usable token.
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
pub(super) struct Attempt {
    pub(super) error: TokenError,
    pub(super) may_repeat: bool,
}

impl Attempt {
    pub(super) fn last(error: TokenError) -> Self {
        Self {
            error,
            may_repeat: false,
        }
    }

    pub(super) fn passing(status: Option<u16>, retry_after: Option<Duration>) -> Self {
        Self {
            error: TokenError::Unavailable { status, retry_after },
            may_repeat: true,
        }
    }
}
