//! Marks secret headers as sensitive, so that `Debug` output of headers shows no key. The values are not
//! changed: handlers need their `Authorization`.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;

pub(super) async fn mark(mut request: Request, next: Next) -> Response {
    mark_headers(request.headers_mut());
    next.run(request).await
}

/// The same for a request that was made from an envelope.
pub(crate) fn mark_headers(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if crate::redact::is_secret(name) {
            value.set_sensitive(true);
        }
    }
}
