//! The host's readiness ping: `GET /` without an invocation id. Any response means ready, so it is sent at
//! once, before the application has started. A public `GET /` has an id and is passed on.

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
