//! `messageHandler`, the bot endpoint: admits what Teams signs, stores what it tells about installations, and only
//! then acknowledges it. Sends nothing but replies to commands.

use crate::{actions::CardActions, api::Problem, bot::NotificationBot, chat::ChatCommands};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use notify::change::{self, Effect};
use std::time::Duration;
use teams::{
    activity::{Activity, Kind},
    capture::capture,
    inbound::Denied,
};

/// Largest activity that is read, bytes.
const LARGEST: usize = 256 * 1024;

/// Teams waits about 15 s for an answer; a store that takes longer than this gets a 503, and Teams comes again.
const STORE_LIMIT: Duration = Duration::from_secs(9);

/// Answers one request to the bot endpoint.
pub(crate) async fn receive(
    bot: &NotificationBot,
    commands: &ChatCommands,
    actions: &CardActions,
    head: Parts,
    body: Body,
) -> Response {
    match admit(bot, &head.method, &head.headers, body).await {
        Ok(activity) => handle(bot, commands, actions, activity).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(
    bot: &NotificationBot,
    method: &Method,
    headers: &HeaderMap,
    body: Body,
) -> Result<Activity, Problem> {
    if method != Method::POST {
        return Err(Problem::method("the bot endpoint takes POST"));
    }
    let body = read(headers, body).await?;
    let activity = Activity::parse(&body).map_err(|error| Problem::request(error.to_string()))?;
    let authorization: Vec<&[u8]> = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .map(|value| value.as_bytes())
        .collect();
    match bot.validator().check(&authorization, &activity).await {
        Ok(_) => Ok(activity),
        Err(denied) => {
            tracing::warn!(status = denied.status(), reason = %denied, "activity refused");
            Err(refusal(denied))
        }
    }
}

fn refusal(denied: Denied) -> Problem {
    match denied.status() {
        403 => Problem::forbidden(denied.to_string()),
        503 => Problem::unavailable(denied.to_string()),
        _ => Problem::unauthorized(denied.to_string()),
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let too_large = || Problem::too_large("an activity has at most 256 KiB");
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LARGEST as u64) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, LARGEST).await.map_err(|error| {
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        while let Some(current) = source {
            if current.to_string().contains("length limit") {
                return too_large();
            }
            source = current.source();
        }
        Problem::request("the body could not be read to its end")
    })
}

async fn handle(
    bot: &NotificationBot,
    commands: &ChatCommands,
    actions: &CardActions,
    activity: Activity,
) -> Response {
    if let Err(problem) = store(bot, &activity).await {
        return problem.into_response();
    }
    match activity.kind() {
        Kind::Invoke => {
            let (status, body) = actions.answer(bot, &activity).await.parts();
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
            body.map_or_else(
                || status.into_response(),
                |body| (status, axum::Json(body)).into_response(),
            )
        }
        Kind::Message => {
            commands.answer(bot, activity);
            StatusCode::OK.into_response()
        }
        _ => StatusCode::OK.into_response(),
    }
}

/// Stores what the activity tells; an activity that tells nothing is only logged.
async fn store(bot: &NotificationBot, activity: &Activity) -> Result<(), Problem> {
    let now = bot.clock().wall();
    let change = match capture(activity, bot.identity(), now) {
        Ok(change) => change,
        Err(ignored) => {
            tracing::info!(
                activity_type = activity.known_type(),
                reason = ignored.as_str(),
                "activity ignored"
            );
            return Ok(());
        }
    };
    let recorded = tokio::time::timeout(STORE_LIMIT, change::record(bot.references(), &change, now)).await;
    let failure = match recorded {
        Ok(Ok(effect)) => {
            let effect = match effect {
                Effect::Stored => "stored",
                Effect::Unchanged => "unchanged",
            };
            tracing::info!(conversation_id = %change.key.root, tenant_id = %change.key.tenant, effect, "installation event");
            return Ok(());
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", STORE_LIMIT.as_secs()),
    };
    tracing::error!(conversation_id = %change.key.root, error = %failure, "installation event could not be stored; Teams will send it again");
    Err(Problem::unavailable(
        "the store can't be reached; send the activity again",
    ))
}
