//! A command that answers with a card, in the language of whoever asks.

use serde_json::json;
use std::process::ExitCode;
use teams_notify::{Answer, App, Bot, Command, Message};

fn main() -> ExitCode {
    teams_notify::run(app)
}

fn app(bot: Bot) -> App {
    App::new(bot)
        .http("httpTrigger", teams_notify::api())
        .command("status", status)
}

/// "status", or "status payments".
async fn status(_bot: Bot, command: Command) -> Answer {
    let service = match command.arguments.as_str() {
        "" => "all services",
        service => service,
    };
    let german = command
        .origin
        .locale()
        .is_some_and(|locale| locale.starts_with("de"));
    let title = if german { "Alles in Ordnung" } else { "All is well" };
    // A file cards/facts.de.json would be taken by itself.
    let card = Message::card("facts")
        .data(json!({
            "title": title,
            "facts": [{ "title": "Service", "value": service }, { "title": "Open incidents", "value": "0" }],
        }))
        .summary(title);
    Ok(Some(card))
}
