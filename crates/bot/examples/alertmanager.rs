//! A second HTTP route: Prometheus Alertmanager posts its webhook body, people get the alert card.
//!
//! Needs a folder `alertTrigger` with a `function.json` whose route is `alerts/{team}`.

use serde::Deserialize;
use serde_json::{Value, json};
use std::process::ExitCode;
use teams_notify::{App, Audience, Bot, HttpRequest, Notification, Problem, Sent};

fn main() -> ExitCode {
    teams_notify::run(app)
}

fn app(bot: Bot) -> App {
    App::new(bot)
        .http("httpTrigger", teams_notify::api())
        .http("alertTrigger", on_alert)
}

/// What Alertmanager sends (version 4), as far as the card shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    group_key: String,
    status: String,
    #[serde(rename = "externalURL")]
    external_url: String,
    alerts: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    labels: Value,
    annotations: Value,
    starts_at: String,
}

/// `POST /api/alerts/{team}`: the group's first alert goes to the team that the route names.
async fn on_alert(bot: Bot, request: HttpRequest) -> Result<Sent, Problem> {
    let webhook: Webhook = request.json()?;
    let team = request.parameter("team").unwrap_or_default();
    let Some(alert) = webhook.alerts.first() else {
        return Err(Problem::bad_request("the body has no alerts"));
    };
    let text = |from: &Value, name: &str| from[name].as_str().unwrap_or_default().to_owned();
    let severity = match webhook.status.as_str() {
        "resolved" => "resolved".to_owned(),
        _ => text(&alert.labels, "severity"),
    };
    let notification = Notification::card("alert")
        .data(json!({
            "title": text(&alert.annotations, "summary"),
            "description": text(&alert.annotations, "description"),
            "severity": severity,
            "resource": text(&alert.labels, "instance"),
            "since": alert.starts_at,
            "url": webhook.external_url,
            "urlTitle": "Open Alertmanager",
        }))
        .summary(text(&alert.annotations, "summary"))
        .urgent()
        .to(Audience::teams([team]))
        // Alertmanager repeats a group that still fires: each of its states is sent once.
        .key(format!(
            "{}/{}/{}",
            webhook.group_key, alert.starts_at, webhook.status
        ));
    Ok(bot.send(notification).await?)
}
