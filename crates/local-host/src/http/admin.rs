//! The part of the host's admin API that development and tests use: invoking a function by hand.

use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;

use super::listener::{empty, text, unread};
use super::problem::{no_master_key, no_route};
use crate::body::read_all;
use crate::core::SharedCore;
use crate::invocation::InvocationError;
use crate::running::invoke_by_hand;
use functions_project::AuthLevel;

/// `{"input": "<text>"}`; the input of a queue function is its message.
#[derive(Debug, Default, Deserialize)]
struct Order {
    input: Option<String>,
}

/// The path below `/admin`, if it is there.
pub(super) fn below_admin(path: &str) -> Option<&str> {
    let (first, rest) = path.strip_prefix('/')?.split_once('/')?;
    first
        .eq_ignore_ascii_case("admin")
        .then_some(rest.trim_end_matches('/'))
}

pub(super) async fn answer(core: &SharedCore, rest: &str, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if !core.keys.admits(AuthLevel::Admin, request.headers(), query) {
        return no_master_key();
    }
    let parts: Vec<&str> = rest.split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::POST, ["functions", name]) => {
            let name = (*name).to_owned();
            invoke(core, &name, request).await
        }
        (_, ["host", "ping"]) => empty(StatusCode::OK),
        _ => no_route(),
    }
}

async fn invoke(core: &SharedCore, name: &str, request: Request) -> Response {
    let body = match read_all(request.into_body(), core.body_limit).await {
        Ok(body) => body,
        Err(error) => return unread(error, core.body_limit),
    };
    let order = if body.is_empty() {
        Ok(Order::default())
    } else {
        serde_json::from_slice(&body)
    };
    let Ok(order) = order else {
        return text(
            StatusCode::BAD_REQUEST,
            "The body must be a JSON object such as {\"input\":\"text\"}.\n",
        );
    };
    let function = match core.function(name) {
        Ok(function) => function.clone(),
        Err(InvocationError::Disabled(name)) => {
            tracing::info!(function = name, "not invoked by hand: the function is disabled");
            return text(
                StatusCode::CONFLICT,
                format!(
                    "The function {name} is disabled: remove \"disabled\" from {name}/function.json and the setting AzureWebJobs.{name}.Disabled.\n"
                ),
            );
        }
        Err(_) => return empty(StatusCode::NOT_FOUND),
    };
    if matches!(function.trigger, functions_project::Trigger::Http(_)) {
        return text(
            StatusCode::BAD_REQUEST,
            "This is an HTTP function: call its route.\n",
        );
    }
    let core = core.clone();
    tokio::spawn(async move {
        // The invocation logs its own failure; the caller has its 202 already.
        let _: Result<_, InvocationError> =
            invoke_by_hand(&core, &function, order.input.as_deref().unwrap_or_default()).await;
    });
    empty(StatusCode::ACCEPTED)
}
