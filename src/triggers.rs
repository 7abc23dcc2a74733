//! What the bot sends and answers. This is the file to edit, together with `cards/` and the `function.json` files.

use teams_notify::{
    Action, ActionReply, Answer, App, Bot, Command, Failure, Message, Notification, Origin, Preference,
    Scope, Tick,
};

/// The bot with its triggers. A name is that of the function's folder.
pub(crate) fn app(bot: Bot) -> App {
    App::new(bot)
        .http("httpTrigger", teams_notify::api())
        .timer("timerTrigger", every_tick)
        .command("help", help)
        .command("stop", stop)
        .command("start", start)
        .command("settings", settings)
        .action("acknowledge", acknowledge)
        .action("optOut", opt_out)
        .action("optIn", opt_in)
}

/// Every tick of the schedule in `timerTrigger/function.json`: the default card to every installation. A demo: it is
/// switched off there (`"disabled": true`), and `handler dev` switches it on for its show.
async fn every_tick(bot: Bot, tick: Tick) -> Result<(), Failure> {
    bot.send_on_tick(&tick, Notification::card("default")).await?;
    Ok(())
}

/// Somebody said "help" to the bot.
async fn help(_bot: Bot, _command: Command) -> Answer {
    Ok(Some(Message::text(
        "I bring notifications to this chat: alerts, results and reminders from systems outside Teams. \
         In a personal chat say **stop** to get none, **start** to get them again, and **settings** for buttons that do the same.",
    )))
}

/// Somebody said "stop".
async fn stop(bot: Bot, command: Command) -> Answer {
    Ok(Some(
        set_preference(&bot, &command.origin, Preference::OptedOut)
            .await
            .into(),
    ))
}

/// Somebody said "start".
async fn start(bot: Bot, command: Command) -> Answer {
    Ok(Some(
        set_preference(&bot, &command.origin, Preference::OptedIn)
            .await
            .into(),
    ))
}

/// Somebody said "settings".
async fn settings(_bot: Bot, _command: Command) -> Answer {
    Ok(Some(Message::card("preferences")))
}

/// "Acknowledge" on an alert, "Answer" on a poll, which brings its `choice`. Neither is stored: do here what it means to you.
async fn acknowledge(_bot: Bot, action: Action) -> Result<ActionReply, Failure> {
    Ok(ActionReply::text(match action.data().get("choice") {
        Some(_) => "Thank you for your answer.",
        None => "Acknowledged.",
    }))
}

/// "Stop alerts", "Send me nothing" on a card.
async fn opt_out(bot: Bot, action: Action) -> Result<ActionReply, Failure> {
    Ok(ActionReply::text(
        set_preference(&bot, &action.origin, Preference::OptedOut).await,
    ))
}

/// "Send me notifications" on a card.
async fn opt_in(bot: Bot, action: Action) -> Result<ActionReply, Failure> {
    Ok(ActionReply::text(
        set_preference(&bot, &action.origin, Preference::OptedIn).await,
    ))
}

/// Only a person can opt out, for themselves: a chat or a team has members who want to hear.
async fn set_preference(bot: &Bot, origin: &Origin, preference: Preference) -> &'static str {
    if origin.scope() != Scope::Personal {
        return "This chat has other members too. Its owners can remove me; for yourself, say stop to me in our own chat.";
    }
    match origin.set_preference(bot, preference).await {
        Ok(()) if preference == Preference::OptedOut => {
            "You get no more notifications from me. Say **start** to get them again."
        }
        Ok(()) => "You get notifications from me again.",
        Err(error) => {
            tracing::error!(%error, "an opt-out could not be stored");
            "That could not be stored just now. Please try again."
        }
    }
}
