//! `{:?}` of what a project's code holds prints no names, texts, card data or keys: it may log any of it.

use crate::{
    Action, ActionReply, Audience, CardError, Command, IncomingMessage, Installed, MembersAdded, Message,
    Notification, Origin, Person, Problem, SendError, Started,
};
use notify::content::ContentError;
use serde_json::json;
use std::fmt::Debug;

const SECRET: &str = "planted-word";

#[track_caller]
fn hides(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

fn person() -> Person {
    Person {
        id: "29:1".into(),
        entra: None,
        name: Some(SECRET.to_owned()),
    }
}

fn origin() -> Origin {
    Origin::by(person(), SECRET)
}

fn messages() -> [Message; 3] {
    let inline = json!({ "type": "AdaptiveCard", SECRET: SECRET });
    [
        Message::text(SECRET),
        Message::card(SECRET),
        Message::inline_card(inline),
    ]
    .map(|message| message.data(json!({ SECRET: SECRET })).summary(SECRET))
}

#[test]
fn messages_and_notifications() {
    for message in messages() {
        hides(&message);
        hides(&ActionReply::card(message.clone()));
        hides(&ActionReply::edit_for_all(message));
    }
    hides(&ActionReply::text(SECRET));
    hides(&Audience::users([SECRET]));
    for notification in [
        Notification::text(SECRET),
        Notification::card(SECRET),
        Notification::inline_card(json!({ SECRET: SECRET })),
    ] {
        let notification = notification.data(json!(SECRET)).summary(SECRET).key(SECRET);
        hides(&notification.to(Audience::users([SECRET])));
    }
}

#[test]
fn what_people_do() {
    hides(&person());
    hides(&origin());
    hides(&Installed { origin: origin() });
    hides(&MembersAdded {
        origin: origin(),
        members: vec![person()],
    });
    hides(&IncomingMessage {
        origin: origin(),
        text: SECRET.to_owned(),
    });
    hides(&Command {
        arguments: SECRET.to_owned(),
        origin: origin(),
    });
    hides(&Action {
        origin: origin(),
        message: None,
        notification: None,
        started: Started::ByPerson,
        data: [(SECRET.to_owned(), json!(SECRET))].into_iter().collect(),
    });
}

#[test]
fn errors() {
    hides(&Problem::bad_body(SECRET, SECRET));
    hides(&SendError::Card(CardError::Unknown {
        name: SECRET.to_owned(),
        known: vec![SECRET.to_owned()],
    }));
    hides(&SendError::Content(ContentError::Template {
        message: SECRET.to_owned(),
        pointer: SECRET.to_owned(),
    }));
}
