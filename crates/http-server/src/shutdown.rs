//! When to stop, and how long work in flight may take to end.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::signals::Signals;

/// Container runtimes kill a process 10 s after SIGTERM: 2 s are left for the rest of the process.
const DEFAULT_GRACE: Duration = Duration::from_secs(8);

/// When to stop, when to stop at once, and how long requests in flight have in between.
///
/// The Functions host sends no SIGTERM: it kills. Terminals and container runtimes do send a signal first.
pub struct Shutdown {
    pub(crate) stop: BoxFuture<'static, ()>,
    pub(crate) force: BoxFuture<'static, ()>,
    pub(crate) grace: Duration,
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// Every request in flight was answered.
    Drained,
    /// The grace period ended first.
    OutOfTime,
    /// A second request to stop came first.
    Forced,
}

impl Shutdown {
    /// SIGTERM or SIGINT (elsewhere Ctrl-C) stops; a second one stops at once. The signals are caught from this
    /// call on.
    ///
    /// # Errors
    /// When the system refuses the signal handlers.
    pub fn on_signals() -> std::io::Result<Self> {
        Ok(Signals::caught()?.shutdown())
    }

    /// Stops when the future completes.
    pub fn when(stop: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            stop: stop.boxed(),
            force: std::future::pending().boxed(),
            grace: DEFAULT_GRACE,
        }
    }

    /// Never stops.
    pub fn never() -> Self {
        Self::when(std::future::pending())
    }

    /// Stops at once, with requests in flight, when this future completes after the first one did.
    #[must_use]
    pub fn force_when(mut self, force: impl Future<Output = ()> + Send + 'static) -> Self {
        self.force = force.boxed();
        self
    }

    /// How long requests in flight may take. Default 8 s.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
