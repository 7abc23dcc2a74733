//! The routes of the notification API, relative to where they are mounted.

use super::{
    Call, Problem, PublicPath,
    answers::{AcceptedAnswer, StatusAnswer},
    body::{blamed, parse_replacement},
    layers, list,
    query::NoParameters,
    report,
    warnings::{self, Warning},
};
use crate::{bot::NotificationBot, send::SendError};
use axum::{
    Json, Router,
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use notify::{
    accept::Progress,
    content::{ActionFacts, Alert, Composer, Form, MessageSpec, NotificationFacts},
    identity::Fingerprint,
    ids::NotificationId,
    request::{NotificationKind, OnUncertain, Priority, Request as Asked},
};
use serde_json::json;

/// What every route has at hand.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) bot: NotificationBot,
    pub(super) base: PublicPath,
}

/// The notification API. `base` is where the router is mounted: answers link to it.
pub(crate) fn router(bot: NotificationBot, base: PublicPath) -> Router {
    let routes = Router::new()
        .route("/", get(list::answer).post(send))
        .route("/{id}", get(status).put(update).delete(recall))
        .route("/{id}/report", get(read_report))
        .route("/{id}/cancel", post(cancel))
        .route("/{id}/pause", post(pause))
        .route("/{id}/resume", post(resume))
        .with_state(Api { bot, base });
    layers::around(routes)
}

/// The notification that a path names. Ids are ours: anything of another form names nothing, and goes into no storage
/// path.
struct Id(NotificationId);

impl Id {
    fn read(text: &str) -> Result<Self, Problem> {
        if text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return Ok(Self(NotificationId::from(text)));
        }
        Err(Problem::not_found("there is no notification by this id"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Self::read(path.as_deref().map_or("", String::as_str))
    }
}

async fn send(State(api): State<Api>, _: NoParameters, call: Call) -> Result<Response, Problem> {
    let body = call.body().clone();
    let request = call.notification(&api.bot)?;
    let outline = warnings::outline(&request.message);
    let sent = api
        .bot
        .accept(call.source()?, request)
        .await
        .map_err(|error| blamed(&body, error.into()))?;
    let warnings = warnings::of(outline).await;
    Ok(api.accepted(sent.id(), sent.progress(), warnings).await)
}

async fn status(State(api): State<Api>, Id(id): Id, _: NoParameters) -> Result<Json<StatusAnswer>, Problem> {
    let status = api.bot.service().status(&id).await?;
    Ok(Json(StatusAnswer::of(&status, &api.base)))
}

async fn read_report(
    State(api): State<Api>,
    Id(id): Id,
    _: NoParameters,
    call: Call,
) -> Result<Response, Problem> {
    report::answer(&api.bot, &id, &call).await
}

async fn cancel(State(api): State<Api>, Id(id): Id, _: NoParameters) -> Result<Response, Problem> {
    api.bot.service().cancel(&id).await?;
    api.state(&id).await
}

async fn pause(State(api): State<Api>, Id(id): Id, _: NoParameters) -> Result<Response, Problem> {
    api.bot.service().pause(&id).await?;
    api.state(&id).await
}

async fn resume(State(api): State<Api>, Id(id): Id, _: NoParameters) -> Result<Response, Problem> {
    api.bot.service().resume(&id).await?;
    api.state(&id).await
}

async fn recall(
    State(api): State<Api>,
    Id(id): Id,
    _: NoParameters,
    call: Call,
) -> Result<Response, Problem> {
    let request = request_of(Fingerprint::of(&json!({ "recall": true })));
    let service = api.bot.service();
    let accepted = service.recall(&id, &call.request_id()?, request).await?;
    Ok(api.accepted(&accepted.id, accepted.progress, Vec::new()).await)
}

async fn update(
    State(api): State<Api>,
    Id(id): Id,
    _: NoParameters,
    call: Call,
) -> Result<Response, Problem> {
    let bot = &api.bot;
    let (message, fingerprint) = parse_replacement(call.body(), bot.cards())?;
    let facts = NotificationFacts {
        id: id.clone(),
        created_at: bot.clock().wall(),
        action: Some(ActionFacts::of(&NotificationKind::Send, &id)),
    };
    bot.composer()
        .compose(&message, &facts)
        .await
        .map_err(|error| blamed(call.body(), SendError::from(error).into()))?;
    let warnings = warnings::of(warnings::outline(&message)).await;
    let request = Asked {
        message,
        ..request_of(fingerprint)
    };
    let accepted = bot.service().update(&id, &call.request_id()?, request).await?;
    Ok(api.accepted(&accepted.id, accepted.progress, warnings).await)
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

impl Api {
    async fn accepted(
        &self,
        id: &NotificationId,
        progress: Option<Progress>,
        warnings: Vec<Warning>,
    ) -> Response {
        let body = match progress {
            Some(progress) => AcceptedAnswer::new(id, progress, &self.base),
            None => match self.bot.service().status(id).await {
                Ok(status) => AcceptedAnswer::of(&status, &self.base),
                // It is stored; only its progress can't be read now.
                Err(_) => AcceptedAnswer::just(id, &self.base),
            },
        };
        let mut response = (StatusCode::ACCEPTED, Json(body.with(warnings))).into_response();
        if let Ok(location) = HeaderValue::from_str(&self.base.of(id)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }

    async fn state(&self, id: &NotificationId) -> Result<Response, Problem> {
        let status = self.bot.service().status(id).await?;
        let body = AcceptedAnswer::of(&status, &self.base);
        Ok((StatusCode::ACCEPTED, Json(body)).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_our_form_are_looked_up() {
        assert!(Id::read("01234567-89ab-8def-8123-456789abcdef").is_ok());
        for other in ["", "..", "%2e%2e", "01234567-89ab-8def-8123-456789abcdeg", "x"] {
            assert!(Id::read(other).is_err(), "{other}");
        }
    }
}
