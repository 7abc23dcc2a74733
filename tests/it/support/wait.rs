//! Bounded waiting: a condition is polled until it holds or its time is up. Nothing sleeps to be green.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Longest wait for something that should happen at once: generous, for a slow machine that runs much else.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `look` sees something, at most [`LONGEST_WAIT`].
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> impl Future<Output = T> {
    within(LONGEST_WAIT, what, look)
}

/// Waits until `look` sees something, at most `time`.
#[track_caller]
pub(crate) fn within<T>(
    time: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let start = Instant::now();
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            assert!(
                start.elapsed() < time,
                "{caller}: waited {time:?} in vain for: {what}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }
}
