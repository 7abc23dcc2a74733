//! Control API: the list of switches, and switching them on and off.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};

use super::ApiError;
use super::change::read;
use crate::Sandbox;
use crate::switches::SwitchesView;

/// `GET /sandbox/switches`: `{"switches","on","scopes"}`.
pub(crate) async fn list(State(sandbox): State<Sandbox>) -> Json<SwitchesView> {
    Json(sandbox.switches_view())
}

/// `POST /sandbox/switches/{name}`: the body has the scope and the parameters, or is empty.
pub(crate) async fn on(
    State(sandbox): State<Sandbox>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let settings = match body.trim_ascii() {
        [] => Value::Null,
        body => read(body)?,
    };
    let id = sandbox.switch_on(&name, settings)?;
    Ok(Json(json!(sandbox.switched_on(id))))
}

/// `DELETE /sandbox/switches/{name}`: for everybody that it is on for.
pub(crate) async fn off(
    State(sandbox): State<Sandbox>,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    sandbox.switch_off(&name, None)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /sandbox/switches/{name}/{id}`: only what is on with this number.
pub(crate) async fn one_off(
    State(sandbox): State<Sandbox>,
    Path((name, id)): Path<(String, u64)>,
) -> Result<StatusCode, ApiError> {
    sandbox.switch_off(&name, Some(id))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /sandbox/switches`
pub(crate) async fn all_off(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.switch_all_off();
    StatusCode::NO_CONTENT
}
