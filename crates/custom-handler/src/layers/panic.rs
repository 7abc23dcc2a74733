//! A panic becomes an error answer; the process and every other invocation go on.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use http::StatusCode;

use crate::answer::{self, Reader, tell};

const LONGEST: usize = 500;

/// What a panic said.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handler panicked: {}", self.0)
    }
}

/// Runs a future to its end or its panic. State shared with a panicking handler is the application's to keep
/// sound, as with any task that panics.
pub(crate) async fn guarded<F: Future>(future: F) -> Result<F::Output, Panicked> {
    AssertUnwindSafe(future)
        .catch_unwind()
        .await
        .map_err(|payload| Panicked(message(&*payload)))
}

/// For the application's routes: the client gets 500 and no details.
pub(crate) async fn catch(request: Request, next: Next) -> Response {
    match guarded(next.run(request)).await {
        Ok(response) => response,
        Err(panic) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            let response = answer::error(
                Reader::Client,
                status,
                "The request could not be handled; the log has the reason.",
            );
            tell(response, |told| told.error = Some(panic.to_string()))
        }
    }
}

/// The panic's text, at most 500 characters of it.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    text.chars().take(LONGEST).collect()
}
