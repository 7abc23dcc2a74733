//! Control API: events, faults, limits and scripts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::ApiError;
use crate::Sandbox;
use crate::events::{EventReport, TeamsEvent};
use crate::faults::{FaultPlan, ScriptedResponse};
use crate::limits::LimitTable;

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body is invalid: {error}")))
}

/// `POST /sandbox/conversations/{id}/{event}`: the body has the event's fields, and optionally `person`.
pub(crate) async fn event(
    State(sandbox): State<Sandbox>,
    Path((id, event)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<EventReport>, ApiError> {
    let mut fields: Map<String, Value> = if body.trim_ascii().is_empty() {
        Map::new()
    } else {
        read(&body)?
    };
    let person = match fields.remove("person") {
        None | Some(Value::Null) => None,
        Some(Value::String(person)) => Some(person),
        Some(_) => {
            return Err(ApiError::bad_request(
                "person must be a string: any id of a person",
            ));
        }
    };
    fields.insert("event".to_owned(), event.into());
    let teams_event: TeamsEvent = serde_json::from_value(Value::Object(fields)).map_err(|error| {
        ApiError::bad_request(format!("no such event, or its fields are invalid: {error}"))
    })?;
    Ok(Json(sandbox.raise(&id, person.as_deref(), &teams_event).await?))
}

/// `PUT /sandbox/limits`: a whole table, or the name of one.
pub(crate) async fn limits(
    State(sandbox): State<Sandbox>,
    body: Bytes,
) -> Result<Json<LimitTable>, ApiError> {
    let table = match read::<Value>(&body)? {
        Value::String(name) => LimitTable::named(&name).ok_or_else(|| {
            ApiError::bad_request(
                "a name must be teams, slidingSecond, fixedSecond, tokenBucket50, tokenBucket10 or lifted",
            )
        })?,
        _ => read(&body)?,
    };
    sandbox.set_limits(table.clone());
    Ok(Json(table))
}

/// `PUT /sandbox/faults`: omitted fields have their defaults.
pub(crate) async fn faults(State(sandbox): State<Sandbox>, body: Bytes) -> Result<Json<FaultPlan>, ApiError> {
    let plan: FaultPlan = read(&body)?;
    sandbox
        .set_faults(plan.clone())
        .map_err(|error| ApiError::bad_request(error.to_string()))?;
    Ok(Json(plan))
}

/// `POST /sandbox/conversations/{id}/script`: an array of scripted responses.
pub(crate) async fn script(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    sandbox.script(Some(&id), read::<Vec<ScriptedResponse>>(&body)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /sandbox/script`: the same for the next requests to any conversation.
pub(crate) async fn script_any(State(sandbox): State<Sandbox>, body: Bytes) -> Result<StatusCode, ApiError> {
    sandbox.script(None, read::<Vec<ScriptedResponse>>(&body)?)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn clear_scripts(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.clear_scripts();
    StatusCode::NO_CONTENT
}

/// `POST /sandbox/announce`: announces the installations that were not announced yet.
pub(crate) async fn announce(State(sandbox): State<Sandbox>) -> Json<Value> {
    let announcement = sandbox.announce_installed().await;
    Json(json!({ "announced": announcement.announced, "failed": announcement.failed }))
}

pub(crate) async fn reset(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.reset_counters();
    StatusCode::NO_CONTENT
}
