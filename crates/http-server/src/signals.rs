//! The stop signals of the operating system, which several parts of the process may wait for.

use futures::FutureExt as _;
use tokio::sync::watch;

use crate::shutdown::Shutdown;

/// SIGTERM and SIGINT (elsewhere Ctrl-C), counted from [`Signals::caught`] on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Signals {
    count: watch::Receiver<u8>,
}

impl Signals {
    /// Catches them from now on: they no longer end the process by themselves. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the system refuses the signal handlers.
    pub fn caught() -> std::io::Result<Self> {
        Self::caught_beside(std::future::pending())
    }

    /// The same, where the end of `reason` counts as one signal more: it, too, asks to stop.
    ///
    /// # Errors
    /// When the system refuses the signal handlers.
    pub fn caught_beside(reason: impl Future<Output = ()> + Send + 'static) -> std::io::Result<Self> {
        let mut source = SignalSource::new()?;
        let (sender, count) = watch::channel(0);
        tokio::spawn(async move {
            let mut reason = std::pin::pin!(reason.fuse());
            loop {
                tokio::select! {
                    () = source.next() => {}
                    () = &mut reason => {}
                }
                sender.send_modify(|count: &mut u8| *count = count.saturating_add(1));
            }
        });
        Ok(Self { count })
    }

    /// Completes with the first signal: stop gracefully.
    pub async fn first(self) {
        self.reach(1).await;
    }

    /// Completes with the second signal: stop at once.
    pub async fn second(self) {
        self.reach(2).await;
    }

    /// A [`Shutdown`] that stops with the first signal, and at once with the second.
    pub fn shutdown(&self) -> Shutdown {
        Shutdown::when(self.clone().first()).force_when(self.clone().second())
    }

    async fn reach(mut self, number: u8) {
        if self.count.wait_for(|count| *count >= number).await.is_err() {
            // The runtime is ending: there are no more signals.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct SignalSource {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl SignalSource {
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
struct SignalSource;

#[cfg(not(unix))]
impl SignalSource {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
