//! The host's readiness ping: `GET /` without an invocation id. Any answer means ready, so it is given at once,
//! before the application has started, and it is never user traffic. A public `GET /` carries an id and passes.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::Method;

use crate::invocation::InvocationId;

pub(super) async fn answer(request: Request, next: Next) -> Response {
    let ping = request.method() == Method::GET
        && request.uri().path() == "/"
        && !InvocationId::is_present(request.headers());
    if ping {
        "listening\n".into_response()
    } else {
        next.run(request).await
    }
}
