//! Which call does what: paths and methods below `/api/notification`.

use super::{
    Call, Problem,
    body::{blamed, parse_replacement},
    report, status,
};
use crate::{bot::NotificationBot, send::SendError};
use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use notify::{
    accept::Accepted,
    content::{ActionFacts, Alert, Composer, Form, MessageSpec, NotificationFacts},
    identity::Fingerprint,
    ids::NotificationId,
    request::{NotificationKind, OnUncertain, Priority, Request as Asked},
};
use percent_encoding::percent_decode_str;
use serde_json::json;

/// What a path below the API names.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Collection,
    One(NotificationId),
    Part(NotificationId, String),
    Nowhere,
}

/// Reads a path as the host matches one: a slash at the end says nothing, an empty segment matches nothing, what is
/// literal may be written in any case. So may an id, which is a GUID.
fn place(path: &str) -> Place {
    let below = path.strip_suffix('/').unwrap_or(path);
    let Some(below) = below.strip_prefix('/') else {
        return Place::Collection;
    };
    let segment = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().ok()?;
        (!text.is_empty()).then(|| text.to_ascii_lowercase())
    };
    let segments: Option<Vec<String>> = below.split('/').map(segment).collect();
    match segments.as_deref() {
        Some([id]) => Place::One(NotificationId::from(id.as_str())),
        Some([id, part]) => Place::Part(NotificationId::from(id.as_str()), part.clone()),
        _ => Place::Nowhere,
    }
}

/// The API's routes.
pub(crate) fn router(bot: NotificationBot, _base: &str) -> axum::Router {
    axum::Router::new().fallback(move |request: Request| answer(bot.clone(), request))
}

/// Answers one call of the API.
async fn answer(bot: NotificationBot, request: Request) -> Response {
    let place = place(request.uri().path());
    let result = match Call::read(request).await {
        Ok(call) => route(&bot, place, call).await,
        Err(problem) => Err(problem),
    };
    result.unwrap_or_else(IntoResponse::into_response)
}

async fn route(bot: &NotificationBot, place: Place, call: Call) -> Result<Response, Problem> {
    let method = call.method.clone();
    match (place, method) {
        (Place::Collection, Method::POST) => {
            let body = call.body().clone();
            let request = call.notification(bot)?;
            let sent = bot
                .accept(call.source()?, request)
                .await
                .map_err(|error| blamed(&body, error.into()))?;
            accepted_answer(bot, sent.id()).await
        }
        (Place::One(id), Method::GET | Method::HEAD) => {
            known(&id)?;
            Ok(Json(status::body(&bot.service().status(&id).await?)).into_response())
        }
        (Place::One(id), Method::PUT) => {
            known(&id)?;
            let accepted = update(bot, &id, &call).await?;
            accepted_answer(bot, &accepted.id).await
        }
        (Place::One(id), Method::DELETE) => {
            known(&id)?;
            let accepted = bot.service().recall(&id, &call.request_id()?, recall()).await?;
            accepted_answer(bot, &accepted.id).await
        }
        (Place::Part(id, part), method) => of_one(bot, &id, &part, &method, &call).await,
        (Place::Collection, _) => Err(Problem::method(
            "POST a notification here; GET one at /api/notification/{id}",
        )),
        (Place::One(_), _) => Err(Problem::method("a notification takes GET, PUT and DELETE")),
        (Place::Nowhere, _) => Err(nowhere()),
    }
}

async fn of_one(
    bot: &NotificationBot,
    id: &NotificationId,
    part: &str,
    method: &Method,
    call: &Call,
) -> Result<Response, Problem> {
    match (part, method) {
        ("report", &Method::GET | &Method::HEAD) => {
            known(id)?;
            report::answer(bot, id, call).await
        }
        ("cancel", &Method::POST) => {
            known(id)?;
            bot.service().cancel(id).await?;
            state_answer(bot, id).await
        }
        ("resume", &Method::POST) => {
            known(id)?;
            bot.service().resume(id).await?;
            state_answer(bot, id).await
        }
        ("report", _) => Err(Problem::method("a report takes GET")),
        ("cancel" | "resume", _) => Err(Problem::method("cancel and resume take POST")),
        _ => Err(nowhere()),
    }
}

pub(crate) fn nowhere() -> Problem {
    Problem::not_found("there is nothing by this path; a notification has report, cancel and resume")
}

/// Ids are ours: anything of another form names nothing, and goes into no storage path.
fn known(id: &NotificationId) -> Result<(), Problem> {
    let text = id.as_str();
    if text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        return Ok(());
    }
    Err(Problem::not_found("there is no notification by this id"))
}

async fn update(bot: &NotificationBot, id: &NotificationId, call: &Call) -> Result<Accepted, Problem> {
    let (message, fingerprint) = parse_replacement(call.body(), bot.cards())?;
    let facts = NotificationFacts {
        id: id.clone(),
        created_at: bot.clock().wall(),
        action: Some(ActionFacts::of(&NotificationKind::Send, id)),
    };
    bot.composer()
        .compose(&message, &facts)
        .await
        .map_err(|error| blamed(call.body(), SendError::from(error).into()))?;
    let request = Asked {
        message,
        ..request_of(fingerprint)
    };
    Ok(bot.service().update(id, &call.request_id()?, request).await?)
}

fn recall() -> Asked {
    request_of(Fingerprint::of(&json!({ "recall": true })))
}

fn request_of(fingerprint: Fingerprint) -> Asked {
    Asked {
        message: MessageSpec {
            form: Form::Text(String::new()),
            data: None,
            summary: None,
            alert: Alert::Quiet,
        },
        audience: None,
        priority: Priority::Normal,
        on_uncertain: OnUncertain::Resend,
        expires_at: None,
        fingerprint,
    }
}

async fn accepted_answer(bot: &NotificationBot, id: &NotificationId) -> Result<Response, Problem> {
    let body = match bot.service().status(id).await {
        Ok(status) => status::accepted(&status),
        // It is stored; only its progress can't be told now.
        Err(_) => status::just_accepted(id),
    };
    let mut response = (StatusCode::ACCEPTED, Json(body)).into_response();
    if let Ok(location) = HeaderValue::from_str(&status::link(id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn state_answer(bot: &NotificationBot, id: &NotificationId) -> Result<Response, Problem> {
    let status = bot.service().status(id).await?;
    Ok((StatusCode::ACCEPTED, Json(status::accepted(&status))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_they_say() {
        let id = NotificationId::from("x");
        assert_eq!(place("/"), Place::Collection);
        assert_eq!(place(""), Place::Collection);
        assert_eq!(place("/x"), Place::One(id.clone()));
        assert_eq!(place("/x/report"), Place::Part(id, "report".to_owned()));
        assert_eq!(place("/X/"), Place::One(NotificationId::from("x")));
        assert_eq!(
            place("/X/%52EPORT/"),
            Place::Part(NotificationId::from("x"), "report".to_owned())
        );
        for nowhere in ["/x/report/y", "//", "//x", "/x//report", "/%FF"] {
            assert_eq!(place(nowhere), Place::Nowhere, "{nowhere}");
        }
    }

    #[test]
    fn only_ids_of_our_form_are_looked_up() {
        assert!(known(&NotificationId::from("01234567-89ab-8def-8123-456789abcdef")).is_ok());
        for other in ["", "..", "%2e%2e", "01234567-89ab-8def-8123-456789abcdeg", "x"] {
            assert!(known(&NotificationId::from(other)).is_err(), "{other}");
        }
    }
}
