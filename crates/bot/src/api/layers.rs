//! What all routers of the API have in common: the spelling of paths, bodies read to their end whatever becomes of the
//! call, `OPTIONS`, `405` with `Allow`, and answers that nobody keeps.

use super::{
    Problem,
    path::{answer, canonical, set_path},
    suggestion,
};
use crate::incoming::whole;
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Puts what is common around routes with relative paths.
pub(super) fn around(routes: Router) -> Router {
    let routes = routes.fallback(async || nowhere());
    Router::new().fallback(move |request: Request| serve(routes.clone(), request))
}

async fn serve(routes: Router, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match whole(body).await {
        Ok(body) => body,
        Err(problem) => return private(problem.into_response()),
    };
    let Some(path) = canonical(parts.uri.path()) else {
        return private(nowhere().into_response());
    };
    let method = parts.method.clone();
    let mut request = Request::from_parts(parts, Body::from(body));
    set_path(&mut request, &path);
    let mut response = answer(routes, request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = not_allowed(&method, &response);
    }
    private(response)
}

pub(crate) fn nowhere() -> Problem {
    Problem::not_found("there is nothing by this path; openapi.json describes what there is")
}

/// The answer to a method that the path doesn't have; to `OPTIONS`, which every path has, what it has.
fn not_allowed(method: &Method, response: &Response) -> Response {
    let listed = response.headers().get(header::ALLOW);
    let listed = listed.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut methods: Vec<&str> = listed.split(',').filter(|method| !method.is_empty()).collect();
    methods.push("OPTIONS");
    let mut answer = match *method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => Problem::method(format!("this path takes {}", suggestion::all_of(&methods))).into_response(),
    };
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// What is answered here changes, or is about people.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
