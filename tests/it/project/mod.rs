//! Somebody else's project on the library, seen from outside: `tests/project`, built as its owner builds it and run in
//! every way that it can run.

mod build;
mod buttons;
mod errors;
mod forged;
mod functions;
mod hooks;
mod http;
mod package;
mod people;
mod reuse;
mod stores;

use crate::support::{
    activities::Teams,
    connector::{Call, Connector},
    handler::{Handler, Start, custom, dev, serve},
    http::{Answer, json},
    room::Room,
    wait,
};
use build::built;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// The prefix of all its routes.
const PREFIX: &str = "/ops/v2";

/// What its user edits, with the program.
fn room() -> Room {
    let project = built();
    Room::of(&project.folder, &project.program)
}

/// A start of the project's program.
fn of_project(start: Start) -> Start {
    start.of(&built().program)
}

/// A running bot of the project behind a Functions host that the test plays, and the connector that it sends to.
struct Bot {
    handler: Handler,
    connector: Connector,
    teams: Teams,
    prefix: &'static str,
}

impl Bot {
    async fn start() -> Self {
        Self::in_room(room(), &[]).await
    }

    async fn in_room(room: Room, settings: &[(&str, &str)]) -> Self {
        let connector = Connector::start().await;
        let start = of_project(custom(room)).settings(settings.iter().copied());
        Self {
            handler: start.start().await,
            teams: Teams::at(&connector.service_url()),
            connector,
            prefix: PREFIX,
        }
    }

    /// A request below the prefix.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.handler.request(method, &format!("{}{path}", self.prefix))
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path).body(body.to_string())).await
    }

    /// It gets an activity; the answer.
    async fn receives(&self, activity: &Value) -> Answer {
        self.post("/bot/messages", activity).await
    }

    /// It gets an activity and acknowledges it.
    async fn acknowledges(&self, activity: &Value) {
        self.receives(activity).await.expect(200);
    }

    /// An invocation of a function with any other trigger than HTTP; the answer that the host gets.
    async fn invoke(&self, function: &str, envelope: &Value) -> Answer {
        Answer::to(self.handler.post(&format!("/{function}"), envelope)).await
    }

    /// What the project's code noted.
    async fn journal(&self) -> Vec<String> {
        let answer = Answer::to(self.request(Method::GET, "/journal"))
            .await
            .expect(200);
        answer.body.lines().map(str::to_owned).collect()
    }

    /// Waits until the project's code has noted a line.
    async fn notes(&self, line: &str) {
        wait::until(&format!("the journal has {line:?}"), async || {
            self.journal()
                .await
                .iter()
                .any(|noted| noted == line)
                .then_some(())
        })
        .await;
    }

    /// Waits until it has noted a line that begins so.
    async fn notes_begin(&self, start: &str) {
        wait::until(&format!("a line that begins with {start:?}"), async || {
            self.journal()
                .await
                .iter()
                .any(|noted| noted.starts_with(start))
                .then_some(())
        })
        .await;
    }

    /// Waits for so many messages in a conversation.
    async fn says(&self, conversation: &str, count: usize) -> Vec<Call> {
        wait::until(&format!("{count} messages in {conversation}"), async || {
            let calls = self.connector.messages();
            let there: Vec<_> = calls
                .into_iter()
                .filter(|call| call.conversation == conversation)
                .collect();
            (there.len() >= count).then_some(there)
        })
        .await
    }

    /// Waits for a notification's end; its status.
    async fn ends(&self, id: &str) -> Value {
        let path = format!("/notices/{id}");
        wait::until("the notification ends", async || {
            let status = Answer::to(self.request(Method::GET, &path))
                .await
                .expect(200)
                .json();
            (status["state"] == "finished").then_some(status)
        })
        .await
    }
}

/// All texts of a card, in their order.
fn texts(card: &Value) -> Vec<&str> {
    let body = card["body"]
        .as_array()
        .unwrap_or_else(|| panic!("no card: {card}"));
    body.iter()
        .map(|element| element["text"].as_str().unwrap())
        .collect()
}

/// The card of a message.
fn card(activity: &Value) -> &Value {
    let attachment = &activity["attachments"][0];
    assert_eq!(
        attachment["contentType"], "application/vnd.microsoft.card.adaptive",
        "{activity}"
    );
    &attachment["content"]
}
