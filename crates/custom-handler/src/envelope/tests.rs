//! What the host sends, byte for byte, against what a function reads.

use super::*;

fn envelope(data: &str) -> Envelope {
    Envelope::parse(format!(r#"{{"Data":{{"job":{data}}},"Metadata":{{}}}}"#).as_bytes()).unwrap()
}

/// A string as the host encodes it: a JSON string of a JSON string literal.
fn doubled(text: &str) -> String {
    serde_json::to_string(&serde_json::to_string(text).unwrap()).unwrap()
}

fn text(data: &str) -> String {
    envelope(data).data("job").unwrap().text().into_owned()
}

#[test]
fn a_double_encoded_string_is_unwrapped_once() {
    assert_eq!(text(r#""\"hello \\\"world\\\"\"""#), r#"hello "world""#);
    assert_eq!(text(r#""\"\"""#), "");
    let message = r#"{"jobId":"j-42","to":["a","b"],"meta":{"k":"v"}}"#;
    assert_eq!(text(&doubled(message)), message);
    assert_eq!(text(&doubled(r#""a quoted message""#)), r#""a quoted message""#);
    assert_eq!(text(&doubled("null")), "null");
    assert_eq!(text(&doubled("12")), "12");
}

#[test]
fn the_documented_single_encoding_is_read_too() {
    assert_eq!(
        text(r#""{ message: \"Message sent\" }""#),
        r#"{ message: "Message sent" }"#
    );
    assert_eq!(text(r#""{\"a\":1}""#), r#"{"a":1}"#);
    assert_eq!(text(r#""plain""#), "plain");
    assert_eq!(text(r#""""#), "");
    assert_eq!(text(r#"{"z":1.50,"a":2}"#), r#"{"z":1.50,"a":2}"#);
    assert_eq!(text("7"), "7");
}

#[test]
fn bytes_come_as_base64() {
    assert_eq!(
        envelope(r#""AAH/""#).data("job").unwrap().bytes().unwrap(),
        [0, 1, 255]
    );
    assert_eq!(
        envelope(r#""""#).data("job").unwrap().bytes().unwrap(),
        Vec::<u8>::new()
    );
    assert_eq!(
        envelope(r#""not base64!""#).data("job").unwrap().bytes(),
        Err(PayloadError::Base64)
    );
    assert_eq!(
        envelope("{}").data("job").unwrap().bytes(),
        Err(PayloadError::Base64)
    );
}

#[test]
fn bindings_are_found_without_regard_to_case_and_the_first_is_the_trigger() {
    let e = Envelope::parse(br#"{"Metadata":{"DequeueCount":"1"},"Data":{"job":"\"a\"","extra":"\"b\""}}"#)
        .unwrap();
    assert_eq!(e.bindings().collect::<Vec<_>>(), ["job", "extra"]);
    assert_eq!(e.trigger(None).unwrap().0, "job");
    assert_eq!(e.trigger(Some("EXTRA")).unwrap().1.text(), "b");
    assert_eq!(e.metadata("dequeuecount").unwrap().text(), "1");
    let missing = e.trigger(Some("tick")).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`Data` has no `tick`; it has: `job`, `extra`. Give the `name` of the trigger binding in function.json"
    );
}

#[test]
fn what_is_wrong_with_a_body_is_said() {
    let why = |body: &[u8]| Envelope::parse(body).unwrap_err().to_string();
    assert_eq!(
        why(b" "),
        "the body is empty; an invocation is a JSON object with `Data` and `Metadata`"
    );
    assert_eq!(why(b"{\"Data\":\xff}"), "the body is not UTF-8 at byte 8");
    assert_eq!(
        why(b"{\"Data\":{"),
        "the body is not JSON: it ends too early at line 1, column 9"
    );
    assert_eq!(
        why(b"hello"),
        "the body is not JSON: it does not start with `{` at line 1, column 1"
    );
    assert_eq!(why(b"[1]"), "the body must be a JSON object, but is an array");
    assert_eq!(
        why(b"{\"Metadata\":{}}"),
        "the body has no `Data`; its properties are: `Metadata`"
    );
    assert_eq!(why(b"{}"), "the body has no `Data`; its properties are: none");
    assert_eq!(
        why(b"{\"Data\":\"x\"}"),
        "`Data` must be a JSON object, but is a string"
    );
    assert_eq!(
        why(b"{\"Data\":{}}"),
        "`Data` is empty; it must hold the trigger's value under its binding name"
    );
    assert_eq!(
        why(b"{\"Data\":{\"a\":1},\"Metadata\":[]}"),
        "`Metadata` must be a JSON object, but is an array"
    );
}

#[test]
fn debug_shows_no_content() {
    let e = envelope(&doubled("secret words"));
    let shown = format!("{e:?} {:?}", e.data("job").unwrap());
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.contains("job"), "{shown}");
}

proptest::proptest! {
    /// Whatever the text, what was put on the queue comes out.
    #[test]
    fn every_text_survives_the_double_encoding(original in ".*") {
        proptest::prop_assert_eq!(text(&doubled(&original)), original);
    }

    /// Any bytes get an answer, never a panic.
    #[test]
    fn no_body_panics(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = Envelope::parse(&body);
    }
}
