//! Events, faults, limits and scripts: what the page's buttons and tests do.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Problem;
use crate::Sandbox;
use crate::events::{Happening, Report};
use crate::faults::{FaultPlan, Scripted};
use crate::limits::LimitTable;

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("the body does not fit: {error}")))
}

/// `POST /sandbox/conversations/{id}/{event}`: the body has the event's fields, and optionally `person`.
pub(crate) async fn event(
    State(sandbox): State<Sandbox>,
    Path((id, event)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Report>, Problem> {
    let mut fields: Map<String, Value> = if body.trim_ascii().is_empty() {
        Map::new()
    } else {
        read(&body)?
    };
    let person = match fields.remove("person") {
        None | Some(Value::Null) => None,
        Some(Value::String(person)) => Some(person),
        Some(_) => return Err(Problem::bad_request("person must be a text: any id of a person")),
    };
    fields.insert("event".to_owned(), event.into());
    let happening: Happening = serde_json::from_value(Value::Object(fields))
        .map_err(|error| Problem::bad_request(format!("no such event, or its fields do not fit: {error}")))?;
    Ok(Json(sandbox.happen(&id, person.as_deref(), &happening).await?))
}

/// `PUT /sandbox/limits`: a whole table, or the text `"teams"` or `"lifted"`.
pub(crate) async fn limits(State(sandbox): State<Sandbox>, body: Bytes) -> Result<Json<LimitTable>, Problem> {
    let table = match read::<Value>(&body)? {
        Value::String(name) if name == "teams" => LimitTable::teams(),
        Value::String(name) if name == "lifted" => LimitTable::lifted(),
        Value::String(_) => return Err(Problem::bad_request("a name must be \"teams\" or \"lifted\"")),
        _ => read(&body)?,
    };
    sandbox.set_limits(table.clone());
    Ok(Json(table))
}

/// `PUT /sandbox/faults`: what is left out has its default.
pub(crate) async fn faults(State(sandbox): State<Sandbox>, body: Bytes) -> Result<Json<FaultPlan>, Problem> {
    let plan: FaultPlan = read(&body)?;
    sandbox
        .set_faults(plan.clone())
        .map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(Json(plan))
}

/// `POST /sandbox/conversations/{id}/script`: a list of scripted answers.
pub(crate) async fn script(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    sandbox.script(Some(&id), read::<Vec<Scripted>>(&body)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /sandbox/script`: the same for the next requests to anything.
pub(crate) async fn script_any(State(sandbox): State<Sandbox>, body: Bytes) -> Result<StatusCode, Problem> {
    sandbox.script(None, read::<Vec<Scripted>>(&body)?)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn clear_scripts(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.clear_scripts();
    StatusCode::NO_CONTENT
}

/// `POST /sandbox/announce`: tells the bot of the installations that it was not told of yet.
pub(crate) async fn announce(State(sandbox): State<Sandbox>) -> Json<Value> {
    let announcement = sandbox.announce_installed().await;
    Json(json!({ "announced": announcement.announced, "failed": announcement.failed }))
}

pub(crate) async fn reset(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.reset_figures();
    StatusCode::NO_CONTENT
}
