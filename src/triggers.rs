//! What each trigger sends. This is the file to edit, together with `cards/` and the `function.json` files.

use crate::{
    api::{Call, Problem},
    app::App,
    bot::NotificationBot,
    chat::{ChatCommand, ChatReply},
    send::SendError,
    tick::Tick,
};
use notify::accept::Accepted;

/// The bot with its triggers.
pub(crate) fn app(bot: NotificationBot) -> App {
    App::new(bot)
        .http("httpTrigger", http_trigger)
        .timer("timerTrigger", timer_trigger)
        .command("help", help)
}

/// `POST /api/notification`: what the caller asks for; an empty body is the default card to every installation.
async fn http_trigger(bot: NotificationBot, call: Call) -> Result<Accepted, Problem> {
    let request = call.notification(&bot)?;
    bot.notify(call.source()?, request).await.map_err(Problem::from)
}

/// Every tick of the schedule in `timerTrigger/function.json`: the default card to every installation.
async fn timer_trigger(bot: NotificationBot, tick: Tick) -> Result<(), SendError> {
    let card = bot.card("default")?;
    bot.notify_on_tick(&tick, card.for_everyone()).await
}

/// Somebody said "help" to the bot.
async fn help(_bot: NotificationBot, _command: ChatCommand) -> ChatReply {
    ChatReply::text(
        "I bring notifications to this chat: alerts, results and reminders from systems outside Teams. \
         You get them as long as I am installed here; remove me to stop them.",
    )
}
