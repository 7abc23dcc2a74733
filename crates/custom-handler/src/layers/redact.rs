//! Marks secret headers as sensitive, so that even a handler which prints its headers prints no key. The values
//! themselves stay: handlers need their `Authorization`.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

pub(super) async fn mark(mut request: Request, next: Next) -> Response {
    for (name, value) in request.headers_mut().iter_mut() {
        if crate::redact::is_secret(name) {
            value.set_sensitive(true);
        }
    }
    next.run(request).await
}
