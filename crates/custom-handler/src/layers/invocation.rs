//! Correlation: the invocation's id on every log line that its code writes, panics included.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::invocation::InvocationId;

tokio::task_local! {
    /// For the panic hook, which runs outside of any subscriber.
    static CURRENT: InvocationId;
}

pub(super) async fn correlate(request: Request, next: Next) -> Response {
    let Some(id) = InvocationId::from_headers(request.headers()) else {
        return next.run(request).await;
    };
    // At the highest level, so that a log of errors only still carries the id.
    let span = tracing::error_span!("invocation", invocation_id = %id);
    CURRENT.scope(id, next.run(request).instrument(span)).await
}

/// The invocation that the current task serves.
pub(crate) fn current() -> Option<InvocationId> {
    CURRENT.try_with(Clone::clone).ok()
}
