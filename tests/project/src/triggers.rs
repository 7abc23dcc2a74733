//! What the bot sends: a function a folder.

use crate::{
    journal::{self, note},
    people,
};
use serde::Deserialize;
use serde_json::{Value, json};
use teams_notify::{
    App, Audience, Batch, Bot, Envelope, Failure, HttpRequest, Notification, Problem, QueueItem, Sent, Tick,
};

pub(crate) fn app(bot: Bot) -> App {
    let app = App::new(bot)
        .http("httpTrigger", teams_notify::api())
        .http("alertTrigger", on_alert)
        .http("journalTrigger", journal::read)
        .http("anythingTrigger", on_anything)
        .timer("timerTrigger", on_tick)
        .queue("incidentQueue", on_incident)
        .events("auditEvents", on_audit)
        .function("reportBlob", on_report);
    people::add(app)
}

#[derive(Deserialize)]
struct Alert {
    title: String,
    severity: String,
}

/// `POST …/alerts/{team}?audience=teams`: a card of the project's own, to everybody or to the team.
async fn on_alert(bot: Bot, request: HttpRequest) -> Result<Sent, Problem> {
    let alert: Alert = request.json()?;
    let team = request.parameter("team").unwrap_or_default().to_owned();
    if alert.severity == "unheard of" {
        panic!("the severity of {team} has no place");
    }
    if alert.severity == "unknown" {
        return Err(Problem::unavailable("the severities can't be read"));
    }
    let audience = match request.query("audience") {
        Some("team") => Audience::teams([team.clone()]),
        _ => Audience::all(),
    };
    let notification = Notification::card("incident")
        .data(json!({ "title": alert.title, "severity": alert.severity, "team": team }))
        .summary(alert.title)
        .to(audience)
        .once_for(&request);
    Ok(bot.send(notification).await?)
}

/// Whatever no other route takes.
async fn on_anything(_bot: Bot, request: HttpRequest) -> String {
    let path = request.parameter("path").unwrap_or_default();
    format!("nothing but HTTP at {path}, {} bytes", request.body().len())
}

async fn on_tick(bot: Bot, tick: Tick) -> Result<(), Failure> {
    note(format!("tick {}", tick.occurrence()));
    if tick.occurrence().as_second() < 1_000_000_000 {
        return Err(Failure::new("the occurrence is of another century"));
    }
    bot.send_on_tick(&tick, Notification::text("Good morning"))
        .await?;
    Ok(())
}

async fn on_incident(_bot: Bot, item: QueueItem) -> Result<(), Failure> {
    let incident: Value = item.json()?;
    note(format!("incident {}", incident["number"]));
    Ok(())
}

async fn on_audit(_bot: Bot, events: Batch) -> Result<(), Failure> {
    for event in events.json::<Value>() {
        note(format!("event {}", event?["action"]));
    }
    Ok(())
}

async fn on_report(_bot: Bot, envelope: Envelope) -> Result<(), Failure> {
    let bindings: Vec<&str> = envelope.bindings().collect();
    let report = envelope.data("report").map(|report| report.text().into_owned());
    note(format!("report {bindings:?} {report:?}"));
    Ok(())
}
