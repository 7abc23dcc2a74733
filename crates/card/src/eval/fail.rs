//! How an evaluation fails. The kinds matter: some constructs catch errors, none catches a limit.

use crate::functions;
use crate::value::Val;

/// The result of evaluating something.
pub(crate) type Outcome<'d> = Result<Val<'d>, Fail>;

/// Which constructs may catch a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailKind {
    /// An error value: logic and comparisons turn it into false.
    Error,
    /// An exception: only the parts of an interpolated text catch it.
    Throw,
    /// The reference returns nothing at all, which is an exception to whatever uses it.
    Lost,
    /// A limit was reached: aborts the evaluation.
    Limit,
}

/// A failed evaluation.
#[derive(Debug)]
pub(crate) struct Fail(Box<(FailKind, String)>);

impl Fail {
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self(Box::new((FailKind::Error, message.into())))
    }

    pub(crate) fn throw(message: impl Into<String>) -> Self {
        Self(Box::new((FailKind::Throw, message.into())))
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self(Box::new((FailKind::Limit, message.into())))
    }

    pub(crate) fn unknown(name: &str) -> Self {
        Self::throw(functions::unknown(name))
    }

    pub(crate) fn kind(&self) -> FailKind {
        self.0.0
    }

    pub(crate) fn is_error(&self) -> bool {
        self.kind() == FailKind::Error
    }

    pub(crate) fn into_throw(mut self) -> Self {
        if self.is_error() {
            self.0.0 = FailKind::Throw;
        }
        self
    }

    /// The failure of an element access, a part of which fails.
    pub(crate) fn into_lost(mut self) -> Self {
        self.0.0 = match self.kind() {
            FailKind::Error => FailKind::Lost,
            FailKind::Lost => FailKind::Throw,
            other => other,
        };
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.1
    }
}
