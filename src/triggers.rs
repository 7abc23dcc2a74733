//! What each trigger sends. This is the file to edit, together with `cards/` and the `function.json` files.

use teams_notify::{
    Accepted, App, Call, ChatCommand, ChatReply, NotificationBot, Preference, Pressed, Problem, Reply, Scope,
    SendError, StoreError, Subject, Tick,
};

/// The bot with its triggers.
pub(crate) fn app(bot: NotificationBot) -> App {
    App::new(bot)
        .http("httpTrigger", http_trigger)
        .timer("timerTrigger", timer_trigger)
        .command("help", help)
        .command("stop", stop)
        .command("start", start)
        .action("acknowledge", acknowledge)
        .action("optOut", opt_out)
}

/// `POST /api/notification`: what the caller asks for; an empty body is the default card to every installation.
async fn http_trigger(bot: NotificationBot, call: Call) -> Result<Accepted, Problem> {
    let request = call.notification(&bot)?;
    bot.notify(call.source()?, request).await.map_err(Problem::from)
}

/// Every tick of the schedule in `timerTrigger/function.json`: the default card to every installation. A demo: it is
/// switched off there (`"disabled": true`), and `handler dev` switches it on for its show.
async fn timer_trigger(bot: NotificationBot, tick: Tick) -> Result<(), SendError> {
    let card = bot.card("default")?;
    bot.notify_on_tick(&tick, card.for_everyone()).await
}

/// Somebody said "help" to the bot.
async fn help(_bot: NotificationBot, _command: ChatCommand) -> ChatReply {
    ChatReply::text(
        "I bring notifications to this chat: alerts, results and reminders from systems outside Teams. \
         In a personal chat say **stop** to get none, and **start** to get them again.",
    )
}

/// Somebody said "stop".
async fn stop(bot: NotificationBot, command: ChatCommand) -> ChatReply {
    ChatReply::text(reply(
        set_preference(&bot, &command.subject, Preference::OptedOut).await,
    ))
}

/// Somebody said "start".
async fn start(bot: NotificationBot, command: ChatCommand) -> ChatReply {
    ChatReply::text(reply(
        set_preference(&bot, &command.subject, Preference::OptedIn).await,
    ))
}

/// "Acknowledge" on a card.
async fn acknowledge(_bot: NotificationBot, _pressed: Pressed) -> Reply {
    Reply::Message("Acknowledged.".to_owned())
}

/// "No more of these" on a card.
async fn opt_out(bot: NotificationBot, pressed: Pressed) -> Reply {
    match set_preference(&bot, &pressed.subject, Preference::OptedOut).await {
        Ok(text) => Reply::Message(text.to_owned()),
        Err(_) => Reply::Failed(reply(Err(())).to_owned()),
    }
}

/// Only a person can opt out, for themselves: a chat or a team has members who want to hear.
async fn set_preference(
    bot: &NotificationBot,
    subject: &Subject,
    preference: Preference,
) -> Result<&'static str, ()> {
    if subject.scope() != Scope::Personal {
        return Ok(
            "This chat has other members too. Its owners can remove me; for yourself, say stop to me in our own chat.",
        );
    }
    subject
        .set_preference(bot, preference)
        .await
        .map_err(|error: StoreError| tracing::error!(%error, "an opt-out could not be stored"))?;
    Ok(match preference {
        Preference::OptedOut => "You get no more notifications from me. Say **start** to get them again.",
        Preference::OptedIn => "You get notifications from me again.",
    })
}

fn reply(outcome: Result<&'static str, ()>) -> &'static str {
    outcome.unwrap_or("That could not be stored just now. Please try again.")
}
