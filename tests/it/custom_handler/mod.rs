//! The binary behind the Functions host, which these tests play on the wire.

mod envelopes;
mod http;
mod lifecycle;
mod log;
mod occurrences;
mod paths;
mod timer;

use crate::support::{activities::Teams, connector::Connector, handler::Handler, local_bot::LocalBot};
use serde_json::{Value, json};

/// A handler without a registration, and a connector that it may reach.
async fn bot() -> (Handler, Connector, Teams) {
    let LocalBot {
        handler,
        connector,
        teams,
    } = LocalBot::start().await;
    (handler, connector, teams)
}

/// A timer's envelope as the host sends it; `next` is the occurrence, if the host keeps a record.
pub(crate) fn tick(next: Option<&str>, now: &str) -> Value {
    let status = next.map(|next| json!({ "Last": "0001-01-01T00:00:00+00:00", "Next": next, "LastUpdated": "0001-01-01T00:00:00+00:00" }));
    json!({
        "Data": { "timer": { "Schedule": { "AdjustForDST": true }, "ScheduleStatus": status, "IsPastDue": false } },
        "Metadata": { "sys": { "MethodName": "timerTrigger", "UtcNow": now, "RandGuid": "0d5f7f0e-54be-4ba1-9a8e-0a5d3c0f6b77" } },
    })
}
