//! The operations of the API for its description: what each takes, what it answers and when.

use super::super::list;
use serde_json::{Map, Value, json};

/// `application/problem+json` with this status, as an answer by its name in `components`.
fn problem(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// The answers of an operation with those that every operation may give.
fn answers(own: Value) -> Value {
    let mut answers = Map::new();
    answers.insert("400".to_owned(), problem("BadRequest"));
    answers.insert("401".to_owned(), problem("Unauthorized"));
    answers.insert("405".to_owned(), problem("MethodNotAllowed"));
    answers.insert("408".to_owned(), problem("RequestTimeout"));
    answers.insert("413".to_owned(), problem("TooLarge"));
    answers.insert("414".to_owned(), problem("QueryTooLong"));
    answers.insert("500".to_owned(), problem("ServerError"));
    answers.insert("503".to_owned(), problem("Unavailable"));
    if let Value::Object(own) = own {
        answers.extend(own);
    }
    answers.sort_keys();
    Value::Object(answers)
}

fn accepted(description: &str) -> Value {
    json!({
        "description": description,
        "headers": { "Location": { "$ref": "#/components/headers/Location" } },
        "content": { "application/json": {
            "schema": schema("AcceptedAnswer"),
            "example": {
                "id": "0d0f2f0a-54be-84ba-9a8e-0a5d3c0f6b77", "state": "queued", "total": 0, "planned": false,
                "links": {
                    "self": "/api/notification/0d0f2f0a-54be-84ba-9a8e-0a5d3c0f6b77",
                    "report": "/api/notification/0d0f2f0a-54be-84ba-9a8e-0a5d3c0f6b77/report",
                },
            },
        } },
    })
}

fn state_changed(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/json": { "schema": schema("AcceptedAnswer") } },
    })
}

/// `/`
pub(super) fn collection() -> Value {
    json!({
        "get": {
            "operationId": "listNotifications",
            "tags": ["notifications"],
            "summary": "List notifications, newest first",
            "description": "Unfinished ones are in it, also those whose recipients are not planned yet.",
            "parameters": [
                {
                    "name": "state", "in": "query",
                    "description": "Only notifications in this state.",
                    "schema": { "type": "string", "enum": list::STATES.map(|(name, _)| name) },
                },
                {
                    "name": "since", "in": "query",
                    "description": "Only notifications accepted then or later.",
                    "schema": { "type": "string", "format": "date-time" },
                    "example": "2026-11-25T10:00:00Z",
                },
                {
                    "name": "limit", "in": "query",
                    "description": "Most notifications on a page.",
                    "schema": { "type": "integer", "minimum": 1, "maximum": list::MOST, "default": list::USUAL },
                },
                {
                    "name": "after", "in": "query",
                    "description": "The `next` of the page before, taken as it is.",
                    "schema": { "type": "string", "pattern": "^[0-9]{15}-[0-9A-Fa-f-]{36}$" },
                },
            ],
            "responses": answers(json!({
                "200": {
                    "description": "A page of notifications.",
                    "content": { "application/json": { "schema": schema("ListAnswer") } },
                },
            })),
        },
        "post": {
            "operationId": "sendNotification",
            "tags": ["notifications"],
            "summary": "Send a notification",
            "description": "Once it is accepted it can't be lost. A small audience may be served before the answer. \
                What a body means is up to the bot (`src/triggers.rs`); this is what it means as shipped. The body is \
                read as JSON whatever its content type says.",
            "parameters": [parameter("IdempotencyKey")],
            "requestBody": {
                "required": false,
                "content": { "application/json": {
                    "schema": schema("NotificationRequest"),
                    "examples": {
                        "default": {
                            "summary": "The default card to every installation",
                            "value": {},
                        },
                        "alert": {
                            "summary": "A card to one person and a team",
                            "value": {
                                "card": "alert", "data": { "title": "Disk is full" }, "alert": true,
                                "audience": {
                                    "users": ["7f1b6d0c-2f6e-4bb1-9a40-1d8f7a9f0c11"],
                                    "teams": ["19:0b1c@thread.tacv2"],
                                },
                                "priority": "urgent",
                            },
                        },
                        "text": {
                            "summary": "A text to all personal chats",
                            "value": { "text": "Maintenance tonight", "audience": { "scopes": ["personal"] } },
                        },
                    },
                } },
            },
            "responses": answers(json!({
                "202": accepted("Accepted; or accepted before, by the same key and body."),
                "409": problem("Conflict"),
            })),
        },
    })
}

