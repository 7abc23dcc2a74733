//! When to stop, and how long work in flight may take to end.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

const DEFAULT_GRACE: Duration = Duration::from_secs(10);

/// A request to stop, a second one to stop at once, and the time between.
///
/// The Functions host itself never asks: it kills. Terminals and container runtimes do ask.
pub struct Shutdown {
    pub(crate) stop: BoxFuture<'static, ()>,
    pub(crate) force: BoxFuture<'static, ()>,
    pub(crate) grace: Duration,
}

impl Shutdown {
    /// SIGTERM or SIGINT (elsewhere Ctrl-C) stops; a second one stops at once. The signals are caught from this
    /// call on.
    ///
    /// # Errors
    /// When the system refuses the signal handlers.
    pub fn on_signals() -> std::io::Result<Self> {
        let (first, second) = tokio::sync::oneshot::channel::<()>();
        let mut signals = Signals::new()?;
        let (stop_sender, stop) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(async move {
            signals.next().await;
            let _ = stop_sender.send(());
            signals.next().await;
            let _ = first.send(());
        });
        Ok(Self {
            stop: wait(stop),
            force: wait(second),
            grace: DEFAULT_GRACE,
        })
    }

    /// Stops when the future ends.
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

    /// Stops at once, with requests in flight, when this future ends after the first one did.
    pub fn force_when(mut self, force: impl Future<Output = ()> + Send + 'static) -> Self {
        self.force = force.boxed();
        self
    }

    /// How long requests in flight may take. Default 10 s.
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

/// A sender that went away without sending never asks for anything.
fn wait(receiver: tokio::sync::oneshot::Receiver<()>) -> BoxFuture<'static, ()> {
    async move {
        if receiver.await.is_err() {
            std::future::pending::<()>().await;
        }
    }
    .boxed()
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
