//! The middleware of every request, one concern per file, outermost first: ping, correlation, secrets, log line.
//! Panics are caught closer to the application's code, where its route is still known.

mod invocation;
pub(crate) mod panic;
mod ping;
pub(crate) mod redact;
mod trace;

use axum::Router;
use axum::middleware::from_fn;

pub(crate) use invocation::current as current_invocation;

use crate::starting::StartGate;

/// The router that the host connects to.
pub(crate) fn front(gate: StartGate) -> Router {
    Router::new()
        .fallback(crate::app::dispatch)
        .with_state(gate)
        .layer(from_fn(trace::one_line))
        .layer(from_fn(redact::mark))
        .layer(from_fn(invocation::correlate))
        .layer(from_fn(ping::answer))
}
