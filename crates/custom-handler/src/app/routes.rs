//! Builds one axum router of the application's HTTP routes, validated first: axum panics on an invalid pattern.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::path_spelling::Spellings;
use super::wiring::WiringError;
use crate::response::with_trace_info;

/// The HTTP routes of an application.
pub(super) struct Routes {
    pub(super) router: Router,
    /// For the paths given to `App::http`, not those of whole routers.
    pub(super) spellings: Spellings,
}

pub(super) fn build(
    routes: Vec<(String, MethodRouter)>,
    routers: Vec<Router>,
) -> Result<Routes, WiringError> {
    let mut spellings = Spellings::default();
    let mut all = Router::new();
    for (path, methods) in routes {
        check(&mut spellings, &path).map_err(|reason| WiringError::Route {
            route: path.clone(),
            reason,
        })?;
        all = all.route(&path, methods);
    }
    for router in routers {
        all = all.merge(router);
    }
    let router = all
        .layer(from_fn(crate::layers::panic::catch))
        .layer(from_fn(note_route));
    Ok(Routes { router, spellings })
}

fn check(spellings: &mut Spellings, path: &str) -> Result<(), String> {
    if !path.starts_with('/') {
        return Err("it must start with `/`, and include the route prefix: `/api/…`".to_owned());
    }
    if let Some(old) = path.split('/').find(|s| s.starts_with(':') || s.starts_with('*')) {
        return Err(format!(
            "write `{{{}}}` in place of `{old}`",
            old.trim_start_matches(':')
        ));
    }
    spellings.add(path).map_err(|error| match error {
        matchit::InsertError::Conflict { with } if with == path => {
            "it is registered twice; put all its methods into one `.http` call".to_owned()
        }
        other => other.to_string(),
    })
}

/// Passes the route's pattern to the trace layer; unlike the path, it holds no personal data.
async fn note_route(request: Request, next: Next) -> Response {
    let matched = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let own = response.extensions().get::<RouteName>();
    let route = own.map(|name| name.0.clone()).or(matched);
    with_trace_info(response, |trace| trace.route = route)
}

/// An extension of a response: what the log calls its route, where the application matches paths by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteName(pub String);
