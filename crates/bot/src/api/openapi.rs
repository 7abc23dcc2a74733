//! `GET /api/openapi.json`: the API described as OpenAPI 3.1. Schemas come from the types that are read and answered; the
//! operations are in `operations`. A black-box test holds it against running answers.

mod operations;

use super::{
    Problem, PublicPath,
    answers::{AcceptedAnswer, ListAnswer, StatusAnswer},
    body::{NotificationRequest, ReplacementRequest},
    health::HealthAnswer,
    layers,
    query::NoParameters,
    report::ReportLine,
};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use notify::identity::Fingerprint;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Where the functions of the API are served.
#[derive(Clone, Debug)]
pub(crate) struct PublicPaths {
    /// The notification API.
    pub(crate) notification: PublicPath,
    /// Its description.
    pub(crate) openapi: PublicPath,
    /// The health check.
    pub(crate) health: PublicPath,
}

/// The one route, relative to where it is mounted.
pub(crate) fn router(paths: &PublicPaths) -> Router {
    let document = Arc::new(Served::of(&document(paths)));
    let answer = move |_: NoParameters, headers: HeaderMap| {
        let document = Arc::clone(&document);
        async move { document.answer(&headers) }
    };
    layers::around(Router::new().route("/", get(answer)))
}

/// The document as it goes out.
struct Served {
    body: Bytes,
    etag: HeaderValue,
}

impl Served {
    fn of(document: &Value) -> Self {
        let digest = serde_json::to_value(Fingerprint::of(document)).unwrap_or_default();
        let digest = format!("\"{}\"", digest.as_str().unwrap_or_default());
        Self {
            body: document.to_string().into(),
            etag: HeaderValue::from_str(&digest).unwrap_or(HeaderValue::from_static("\"\"")),
        }
    }

    /// The document, or that the caller has it (RFC 9110, section 13.1.2).
    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag.as_bytes() == self.etag.as_bytes());
        let mut response = match known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.body.clone().into_response(),
        };
        let headers = response.headers_mut();
        if known {
            headers.remove(header::CONTENT_TYPE);
        } else {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

/// The whole document.
fn document(paths: &PublicPaths) -> Value {
    let notification = &paths.notification;
    let mut all = Map::new();
    all.insert(notification.to_string(), operations::collection());
    all.insert(format!("{notification}/{{id}}"), operations::one());
    all.insert(format!("{notification}/{{id}}/report"), operations::report());
    all.insert(format!("{notification}/{{id}}/cancel"), operations::cancel());
    all.insert(format!("{notification}/{{id}}/pause"), operations::pause());
    all.insert(format!("{notification}/{{id}}/resume"), operations::resume());
    all.insert(paths.openapi.to_string(), operations::openapi());
    all.insert(paths.health.to_string(), operations::health());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "teams-notify",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sends notifications to Microsoft Teams and tells what became of them.\n\n\
                Errors are `application/problem+json` (RFC 9457). Unknown properties and unknown query parameters are \
                errors. Every path also takes `HEAD` where it takes `GET`, and `OPTIONS`; `405` names in `Allow` what a \
                path takes. Paths are matched in any case.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "functionKey": [] }, { "functionKeyInQuery": [] }],
        "tags": [
            { "name": "notifications", "description": "Sending, and what became of it." },
            { "name": "service", "description": "About the service itself." },
        ],
        "paths": all,
        "components": {
            "schemas": schemas(),
            "responses": operations::responses(),
            "parameters": operations::parameters(),
            "headers": operations::headers(),
            "securitySchemes": {
                "functionKey": {
                    "type": "apiKey", "in": "header", "name": "x-functions-key",
                    "description": "A key of the function or of the host. With `handler serve` and `handler dev` it is \
                        `NOTIFICATION_LOCAL_KEY`.",
                },
                "functionKeyInQuery": {
                    "type": "apiKey", "in": "query", "name": "code",
                    "description": "The same key, for callers that can't set a header. Addresses are logged on the \
                        way: prefer the header.",
                },
            },
        },
    })
}

/// The schemas of bodies and answers, by the names of their types.
fn schemas() -> Map<String, Value> {
    let settings = || {
        SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
    };
    let mut read: SchemaGenerator = settings().for_deserialize().into_generator();
    read.subschema_for::<NotificationRequest>();
    read.subschema_for::<ReplacementRequest>();
    let mut answered: SchemaGenerator = settings().for_serialize().into_generator();
    answered.subschema_for::<AcceptedAnswer>();
    answered.subschema_for::<StatusAnswer>();
    answered.subschema_for::<ListAnswer>();
    answered.subschema_for::<ReportLine<'_>>();
    answered.subschema_for::<HealthAnswer>();
    answered.subschema_for::<Problem>();
    let mut schemas = read.take_definitions(true);
    schemas.extend(answered.take_definitions(true));
    schemas
}
