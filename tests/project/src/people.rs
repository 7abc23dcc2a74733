//! What people are answered.

use crate::journal::note;
use serde_json::json;
use teams_notify::{
    Action, ActionReply, Answer, App, Bot, Command, ErrorReport, Failure, IncomingMessage, Installed,
    MembersAdded, Message,
};

pub(crate) fn add(app: App) -> App {
    app.command("status", status)
        .command("break", breaks)
        .action("take", take)
        .action("break", action_breaks)
        .on_install(on_install)
        .on_members_added(on_members_added)
        .on_message(on_message)
        .on_error(on_error)
}

/// The card is that of the person's language.
async fn status(_bot: Bot, command: Command) -> Answer {
    let service = match command.arguments.as_str() {
        "" => "everything",
        service => service,
    };
    Ok(Some(Message::card("status").data(json!({ "service": service }))))
}

/// Everybody sees who takes it, and which notification it was.
async fn take(_bot: Bot, action: Action) -> Result<ActionReply, Failure> {
    let Some(notification) = &action.notification else {
        return Ok(ActionReply::text("This card is not one of mine."));
    };
    let data = action.data();
    let by = action.origin.person().and_then(|person| person.name.clone());
    let card = Message::card("incident").data(json!({
        "title": data["title"], "severity": data["severity"], "team": data["team"],
        "by": by, "notification": notification,
    }));
    Ok(ActionReply::edit_for_all(card))
}

async fn on_install(_bot: Bot, installed: Installed) -> Answer {
    note(format!("installed {}", installed.origin.conversation()));
    Ok(Some("I bring alerts here.".into()))
}

async fn on_members_added(_bot: Bot, added: MembersAdded) -> Answer {
    let ids: Vec<&str> = added.members.iter().map(|member| member.id.as_str()).collect();
    note(format!("added {}", ids.join(" ")));
    Ok(Some(format!("Welcome, {} of you.", ids.len()).into()))
}

/// Text that is no command.
async fn on_message(_bot: Bot, message: IncomingMessage) -> Answer {
    match message.text.as_str() {
        "panic" => panic!("as it was asked"),
        "fail" => Err(Failure::new("the answers can't be read")),
        _ => Ok(Some("I know the command **status**.".into())),
    }
}

async fn breaks(_bot: Bot, _command: Command) -> Answer {
    Err(Failure::new("the services can't be read"))
}

async fn action_breaks(_bot: Bot, _action: Action) -> Result<ActionReply, Failure> {
    Err(Failure::new("the duty roster can't be read"))
}

async fn on_error(_bot: Bot, report: ErrorReport) {
    note(format!("error {:?}: {}", report.place, report.failure));
}
