//! A button that updates its card: whoever presses "I take it" takes the alert, and everybody in the chat sees it.

use serde_json::{Value, json};
use std::process::ExitCode;
use teams_notify::{Action, ActionReply, App, Audience, Bot, Failure, Message, Notification, Scope, Tick};

fn main() -> ExitCode {
    teams_notify::run(app)
}

fn app(bot: Bot) -> App {
    App::new(bot)
        .http("httpTrigger", teams_notify::api())
        .timer("timerTrigger", every_tick)
        .action("take", take)
}

/// The card; it would usually be a file in `cards/`.
fn card() -> Value {
    json!({
        "type": "AdaptiveCard", "version": "1.5",
        "body": [
            { "type": "TextBlock", "text": "${title}", "weight": "Bolder", "wrap": true },
            { "type": "TextBlock", "$when": "${exists(by)}", "text": "${by} takes it", "wrap": true },
        ],
        "actions": [{
            "type": "Action.Execute", "$when": "${!exists(by)}",
            "title": "I take it", "verb": "take", "data": { "title": "${title}" },
        }],
    })
}

async fn every_tick(bot: Bot, tick: Tick) -> Result<(), Failure> {
    let notification = Notification::inline_card(card())
        .data(json!({ "title": "The nightly build is red" }))
        .to(Audience::all().only_scopes([Scope::GroupChat, Scope::Team]));
    bot.send_on_tick(&tick, notification).await?;
    Ok(())
}

/// Somebody pressed the button.
async fn take(_bot: Bot, action: Action) -> Result<ActionReply, Failure> {
    // Only a button that this bot signed says which notification it came with.
    if action.notification.is_none() {
        return Ok(ActionReply::text("This card is not one of mine."));
    }
    let by = action.origin.person().and_then(|person| person.name.clone());
    let data = json!({ "title": action.data()["title"], "by": by.unwrap_or_else(|| "Somebody".to_owned()) });
    Ok(ActionReply::edit_for_all(Message::inline_card(card()).data(data)))
}
