//! The notification API as its caller uses it. Whoever reads a status through this also checks that it adds up.

use super::{handler::Handler, http::Answer, wait};
use reqwest::Method;
use serde_json::{Value, json};

/// Every outcome, and what has none yet.
const COUNTS: [&str; 10] = [
    "delivered",
    "blocked",
    "uninstalled",
    "gone",
    "rejected",
    "failed",
    "uncertain",
    "cancelled",
    "skipped",
    "pending",
];

/// The audience of everyone, said.
pub(crate) fn to_all(extra: Value) -> Value {
    with(extra, "audience", json!({ "all": true }))
}

/// The audience of some conversations.
pub(crate) fn to(conversations: &[String], extra: Value) -> Value {
    with(extra, "audience", json!({ "conversations": conversations }))
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

impl Handler {
    /// Posts a notification.
    pub(crate) async fn notify(&self, body: &Value) -> Answer {
        Answer::to(self.post("/api/notification", body)).await
    }

    /// Posts a notification that is accepted; its id.
    pub(crate) async fn accepts(&self, body: &Value) -> String {
        accepted(&self.notify(body).await.expect(202).json())
    }

    /// A notification's status, after checking that it adds up.
    pub(crate) async fn status(&self, id: &str) -> Value {
        let answer = Answer::to(self.request(Method::GET, &format!("/api/notification/{id}")))
            .await
            .expect(200);
        let status = answer.json();
        assert_eq!(status["id"], id, "{status}");
        let of = |name: &str| {
            status["counts"][name]
                .as_u64()
                .unwrap_or_else(|| panic!("no count {name}: {status}"))
        };
        let sum: u64 = COUNTS.into_iter().map(of).sum();
        assert_eq!(
            Some(sum),
            status["total"].as_u64(),
            "the counts do not sum to total: {status}"
        );
        status
    }

    /// Waits until a notification has ended; its last status.
    pub(crate) async fn waits(&self, id: &str) -> Value {
        wait::until("a tenant of the notification waits", async || {
            let status = self.status(id).await;
            status["waiting"].is_array().then_some(status)
        })
        .await
    }

    /// The status at the end.
    pub(crate) async fn ends(&self, id: &str) -> Value {
        // What may speak of more than its recipient is tried three times, 15 s apart.
        let status = wait::within(3 * wait::LONGEST_WAIT, "the notification ends", async || {
            let status = self.status(id).await;
            let state = status["state"].as_str().unwrap();
            assert!(
                [
                    "queued",
                    "planning",
                    "sending",
                    "stopped",
                    "finished",
                    "cancelled"
                ]
                .contains(&state),
                "no such state: {status}"
            );
            ["finished", "cancelled", "stopped"]
                .contains(&state)
                .then_some(status)
        })
        .await;
        if status["state"] != "stopped" {
            assert_eq!(status["planned"], true, "{status}");
            assert_eq!(status["counts"]["pending"], 0, "{status}");
            assert!(
                status["finishedAt"].is_string() || status["state"] == "cancelled",
                "{status}"
            );
        }
        status
    }

    /// Posts a notification and waits for its end.
    pub(crate) async fn sends(&self, body: &Value) -> Value {
        let id = self.accepts(body).await;
        self.ends(&id).await
    }

    /// The report's lines.
    pub(crate) async fn report(&self, id: &str) -> Vec<Value> {
        let path = format!("/api/notification/{id}/report");
        let answer = Answer::to(self.request(Method::GET, &path)).await.expect(200);
        assert!(
            answer.header("content-type").starts_with("application/x-ndjson"),
            "{answer:#?}"
        );
        answer
            .body
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// A report's line about a conversation.
    pub(crate) async fn outcome(&self, id: &str, conversation: &str) -> Value {
        let report = self.report(id).await;
        let mut lines = report
            .iter()
            .filter(|line| line["conversationId"] == conversation);
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("{conversation} is not in {report:#?}"))
            .clone();
        assert!(
            lines.next().is_none(),
            "{conversation} is in it twice: {report:#?}"
        );
        line
    }
}

/// The id in an answer to a POST, after checking the answer's shape.
#[track_caller]
pub(crate) fn accepted(answer: &Value) -> String {
    let id = answer["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id: {answer}"))
        .to_owned();
    assert!(
        answer["state"].is_string() && answer["total"].is_u64() && answer["planned"].is_boolean(),
        "{answer}"
    );
    assert_eq!(
        answer["links"]["self"],
        format!("/api/notification/{id}"),
        "{answer}"
    );
    assert_eq!(
        answer["links"]["report"],
        format!("/api/notification/{id}/report"),
        "{answer}"
    );
    id
}

/// The count of an outcome.
#[track_caller]
pub(crate) fn count(status: &Value, outcome: &str) -> u64 {
    status["counts"][outcome]
        .as_u64()
        .unwrap_or_else(|| panic!("no count {outcome}: {status}"))
}
