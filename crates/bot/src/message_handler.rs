//! `messageHandler`, the bot endpoint: admits what Teams signs, stores what it changes about installations, and only
//! then acknowledges it. Sends nothing but the answers of the project's code.
//!
//! Who asks is decided from the headers; only a caller's body is read ([`Inbox`]), and only so much at a time.

mod inbox;
mod parse_cost;

pub(crate) use inbox::Inbox;

use crate::{
    action::Actions,
    api::Problem,
    bot::NotificationBot,
    command::{self, Commands, Said},
    discarded_body,
    hooks::{Hooks, Installs, Recorded},
};
use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use inbox::Announced;
use notify::{
    change::{Change, Effect},
    service::Inbound,
};
use std::{sync::Arc, time::Duration};
use teams::{
    activity::{Activity, ActivityKind},
    capture,
    inbound::{Caller, Denied},
    mention::command_text,
};

/// Teams waits about 15 s for an answer; a store that takes longer than this gets a 503, and Teams comes again.
const STORE_LIMIT: Duration = Duration::from_secs(9);

/// What an activity says of its sender only is not worth more: whoever pressed a button waits.
const SENDER_LIMIT: Duration = Duration::from_secs(2);

/// The project's code for a message has so long before the message is acknowledged: what it stores by then survives a crash,
/// as Teams sends again what is not acknowledged.
const CODE_LIMIT: Duration = Duration::from_secs(4);

/// Answers one request to the bot endpoint.
pub(crate) async fn receive(
    bot: &NotificationBot,
    inbox: &Inbox,
    people: &People,
    head: Parts,
    body: Body,
) -> Response {
    let announced = Announced::by(&body);
    let caller = match authenticate(bot, head).await {
        Ok(caller) => caller,
        Err(problem) => return discarded_body::refuse(problem, body).await,
    };
    let received = match inbox.receive(&caller, announced, body).await {
        Ok(received) => received,
        Err(refused) => return refused,
    };
    match bot.validator().authorize(&caller, received.activity()) {
        Ok(()) => {
            // What it weighs is counted until it is dealt with.
            let (activity, _weight) = received.parts();
            handle(bot, people, activity).await
        }
        Err(denied) => refusal(denied).into_response(),
    }
}

/// Who asks; the head is dropped before keys are waited for.
async fn authenticate(bot: &NotificationBot, head: Parts) -> Result<Caller, Problem> {
    if head.method != Method::POST {
        return Err(Problem::method("the bot endpoint takes POST"));
    }
    let authorization = authorization(&head.headers);
    drop(head);
    let values: Vec<&[u8]> = authorization.iter().map(Vec::as_slice).collect();
    bot.validator().authenticate(&values).await.map_err(refusal)
}

/// The values of all `Authorization` headers, free of the buffer that all headers share. More than one is refused, so
/// two tell as much as a hundred.
fn authorization(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let values = headers.get_all(header::AUTHORIZATION).iter().take(2);
    values.map(|value| value.as_bytes().to_vec()).collect()
}

fn refusal(denied: Denied) -> Problem {
    tracing::warn!(status = denied.status(), error = %denied, "activity refused");
    match denied.status() {
        403 => Problem::forbidden(denied.to_string()),
        503 => Problem::unavailable(denied.to_string()),
        _ => Problem::unauthorized(denied.to_string()),
    }
}

/// What answers people: the project's own code.
#[derive(Default)]
pub(crate) struct People {
    pub(crate) commands: Commands,
    pub(crate) actions: Actions,
    pub(crate) hooks: Arc<Hooks>,
}

async fn handle(bot: &NotificationBot, people: &People, activity: Activity) -> Response {
    let recorded = match store(bot, &people.hooks.installs, &activity).await {
        Ok(recorded) => recorded,
        Err(problem) => return problem.into_response(),
    };
    people.hooks.run(bot, &activity, recorded);
    match activity.kind() {
        ActivityKind::Invoke => {
            let reply = people.actions.answer(bot, &people.hooks, &activity).await;
            let (status, body) = reply.parts();
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
            body.map_or_else(
                || status.into_response(),
                |body| (status, axum::Json(body)).into_response(),
            )
        }
        ActivityKind::Message => {
            let ended = match people.commands.find(command_text(&activity, bot.identity())) {
                Said::Command(word, handler, arguments) => {
                    command::run(bot, &people.hooks, (word, handler), arguments, activity)
                }
                Said::Other(text) => people.hooks.message(bot, &activity, text),
            };
            // What the person asked for is stored then, if it took no longer: Teams sends again only what is not acknowledged.
            ended.or_after(CODE_LIMIT).await;
            StatusCode::OK.into_response()
        }
        _ => StatusCode::OK.into_response(),
    }
}

/// An operator's story, except where the sandbox announces its conversations at each start.
fn log(bot: &NotificationBot, change: &Change, effect: &str) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(conversation_id = %change.key.root, tenant_id = %change.key.tenant, effect, "installation event")
        };
    }
    if bot.identity().is_local() {
        line!(debug);
    } else {
        line!(info);
    }
}

/// Stores what the activity tells of whoever it is from, and of an installation.
async fn store(bot: &NotificationBot, installs: &Installs, activity: &Activity) -> Result<Recorded, Problem> {
    let (me, now) = (bot.identity(), bot.clock().wall());
    let from = capture::sender(activity, me);
    let change = match capture::capture(activity, me, now) {
        Ok(change) => Some(change),
        // A pressed button changes no installation; what it does is logged where it is done.
        Err(_) if activity.kind() == ActivityKind::Invoke => None,
        Err(ignored) => {
            tracing::info!(
                activity_type = activity.known_type(),
                reason = ignored.as_str(),
                "activity changes no installation"
            );
            None
        }
    };
    let inbound = Inbound {
        from: from.as_ref(),
        scope: capture::scope(activity, me),
        change: change.as_ref(),
    };
    let limit = change.as_ref().map_or(SENDER_LIMIT, |_| STORE_LIMIT);
    let recorded = tokio::time::timeout(limit, bot.service().record(&inbound)).await;
    let failure = match recorded {
        Ok(Ok(effect)) => {
            let Some(change) = &change else {
                return Ok(Recorded::Other);
            };
            let said = match effect {
                Effect::Added => "added",
                Effect::Stored => "stored",
                Effect::Unchanged => "unchanged",
            };
            log(bot, change, said);
            let recorded = installs.recorded(change, effect, bot.clock().now());
            // A team that comes back had its installation before it was deleted.
            return Ok(match is_restored(activity) {
                true => Recorded::Other,
                false => recorded,
            });
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", limit.as_secs()),
    };
    let Some(change) = change else {
        // Whoever does something has not blocked the bot: their next activity says so again.
        tracing::warn!(activity_type = activity.known_type(), error = %failure, "what an activity says of its sender could not be stored");
        return Ok(Recorded::Other);
    };
    installs.failed(&change, bot.clock().now());
    tracing::error!(conversation_id = %change.key.root, tenant_id = %change.key.tenant, error = %failure, "installation event could not be stored; Teams will send it again");
    Err(Problem::unavailable(
        "the store can't be reached; send the activity again",
    ))
}

fn is_restored(activity: &Activity) -> bool {
    let event = activity.channel_data().event_type();
    event.is_some_and(|event| event.eq_ignore_ascii_case("teamRestored"))
}
