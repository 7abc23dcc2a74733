//! Parsing: what is kept, what is refused and with which words.

use super::*;
use serde_json::json;

fn parse(value: &Value) -> Result<Activity, ActivityError> {
    Activity::parse(value.to_string().as_bytes())
}

#[test]
fn unknown_members_survive() {
    let given =
        json!({"type": "message", "somethingNew": {"a": [1, 2]}, "from": {"id": "29:x", "role": "user"}});
    let activity = parse(&given).unwrap();
    assert_eq!(Value::Object(activity.raw().clone()), given);
    assert_eq!(activity.from().unwrap().id(), Some("29:x"));
}

#[test]
fn the_type_is_compared_without_case() {
    assert_eq!(
        parse(&json!({"type": "InstallationUpdate"})).unwrap().kind(),
        ActivityKind::InstallationUpdate
    );
    assert_eq!(
        parse(&json!({"type": "messageReaction"})).unwrap().kind(),
        ActivityKind::Other
    );
}

#[test]
fn a_bad_body_is_answered_with_what_is_wrong_and_where() {
    let said = |value: Value| parse(&value).unwrap_err().to_string();
    assert_eq!(said(json!([1])), "the body must be a JSON object, an activity");
    assert!(said(json!({"text": "x"})).starts_with("/type: "));
    assert!(said(json!({"type": 5})).starts_with("/type: "));
    assert_eq!(
        said(json!({"type": "message", "from": "me"})),
        "/from: expected an object"
    );
    assert_eq!(
        said(json!({"type": "message", "from": {"id": 5}})),
        "/from/id: expected a string"
    );
    assert_eq!(
        said(json!({"type": "message", "serviceUrl": 5})),
        "/serviceUrl: expected a string"
    );
    assert_eq!(
        said(json!({"type": "conversationUpdate", "membersAdded": [{}, 5]})),
        "/membersAdded/1: expected an object"
    );
    assert!(said(json!({"type": "message", "timestamp": "yesterday"})).starts_with("/timestamp: "));
    let torn = Activity::parse(b"{\"type\":\"mess").unwrap_err().to_string();
    assert!(torn.contains("line 1 column"), "{torn}");
    assert!(Activity::parse(b"").is_err());
    assert!(Activity::parse(b"\xff\xfe").is_err());
}

#[test]
fn null_is_absent() {
    let activity =
        parse(&json!({"type": "message", "from": null, "membersAdded": null, "text": null})).unwrap();
    assert!(activity.from().is_none() && activity.text().is_none());
    assert_eq!(activity.members_added().count(), 0);
}

#[test]
fn times_are_read_with_offset_without_offset_and_with_seven_digits() {
    let at = |text: &str| {
        parse(&json!({"type": "m", "timestamp": text}))
            .unwrap()
            .timestamp()
            .unwrap()
            .to_string()
    };
    assert_eq!(at("2026-01-05T09:00:01.1234567Z"), "2026-01-05T09:00:01.1234567Z");
    assert_eq!(at("2026-01-05T10:00:01+01:00"), "2026-01-05T09:00:01Z");
    assert_eq!(at("2026-01-05T09:00:01"), "2026-01-05T09:00:01Z");
}

#[test]
fn locale_and_zone_fall_back_to_the_client_information() {
    let activity = parse(&json!({"type": "message", "entities": [
        {"type": "mention"}, {"type": "clientInfo", "locale": "de-AT", "timezone": "Europe/Vienna"}]}))
    .unwrap();
    assert_eq!(
        (activity.locale(), activity.time_zone()),
        (Some("de-AT"), Some("Europe/Vienna"))
    );
    let own = parse(
        &json!({"type": "message", "locale": "it-IT", "localTimezone": "Europe/Rome", "entities": [
        {"type": "clientInfo", "locale": "de-AT", "timezone": null}]}),
    )
    .unwrap();
    assert_eq!(
        (own.locale(), own.time_zone()),
        (Some("it-IT"), Some("Europe/Rome"))
    );
}

#[test]
fn odd_json_in_parts_that_nobody_reads_is_no_bad_body() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(
        r#"{{"type":"installationUpdate","action":"add","conversation":{{"id":"a:1","name":"x\ud83d"}},"new":{deep}}}"#
    );
    let activity = Activity::parse(body.as_bytes()).unwrap();
    assert_eq!(activity.kind(), ActivityKind::InstallationUpdate);
    assert_eq!(activity.conversation_property("id"), Some("a:1"));
    assert_eq!(activity.conversation_property("name"), Some("x\u{fffd}"));
    let torn = Activity::parse(&body.as_bytes()[..body.len() - 1]).unwrap_err();
    assert!(matches!(torn, ActivityError::NotJson(_)), "{torn}");
}

#[test]
fn only_known_types_are_reported() {
    let known_type = |kind: &str| parse(&json!({"type": kind})).unwrap().known_type();
    assert_eq!(known_type("MESSAGEreaction"), "messageReaction");
    assert_eq!(known_type("jane.doe@contoso.example"), "other");
}

#[test]
fn an_address_holds_what_an_answer_needs_and_no_more() {
    let address = parse(&json!({"type": "message", "id": "1", "serviceUrl": "https://x/", "text": "help",
        "from": {"id": "29:1"}, "recipient": {"id": "28:b"}, "conversation": {"id": "a:1"}, "value": {"much": [1]},
        "entities": [{"type": "clientInfo", "locale": "de-AT"}], "attachments": [{}], "new": [[1]],
        "channelData": {"tenant": {"id": "t"}, "team": {"id": "x"}}}))
    .unwrap()
    .into_address();
    assert_eq!(
        Value::Object(address.raw().clone()),
        json!({"type": "message", "id": "1", "serviceUrl": "https://x/", "locale": "de-AT",
            "from": {"id": "29:1"}, "recipient": {"id": "28:b"}, "conversation": {"id": "a:1"},
            "channelData": {"tenant": {"id": "t"}}})
    );
}
