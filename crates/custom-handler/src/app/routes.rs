//! The application's HTTP routes as one axum router, checked first: axum answers a bad pattern with a panic.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::spelling::Spellings;
use super::wiring::WiringError;
use crate::answer::tell;

/// What serves HTTP.
pub(super) struct Routes {
    pub(super) router: Router,
    /// Of the paths given to `App::http`; those of whole routers are their own.
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
        return Err("it must start with `/`, and hold the route prefix: `/api/…`".to_owned());
    }
    if let Some(old) = path.split('/').find(|s| s.starts_with(':') || s.starts_with('*')) {
        return Err(format!(
            "write `{{{}}}` in place of `{old}`",
            old.trim_start_matches(':')
        ));
    }
    spellings.add(path).map_err(|error| match error {
        matchit::InsertError::Conflict { with } if with == path => {
            "it is there twice; put all its methods into one `.http` call".to_owned()
        }
        other => other.to_string(),
    })
}

/// Tells the trace layer the route's pattern, which names no one, in place of the path, which may.
async fn note_route(request: Request, next: Next) -> Response {
    let matched = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let own = response.extensions().get::<RouteName>();
    let route = own.map(|name| name.0.clone()).or(matched);
    tell(response, |told| told.route = route)
}

/// An extension of a response: what the log calls its route, where the application matches paths by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteName(pub String);
