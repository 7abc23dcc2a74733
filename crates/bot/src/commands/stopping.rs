//! The end of a process that serves: everything within the 10 s that a container's runtime grants.

use local_host::Signals;
use std::{future::Future, pin::pin};

/// Serves to the end, which `serving` finds for itself by the same signals, and closes what works beside the requests as
/// soon as the first signal comes: what is still in flight, half-sent by whomever, must not take that time away. With the
/// second signal nothing is waited for.
pub(crate) async fn closing_beside<T>(
    signals: &Signals,
    serving: impl Future<Output = T>,
    closing: impl Future<Output = ()>,
) -> T {
    let mut serving = pin!(serving);
    tokio::select! {
        biased;
        served = &mut serving => {
            closing.await;
            return served;
        }
        () = signals.clone().first() => {}
    }
    let closing = async {
        tokio::select! {
            biased;
            () = signals.clone().second() => tracing::warn!("ending at once: asked a second time"),
            () = closing => {}
        }
    };
    tokio::join!(serving, closing).0
}
