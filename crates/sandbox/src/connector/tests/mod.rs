//! Every answer of the connector, in virtual time and without HTTP.

mod create;
mod messages;
mod rosters;
mod strikes;
mod switches;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, Operation, Reply, Request};
use crate::{LimitTable, Sandbox, SandboxConfig, TeamsEvent};

const NOW: u64 = 1_767_603_601_123;

struct Rig {
    sandbox: Sandbox,
    now: std::cell::Cell<u64>,
    address: std::cell::Cell<&'static str>,
}

impl Rig {
    fn new(config: SandboxConfig) -> Self {
        Self {
            sandbox: Sandbox::new(config).unwrap(),
            now: std::cell::Cell::new(NOW),
            address: std::cell::Cell::new("/_connector"),
        }
    }

    /// The default world, without limits.
    fn free() -> Self {
        Self::new(SandboxConfig {
            limits: LimitTable::lifted(),
            ..SandboxConfig::default()
        })
    }

    fn ask(&self, operation: Operation<'_>, body: &Value) -> Answer {
        let body = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let request = Request {
            operation,
            address: self.address.get(),
            authorization: None,
            body,
        };
        self.sandbox
            .connector()
            .handle(Duration::from_millis(self.now.get()), &request)
    }

    fn reply(&self, operation: Operation<'_>, body: &Value) -> (u16, Value) {
        self.ask(operation, body).reply().map(read).unwrap()
    }

    fn send(&self, conversation: &str) -> (u16, Value) {
        self.reply(
            Operation::Send {
                conversation: conversation.into(),
            },
            &message(),
        )
    }

    /// personal, group, General, Alerts
    fn ids(&self) -> [String; 4] {
        self.sandbox.conversations(4).try_into().unwrap()
    }

    /// Lets something happen in the world; nobody listens to the activities.
    fn raise(&self, conversation: &str, teams_event: &TeamsEvent) {
        let now = Duration::from_millis(self.now.get());
        self.sandbox
            .connector()
            .lock()
            .raise(now, "http://x/", conversation, None, teams_event)
            .unwrap();
    }
}

fn read(reply: &Reply) -> (u16, Value) {
    (
        reply.status,
        serde_json::from_slice(&reply.body).unwrap_or(Value::Null),
    )
}

fn message() -> Value {
    json!({ "type": "message", "from": { "id": "28:bot" }, "text": "hello" })
}

fn code((status, body): &(u16, Value)) -> (u16, &str) {
    (*status, body["error"]["code"].as_str().unwrap_or_default())
}
