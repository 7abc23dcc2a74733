//! Code of the project that panics: for `on_error` and the log it is a failure like any other.

use custom_handler::Failure;
use futures::FutureExt as _;
use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, resume_unwind},
};

/// A panic; the log has its place already.
pub(crate) struct Panicked(Box<dyn Any + Send>);

impl Panicked {
    /// The failure; the panic's own text may hold anything.
    pub(crate) fn failure(&self) -> Failure {
        Failure::new("it panicked; the log names the line")
    }

    /// Lets it go on to whoever answers the invocation.
    pub(crate) fn resume(self) -> ! {
        resume_unwind(self.0)
    }
}

/// Runs code of the project up to its end or its panic; one in making the future counts too.
pub(crate) async fn caught<T, F>(code: impl FnOnce() -> F) -> Result<T, Panicked>
where
    F: Future<Output = T>,
{
    let running = async move { code().await };
    AssertUnwindSafe(running).catch_unwind().await.map_err(Panicked)
}

/// The same where a failure is what a panic becomes.
pub(crate) async fn failing<T, F>(code: impl FnOnce() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    match caught(code).await {
        Ok(result) => result,
        Err(panicked) => Err(panicked.failure()),
    }
}
