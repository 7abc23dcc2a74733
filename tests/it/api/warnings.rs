//! What is probably not meant so is told with the acceptance, and sent all the same.

use super::served;
use crate::support::http::Answer;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn misspelt_data_are_told_and_the_notification_is_sent() {
    let (handler, _connector) = served(1).await;
    let answer = handler
        .notify(&json!({
            "card": "alert", "data": { "severty": "critical-secret", "title": "x" }, "audience": { "all": true },
        }))
        .await;
    let accepted = answer.expect(202).json();
    assert_eq!(
        accepted["warnings"],
        json!([{
            "code": "unread-data", "pointer": "/data/severty",
            "detail": "no field of the card reads it; did you mean severity?",
        }])
    );
    let id = accepted["id"].as_str().unwrap();
    assert_eq!(handler.ends(id).await["counts"]["delivered"], 1);

    let edit =
        json!({ "card": { "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": "${title}" }] } });
    let edited = handler
        .request(Method::PUT, &format!("/api/notification/{id}"))
        .header("content-type", "application/json")
        .body(edit.to_string());
    let edited = Answer::to(edited).await;
    assert_eq!(edited.expect(202).json()["warnings"][0]["pointer"], "/data/title");

    for good in [
        json!({ "audience": { "all": true } }),
        json!({ "text": "x", "audience": { "all": true } }),
        json!({ "card": "alert", "data": { "Severity": "critical" }, "audience": { "all": true } }),
    ] {
        let accepted = handler.notify(&good).await.expect(202).json();
        assert!(accepted["warnings"].is_null(), "{accepted}");
    }
}
