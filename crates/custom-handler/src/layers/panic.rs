//! A panic becomes an error response; the process and all other invocations continue.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use http::StatusCode;

use crate::response::{self, ErrorAudience, with_trace_info};

const MAX_MESSAGE_CHARS: usize = 500;

/// The message of a panic.
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handler panicked: {}", self.0)
    }
}

/// Runs a future and catches its panic. The application must keep state that is shared with a panicking handler
/// consistent, as with any task that panics.
pub(crate) async fn catch_panic<F: Future>(future: F) -> Result<F::Output, Panicked> {
    AssertUnwindSafe(future)
        .catch_unwind()
        .await
        .map_err(|payload| Panicked(message(&*payload)))
}

/// For the application's routes: the client gets 500 and no details.
pub(crate) async fn catch(request: Request, next: Next) -> Response {
    match catch_panic(next.run(request)).await {
        Ok(response) => response,
        Err(panic) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            let response = response::error(
                ErrorAudience::Client,
                status,
                "The request could not be handled; the log has the reason.",
            );
            with_trace_info(response, |trace| trace.error = Some(panic.to_string()))
        }
    }
}

/// The panic's message, at most 500 characters.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    text.chars().take(MAX_MESSAGE_CHARS).collect()
}
