//! Why a request is refused, and the HTTP status. The messages hold nothing of the token.

use crate::cloud::Untrusted;

/// A refused request: 401 if the caller is not authenticated, 403 if not authorised, 503 if it can't be decided now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// No `Authorization` header, or a blank one.
    #[error("no bearer token")]
    NoToken,
    /// The header is not `Bearer <token>`, or there are several.
    #[error("the authorization header is not one bearer token")]
    Header,
    /// Not a signed JSON web token.
    #[error("the token is malformed")]
    Malformed,
    /// Another algorithm than RS256, or critical extensions.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// Not from an issuer of this cloud.
    #[error("the token's issuer is not accepted")]
    Issuer,
    /// No such signing key.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The keys could not be fetched and none are cached: worth another try.
    #[error("the signing keys can't be fetched now")]
    KeysUnavailable,
    /// The limit of requests waiting for the keys is reached: worth another try.
    #[error("too many requests wait for the signing keys")]
    TooManyWaiting,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// Past its `exp`, or without `exp` or `nbf`.
    #[error("the token has expired")]
    Expired,
    /// Before its `nbf`.
    #[error("the token is not valid yet")]
    NotYet,
    /// For another audience.
    #[error("the token is not for this bot")]
    Audience,
    /// The signing key may not vouch for this channel.
    #[error("the token's key is not endorsed for this channel")]
    Endorsement,
    /// The activity names no service URL.
    #[error("the activity has no service URL")]
    ServiceUrlMissing,
    /// The token is for another service URL, or for none.
    #[error("the token is not for the activity's service URL")]
    ServiceUrlClaim,
    /// A service URL that may not be sent to.
    #[error("{0}")]
    ServiceHost(Untrusted),
    /// Not Teams.
    #[error("the activity is not from Teams")]
    Channel,
    /// Of a tenant that may not use this bot.
    #[error("the tenant may not use this bot")]
    Tenant,
}

impl Denied {
    /// HTTP status of the response.
    pub fn status(self) -> u16 {
        match self {
            Self::NoToken
            | Self::Header
            | Self::Malformed
            | Self::Algorithm
            | Self::Issuer
            | Self::UnknownKey
            | Self::Signature
            | Self::Expired
            | Self::NotYet
            | Self::Audience => 401,
            Self::Endorsement
            | Self::ServiceUrlMissing
            | Self::ServiceUrlClaim
            | Self::ServiceHost(_)
            | Self::Channel
            | Self::Tenant => 403,
            Self::KeysUnavailable | Self::TooManyWaiting => 503,
        }
    }
}
