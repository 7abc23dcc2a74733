//! The web page: files embedded in the binary, and the official card renderer if it is available.
//! Nothing is requested from other hosts.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::Sandbox;
use crate::config::Renderer;
use crate::control::ApiError;

/// Cards may show pictures from anywhere; scripts come from here only.
const CONTENT_POLICY: &str = "default-src 'self'; img-src 'self' data: http: https:; media-src http: https:; \
    style-src 'self' 'unsafe-inline'; script-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

fn file(media: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, media),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

pub(crate) async fn html() -> Response {
    let page = file("text/html; charset=utf-8", include_str!("page.html"));
    ([(CONTENT_SECURITY_POLICY, CONTENT_POLICY)], page).into_response()
}

pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("page.css"))
}

pub(crate) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("page.js"))
}

pub(crate) async fn cards() -> Response {
    file("text/javascript; charset=utf-8", include_str!("cards.js"))
}

/// How text is drawn, as a script: a safe Markdown, and readable forms of cards.
pub const TEXT_SCRIPT: &str = include_str!("plain.js");

/// Teams' measures and colours for the official renderer, light and dark, as a script.
pub const LOOK_SCRIPT: &str = include_str!("look.js");

pub(crate) async fn plain() -> Response {
    file("text/javascript; charset=utf-8", TEXT_SCRIPT)
}

pub(crate) async fn look() -> Response {
    file("text/javascript; charset=utf-8", LOOK_SCRIPT)
}

pub(crate) async fn switches() -> Response {
    file("text/javascript; charset=utf-8", include_str!("switches.js"))
}

/// `{"available","hint"}`: polled by the page until the renderer is available.
pub(crate) async fn renderer_state(State(sandbox): State<Sandbox>) -> Json<Value> {
    let available = match &sandbox.inner.renderer {
        Renderer::Absent => false,
        Renderer::File(path) => tokio::fs::metadata(path)
            .await
            .is_ok_and(|meta| meta.is_file() && meta.len() > 0),
    };
    Json(json!({ "available": available, "hint": sandbox.inner.renderer_hint }))
}

/// The renderer's script.
pub(crate) async fn renderer_file(State(sandbox): State<Sandbox>) -> Result<Response, ApiError> {
    let missing = || {
        ApiError::not_found(format!(
            "the card renderer is missing. {}",
            sandbox.inner.renderer_hint
        ))
    };
    let Renderer::File(path) = &sandbox.inner.renderer else {
        return Err(missing());
    };
    let script = tokio::fs::read(path).await.map_err(|_| missing())?;
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, script).into_response())
}
