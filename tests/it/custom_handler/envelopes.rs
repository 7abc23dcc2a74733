//! Envelopes: whatever comes in them, the answer never leaves the host waiting.

use super::{bot, tick};
use crate::support::http::{Answer, client};

/// A 2xx without a JSON object would hang the invocation until the host kills the process.
#[track_caller]
fn is_no_trap(answer: &Answer) {
    if (200..300).contains(&answer.status) {
        assert!(
            answer.header("content-type").starts_with("application/json"),
            "{answer:#?}"
        );
        assert!(answer.json().is_object(), "{answer:#?}");
    }
}

#[tokio::test]
async fn a_timer_is_answered_with_a_json_object() {
    let (handler, _, _) = bot().await;
    let envelope = tick(None, "2026-11-22T07:00:00.0451234Z");
    let answer = Answer::to(handler.post("/timerTrigger", &envelope))
        .await
        .expect(200);
    is_no_trap(&answer);
}

#[tokio::test]
async fn broken_envelopes_fail_and_do_not_hang() {
    let (handler, _, _) = bot().await;
    let bodies = [
        "",
        "null",
        "{",
        "[]",
        "\"text\"",
        "{}",
        r#"{"Data":{}}"#,
        r#"{"Data":{"timer":"not a timer"},"Metadata":{}}"#,
    ];
    for body in bodies {
        let request = client()
            .post(handler.url("/timerTrigger"))
            .header("content-type", "application/json")
            .header(
                "x-azure-functions-invocationid",
                "2f9d6c9e-1111-4111-8111-000000000003",
            )
            .body(body);
        is_no_trap(&Answer::to(request).await);
    }
    let broken = client()
        .post(handler.url("/timerTrigger"))
        .header("content-type", "application/json")
        .body("{");
    assert!(
        Answer::to(broken.header("x-azure-functions-invocationid", "x"))
            .await
            .status
            >= 400
    );
}

#[tokio::test]
async fn an_unknown_function_is_an_error() {
    let (handler, _, _) = bot().await;
    let answer = Answer::to(handler.post("/noSuchFunction", &tick(None, "2026-11-22T07:00:00Z"))).await;
    assert!(answer.status >= 400, "{answer:#?}");
}
