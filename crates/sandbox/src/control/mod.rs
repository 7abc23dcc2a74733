//! The control API below `/sandbox`, and the router of the whole sandbox. Reads in `read`, changes in `change`,
//! reported trouble in `switches`, the live stream in `stream`.

mod change;
mod problem;
mod read;
mod stream;
mod switches;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware;
use axum::routing::{any, delete, get, post};

pub(crate) use problem::ApiError;
pub(crate) use read::{MAX_SHOWN, visible};

use crate::Sandbox;
use crate::connector::http;
use crate::page;

/// Largest body of the control API.
const BODY_LIMIT: usize = 1 << 20;

pub(crate) fn router(sandbox: Sandbox) -> Router {
    let control = Router::new()
        .route("/world", get(read::world))
        .route("/people", get(read::people))
        .route("/conversations", get(read::conversations))
        .route("/conversations/{id}", get(read::conversation))
        .route("/conversations/{id}/messages", get(read::messages))
        .route("/conversations/{id}/script", post(change::script))
        .route("/conversations/{id}/{event}", post(change::event))
        .route("/counts", get(read::counts))
        .route("/stats", get(read::stats))
        .route("/limits", get(read::limits).put(change::limits))
        .route("/faults", get(read::faults).put(change::faults))
        .route("/script", post(change::script_any).delete(change::clear_scripts))
        .route("/switches", get(switches::list).delete(switches::all_off))
        .route("/switches/{name}", post(switches::on).delete(switches::off))
        .route("/switches/{name}/{id}", delete(switches::one_off))
        .route("/announce", post(change::announce))
        .route("/reset", post(change::reset))
        .route("/live", get(stream::live))
        .route("/renderer", get(page::renderer_state))
        .route("/adaptivecards.js", get(page::renderer_file))
        .route("/page.css", get(page::style))
        .route("/page.js", get(page::script))
        .route("/cards.js", get(page::cards))
        .route("/plain.js", get(page::plain))
        .route("/look.js", get(page::look))
        .route("/switches.js", get(page::switches))
        .fallback(|| async { ApiError::not_found("no such resource; start with GET /sandbox/world") })
        .method_not_allowed_fallback(|| async { ApiError::wrong_method() })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(problem::same_origin));
    Router::new()
        .route("/", get(page::html))
        .nest("/sandbox", control)
        .route("/_connector/{*rest}", any(connector))
        .with_state(sandbox)
}

async fn connector(State(sandbox): State<Sandbox>, request: Request) -> axum::response::Response {
    http::serve(
        sandbox.inner.connector.clone(),
        sandbox.inner.clock.clone(),
        request,
    )
    .await
}
