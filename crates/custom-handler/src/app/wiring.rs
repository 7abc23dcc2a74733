//! Errors in the registration of functions and routes, found at start.

/// Why the registered functions and routes can't be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WiringError {
    /// An invalid function name: the host would not load the folder.
    #[error(
        "`{name}` cannot be a function's name: a letter, then letters, digits, `_` or `-`, at most 128 in all, and not `host`"
    )]
    FunctionName {
        /// The name.
        name: String,
    },
    /// An invalid binding name.
    #[error(
        "`{name}` cannot be a trigger binding's name: a letter, then letters and digits, at most 128 in all"
    )]
    BindingName {
        /// The name.
        name: String,
    },
    /// Two handlers for one function.
    #[error("the function `{name}` has two handlers; give it one")]
    FunctionTwice {
        /// The name.
        name: String,
    },
    /// A route pattern that cannot be served beside the others.
    #[error("the route `{route}` cannot be served: {reason}")]
    Route {
        /// The pattern.
        route: String,
        /// Why.
        reason: String,
    },
}
