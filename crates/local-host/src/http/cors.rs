//! CORS as `func start --cors` plays it: preflights are answered here and never reach the handler.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use functions_project::{Cors, Credentials};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

pub(super) async fn apply(State(cors): State<Cors>, request: Request, next: Next) -> Response {
    let asked = request.headers().clone();
    let preflight = request.method() == Method::OPTIONS
        && asked.contains_key(header::ORIGIN)
        && asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if !allow_origin(&cors, &asked, headers) || !preflight {
        return response;
    }
    for (question, answer) in [
        (
            header::ACCESS_CONTROL_REQUEST_METHOD,
            header::ACCESS_CONTROL_ALLOW_METHODS,
        ),
        (
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
        ),
    ] {
        if let Some(value) = asked.get(question) {
            headers.insert(answer, value.clone());
        }
    }
    response
}

/// Whether the request's origin may read the answer; says so in the headers.
fn allow_origin(cors: &Cors, asked: &HeaderMap, headers: &mut HeaderMap) -> bool {
    let Some(origin) = asked.get(header::ORIGIN) else {
        return false;
    };
    match cors {
        Cors::AnyOrigin => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            true
        }
        Cors::Origins { origins, credentials } => {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
            let known = |known: &String| known.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
            if !origins.iter().any(known) {
                return false;
            }
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            if *credentials == Credentials::Allowed {
                let yes = HeaderValue::from_static("true");
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
            }
            true
        }
    }
}
