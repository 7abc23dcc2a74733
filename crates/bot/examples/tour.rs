//! Each kind of trigger and answer once: what the README shows.

use std::process::ExitCode;
use teams_notify::{
    Action, ActionReply, Answer, App, Bot, Command, Failure, HttpRequest, Message, Notification, Problem,
    Sent, Tick,
};

fn main() -> ExitCode {
    teams_notify::run(app)
}

#[rustfmt::skip] // the README's lines
fn app(bot: Bot) -> App {
    App::new(bot)
        .http("httpTrigger", teams_notify::api())
        .http("alertTrigger", on_alert)          // any number; route and methods from alertTrigger/function.json
        .timer("timerTrigger", every_tick)
        .command("status", status)
        .action("acknowledge", acknowledge)
}

async fn on_alert(bot: Bot, request: HttpRequest) -> Result<Sent, Problem> {
    Ok(bot
        .send(Notification::card("alert").data(request.json()?))
        .await?)
}

async fn every_tick(bot: Bot, tick: Tick) -> Result<(), Failure> {
    bot.send_on_tick(&tick, Notification::card("default")).await?;
    Ok(())
}

async fn status(_bot: Bot, _command: Command) -> Answer {
    Ok(Some(Message::text("All is well.")))
}

async fn acknowledge(_bot: Bot, _action: Action) -> Result<ActionReply, Failure> {
    Ok(ActionReply::text("Acknowledged."))
}
