//! A function's failure. The host learns only that it failed; the reason goes to the log.

use std::error::Error;
use std::fmt;

/// Why an invocation failed. Any error converts with `?`; its chain of sources is kept as text.
///
/// The text is written to the log: put ids in it, not names, message text or secrets. The host counts a failed
/// queue message and delivers it again; to drop a message for good, record it and return `Ok`.
///
/// ```
/// use custom_handler::Failure;
/// fn parse(text: &str) -> Result<u32, Failure> {
///     Ok(text.parse::<u32>()?)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// assert_eq!(Failure::new("job j-42 is unknown").to_string(), "job j-42 is unknown");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure with this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({:?})", self.0)
    }
}

/// Possible because `Failure` itself does not implement `std::error::Error`.
impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(chain(&error))
    }
}

/// The error and its sources as `a: b: c`, without a source that its parent already includes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
