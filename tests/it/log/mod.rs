//! The log as an operator works with it: its format, the settings that are heeded, what it says of each notification, and
//! what becomes of a process whose output nobody reads any more.

mod closed_pipe;
mod dev;
mod ended;
mod errors;
mod settings;

use crate::support::{handler::Handler, wait};
use serde_json::Value;

/// Waits for the line that a notification ended, and looks twice that it is the only one.
async fn ended(handler: &Handler, id: &str) -> Value {
    let lines = || -> Vec<Value> {
        let events = handler.output.events();
        let of_it =
            |event: &Value| event["message"] == "notification ended" && event["notification_id"] == id;
        events.into_iter().filter(of_it).collect()
    };
    wait::until("the line that the notification ended", async || {
        (!lines().is_empty()).then_some(())
    })
    .await;
    let lines = lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines[0].clone()
}
