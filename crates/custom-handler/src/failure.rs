//! A function's failure. The host learns only that it failed; the reason goes to the log.

use std::error::Error;
use std::fmt;

/// Why an invocation failed. Any error converts with `?`; its chain of causes is kept as text.
///
/// The text is written to the log: put ids in it, not names, message texts or secrets. The host counts a failed
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

/// `Failure` itself is no `std::error::Error`, which is what makes this possible.
impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(chain(&error))
    }
}

/// `a: b: c`, leaving out a cause that its parent already quotes.
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