/// `/{id}`
pub(super) fn one() -> Value {
    json!({
        "parameters": [parameter("Id")],
        "get": {
            "operationId": "getNotification",
            "tags": ["notifications"],
            "summary": "Where a notification stands",
            "responses": answers(json!({
                "200": {
                    "description": "Its status.",
                    "content": { "application/json": { "schema": schema("StatusAnswer") } },
                },
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
        "put": {
            "operationId": "updateNotification",
            "tags": ["notifications"],
            "summary": "Replace the messages of a finished notification",
            "description": "Makes a notification of its own, of kind `update`.",
            "parameters": [parameter("IdempotencyKey")],
            "requestBody": {
                "required": true,
                "content": { "application/json": {
                    "schema": schema("ReplacementRequest"),
                    "example": { "text": "Maintenance is over" },
                } },
            },
            "responses": answers(json!({
                "202": accepted("Accepted; or accepted before, by the same key and body."),
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
        "delete": {
            "operationId": "recallNotification",
            "tags": ["notifications"],
            "summary": "Delete the messages of a notification",
            "description": "Makes a notification of its own, of kind `delete`.",
            "parameters": [parameter("IdempotencyKey")],
            "responses": answers(json!({
                "202": accepted("Accepted; or accepted before, by the same key."),
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
    })
}

/// `/{id}/report`
pub(super) fn report() -> Value {
    json!({
        "parameters": [parameter("Id")],
        "get": {
            "operationId": "getReport",
            "tags": ["notifications"],
            "summary": "What became of each recipient",
            "description": "A line a recipient: JSON, or CSV where `Accept` prefers `text/csv`. A report that breaks off \
                ends its connection, so that half a report is not taken for a whole one.",
            "responses": answers(json!({
                "200": {
                    "description": "The report.",
                    "content": {
                        "application/x-ndjson": {
                            "schema": {
                                "type": "string",
                                "description": "Each line is an object of the content schema.",
                                "contentMediaType": "application/json",
                                "contentSchema": schema("ReportLine"),
                            },
                        },
                        "text/csv": {
                            "schema": { "type": "string" },
                            "example": "n,tenant,conversationId,scope,outcome,activityId,attempts,status,code,at,reason\r\n",
                        },
                    },
                },
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
    })
}

/// `/{id}/cancel`
pub(super) fn cancel() -> Value {
    json!({
        "parameters": [parameter("Id")],
        "post": {
            "operationId": "cancelNotification",
            "tags": ["notifications"],
            "summary": "Post nothing more of a notification",
            "responses": answers(json!({
                "202": state_changed("Cancelled. Posts under way get their outcomes first."),
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
    })
}

/// `/{id}/pause`
pub(super) fn pause() -> Value {
    json!({
        "parameters": [parameter("Id")],
        "post": {
            "operationId": "pauseNotification",
            "tags": ["notifications"],
            "summary": "Have a notification stand still",
            "description": "It is `stopped`, reason `paused`, until it is resumed, and expires all the same. Within five \
                seconds nothing more of it is posted. Pausing twice does no harm.",
            "responses": answers(json!({
                "202": state_changed("Paused."),
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
    })
}

/// `/{id}/resume`
pub(super) fn resume() -> Value {
    json!({
        "parameters": [parameter("Id")],
        "post": {
            "operationId": "resumeNotification",
            "tags": ["notifications"],
            "summary": "Let a stopped notification go on",
            "responses": answers(json!({
                "202": state_changed("It goes on."),
                "404": problem("NotFound"),
                "409": problem("Conflict"),
            })),
        },
    })
}

/// The description itself.
pub(super) fn openapi() -> Value {
    json!({
        "get": {
            "operationId": "getDescription",
            "tags": ["service"],
            "summary": "This description",
            "parameters": [{
                "name": "If-None-Match", "in": "header",
                "description": "The `ETag` of a copy that the caller has.",
                "schema": { "type": "string" },
            }],
            "responses": answers(json!({
                "200": {
                    "description": "OpenAPI 3.1.",
                    "headers": { "ETag": { "$ref": "#/components/headers/ETag" } },
                    "content": { "application/json": { "schema": {
                        "type": "object", "required": ["openapi", "info", "paths"],
                    } } },
                },
                "304": {
                    "description": "The caller's copy is still right.",
                    "headers": { "ETag": { "$ref": "#/components/headers/ETag" } },
                },
            })),
        },
    })
}

/// The health check.
pub(super) fn health() -> Value {
    let mut get = json!({
        "operationId": "getHealth",
        "tags": ["service"],
        "summary": "Whether the bot's stores answer",
        "description": "Anonymous and without details. An answer is kept for ten seconds.",
        "security": [],
        "responses": answers(json!({
            "200": {
                "description": "They answer.",
                "content": { "application/json": { "schema": schema("HealthAnswer"), "example": { "status": "ok" } } },
            },
            "503": {
                "description": "They don't, or not within two seconds; a problem while the bot starts.",
                "content": {
                    "application/json": { "schema": schema("HealthAnswer"), "example": { "status": "unavailable" } },
                    "application/problem+json": { "schema": schema("Problem") },
                },
            },
        })),
    });
    if let Some(responses) = get["responses"].as_object_mut() {
        responses.remove("401");
    }
    json!({ "get": get })
}

/// Error answers by name.
pub(super) fn responses() -> Value {
    let problem = |description: &str, example: Value| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": schema("Problem"), "example": example } },
        })
    };
    let mut not_allowed = problem(
        "The path doesn't take this method.",
        json!({ "title": "Method not allowed", "status": 405, "detail": "this path takes POST and OPTIONS" }),
    );
    not_allowed["headers"] = json!({ "Allow": { "$ref": "#/components/headers/Allow" } });
    let mut unavailable = problem(
        "Nothing was accepted; try again.",
        json!({ "title": "Try again", "status": 503, "detail": "the store can't be reached; try again" }),
    );
    unavailable["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/RetryAfter" } });
    json!({
        "BadRequest": problem(
            "Something in the body (`pointer` says where), a query parameter (`parameter` names it) or a header can't be \
             meant.",
            json!({
                "title": "Bad request body", "status": 400, "pointer": "/audiance",
                "detail": "there is no property by this name; did you mean \"audience\"?",
            }),
        ),
        "Unauthorized": problem(
            "No function key, or not the right one. Azure's own Functions host answers without a body.",
            json!({
                "title": "Unauthorized", "status": 401,
                "detail": "this call needs the right function key: send it in the header x-functions-key, or as the query parameter code",
            }),
        ),
        "NotFound": problem(
            "There is no notification by this id.",
            json!({ "title": "Not found", "status": 404, "detail": "there is no notification by this id" }),
        ),
        "MethodNotAllowed": not_allowed,
        "RequestTimeout": problem(
            "The body came too slowly, or not to its end.",
            json!({ "title": "Request timeout", "status": 408, "detail": "the body was sent too slowly, or not to its end" }),
        ),
        "Conflict": problem(
            "The notification's state doesn't allow it; or the idempotency key was used for another request.",
            json!({
                "title": "Conflict", "status": 409,
                "detail": "only a stopped notification can be resumed, and this one is not stopped",
            }),
        ),
        "TooLarge": problem(
            "The body, or the message that it makes, is too large.",
            json!({
                "title": "Too large", "status": 413, "pointer": "/data",
                "detail": "the message has 120000 bytes, Teams takes at most 100000",
            }),
        ),
        "QueryTooLong": problem(
            "The query string is too long.",
            json!({ "title": "URI Too Long", "status": 414, "detail": "at most 8192 bytes are accepted" }),
        ),
        "ServerError": problem(
            "Nothing that the caller could mend.",
            json!({ "title": "Server error", "status": 500, "detail": "the bot's default card can't be used; nothing was sent" }),
        ),
        "Unavailable": unavailable,
    })
}

/// Parameters by name.
pub(super) fn parameters() -> Value {
    json!({
        "Id": {
            "name": "id", "in": "path", "required": true,
            "description": "The notification's id, in any case.",
            "schema": { "type": "string", "format": "uuid" },
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header",
            "description": "Makes a repeated call the same call: the same key and body are accepted once. Visible ASCII \
                characters.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$" },
            "example": "deploy-4711",
        },
    })
}

/// Headers of answers by name.
pub(super) fn headers() -> Value {
    json!({
        "Location": { "description": "Where its status is.", "schema": { "type": "string" } },
        "Allow": { "description": "The methods that the path takes.", "schema": { "type": "string" } },
        "RetryAfter": { "description": "Seconds.", "schema": { "type": "integer" } },
        "ETag": { "description": "Version of the description.", "schema": { "type": "string" } },
    })
}
