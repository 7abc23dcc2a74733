//! Why a request body is not an activity.

/// A body that can't be read; the response is 400. The message is safe to show: it holds no content of the activity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivityError {
    /// Not JSON at all.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// JSON, but not an object.
    #[error("the body must be a JSON object, an activity")]
    NotAnObject,
    /// `type` is missing, empty or not a string.
    #[error("/type: an activity needs a string `type`, for example \"message\"")]
    NoType,
    /// A property has another type than in the schema.
    #[error("{pointer}: expected {expected}")]
    WrongShape {
        /// JSON pointer.
        pointer: String,
        /// The expected type.
        expected: &'static str,
    },
    /// `timestamp` is not an RFC 3339 time.
    #[error("/timestamp: expected an RFC 3339 time, for example 2026-01-05T09:00:01.123Z")]
    BadTimestamp,
}
