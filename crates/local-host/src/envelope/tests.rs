//! Envelopes and conversions beside the documented examples.

use ::http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::http_output::http_response;
use super::reply::{Verdict, judge};
use super::*;
use functions_project::DataType;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn sent(envelope: &Envelope) -> Value {
    let mut value: Value = serde_json::from_slice(&envelope.to_bytes()).unwrap();
    if let Some(sys) = value["Metadata"]["sys"].as_object_mut() {
        assert!(uuid::Uuid::try_parse(sys["RandGuid"].as_str().unwrap()).is_ok());
        sys.remove("RandGuid");
    }
    value
}

fn message(text: &str) -> Value {
    let name = FunctionName::new("SendNotification").unwrap();
    let facts = MessageFacts {
        id: "800ae4b3-bdd2-4c08-badd-f08e5a34b865",
        body: text.as_bytes(),
        dequeue_count: 1,
        inserted: at("2026-11-22T10:00:00.123Z"),
        expires: at("2026-11-29T10:00:00Z"),
        next_visible: at("2026-11-22T10:10:00Z"),
        pop_receipt: "AgAAAAMAAAAAAAAAq1k2bQ==",
    };
    sent(&queue_message(
        &name,
        "job",
        DataType::Text,
        &facts,
        at("2026-11-22T10:00:00.1234567Z"),
    ))
}

#[test]
fn queue_text_is_encoded_twice_and_its_properties_shadow_metadata() {
    let text = r#"{"jobId":"j-42","attempt":2,"urgent":true,"to":["a","b"],"meta":{"k":"v"},"id":"biz-7","when":"2026-10-24T10:00:00Z","none":null,"myTrigger":"x"}"#;
    let value = message(text);
    assert_eq!(
        value["Data"]["job"],
        Value::String(serde_json::to_string(text).unwrap())
    );
    assert_eq!(
        value["Metadata"],
        json!({
            "DequeueCount": "1",
            "ExpirationTime": "2026-11-29T10:00:00+00:00",
            "Id": "\"biz-7\"",
            "InsertionTime": "2026-11-22T10:00:00+00:00",
            "NextVisibleTime": "2026-11-22T10:10:00+00:00",
            "PopReceipt": "\"AgAAAAMAAAAAAAAAq1k2bQ==\"",
            "sys": {"MethodName": "SendNotification", "UtcNow": "2026-11-22T10:00:00.1234567Z"},
            "jobId": "\"j-42\"", "attempt": "\"2\"", "urgent": "\"True\"", "meta": {"k": "v"},
            "when": "\"10/24/2026 10:00:00\"",
        })
    );
}

#[test]
fn plain_and_empty_queue_texts() {
    assert_eq!(
        message(r#"hello "world""#)["Data"]["job"],
        json!(r#""hello \"world\"""#)
    );
    assert_eq!(message("")["Data"]["job"], json!("\"\""));
    assert_eq!(
        message("ü")["Metadata"]["Id"],
        json!("\"800ae4b3-bdd2-4c08-badd-f08e5a34b865\"")
    );
    // A property called sys replaces the host's own.
    let name = FunctionName::new("f").unwrap();
    let mut envelope = Envelope::generic(&name, "e", r#"{"SYS":"mine"}"#, at("2026-01-01T00:00:00Z"));
    envelope.set_retry(0, Some(3), None);
    let value: Value = serde_json::from_slice(&envelope.to_bytes()).unwrap();
    assert_eq!(value["Metadata"]["sys"], json!("\"mine\""));
    assert_eq!(value["Metadata"]["RetryContext"]["MaxRetryCount"], json!(3));
}

#[test]
fn timers_are_objects() {
    let name = FunctionName::new("DailyDigest").unwrap();
    let status = ScheduleStatus {
        last: Some(at("2026-11-21T07:00:00.0012345Z")),
        next: at("2026-11-22T07:00:00Z"),
        updated: None,
    };
    let facts = TimerFacts {
        adjusts_for_dst: true,
        status: Some(status),
        past_due: true,
    };
    let value = sent(&timer_info(
        &name,
        "tick",
        &facts,
        at("2026-11-22T07:00:00.0451234Z"),
    ));
    assert_eq!(
        value,
        json!({
            "Data": {"tick": {
                "Schedule": {"AdjustForDST": true},
                "ScheduleStatus": {
                    "Last": "2026-11-21T07:00:00.0012345+00:00",
                    "Next": "2026-11-22T07:00:00+00:00",
                    "LastUpdated": "0001-01-01T00:00:00+00:00",
                },
                "IsPastDue": true,
            }},
            "Metadata": {"sys": {"MethodName": "DailyDigest", "UtcNow": "2026-11-22T07:00:00.0451234Z"}},
        })
    );
    let facts = TimerFacts {
        status: None,
        ..facts
    };
    assert_eq!(
        sent(&timer_info(&name, "tick", &facts, at("2026-11-22T07:00:00Z")))["Data"]["tick"]["ScheduleStatus"],
        Value::Null
    );
}

#[test]
fn http_requests_keep_a_plain_body() {
    let name = FunctionName::new("Notify").unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("contoso"));
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.append("x-a", HeaderValue::from_static("1"));
    headers.append("x-a", HeaderValue::from_static("2"));
    let query = [
        ("code".to_owned(), "KEY".to_owned()),
        ("x".to_owned(), "1".to_owned()),
    ];
    let params = [("id".to_owned(), "7".to_owned())];
    let facts = HttpFacts {
        url: "http://contoso/api/Notify?code=KEY&x=1",
        method: &Method::POST,
        query: &query,
        headers: &headers,
        params: &params,
        body: Some(br#"{"hello":"world"}"#),
    };
    let value = sent(&http_request(&name, "req", &facts, at("2026-11-22T10:00:00Z")));
    let request = &value["Data"]["req"];
    assert_eq!(request["Body"], json!(r#"{"hello":"world"}"#));
    assert_eq!(
        request["Headers"],
        json!({"Host": ["contoso"], "Content-Type": ["application/json"], "x-a": ["1", "2"]})
    );
    assert_eq!(
        (&request["Query"], &request["Params"]),
        (&json!({"code": "KEY", "x": "1"}), &json!({"id": "7"}))
    );
    let metadata = &value["Metadata"];
    assert_eq!(
        (&metadata["hello"], &metadata["x"], &metadata["id"]),
        (&json!("\"world\""), &json!("\"1\""), &json!("\"7\""))
    );
    assert!(metadata.get("code").is_none());
    let mut binary = headers.clone();
    binary.insert(
        "content-type",
        HeaderValue::from_static("application/octet-stream"),
    );
    let facts = HttpFacts {
        headers: &binary,
        body: Some(&[0, 255]),
        ..facts
    };
    assert_eq!(
        sent(&http_request(&name, "req", &facts, at("2026-11-22T10:00:00Z")))["Data"]["req"]["Body"],
        json!("AP8=")
    );
    let facts = HttpFacts { body: None, ..facts };
    assert!(
        sent(&http_request(&name, "req", &facts, at("2026-11-22T10:00:00Z")))["Data"]["req"]
            .get("Body")
            .is_none()
    );
}

fn verdict(status: u16, media: Option<&str>, body: &str) -> String {
    let mut headers = HeaderMap::new();
    if let Some(media) = media {
        headers.insert("content-type", HeaderValue::from_str(media).unwrap());
    }
    match judge(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes()) {
        Verdict::Success(reply) => format!("success {}", reply.logs.len()),
        Verdict::Failure(error) => format!("failure: {error}"),
        Verdict::NeverCompletes => "hangs".to_owned(),
    }
}

#[test]
fn answers_are_judged_by_the_hosts_table() {
    let json = Some("application/json; charset=utf-8");
    for (status, media, body, expected) in [
        (200, json, "{}", "success 0"),
        (
            202,
            Some("Text/JSON"),
            r#"{"LOGS":["a",1,null],"other":1}"#,
            "success 3",
        ),
        (
            200,
            json,
            r#"{"Outputs":null,"Logs":null,"ReturnValue":null}"#,
            "success 0",
        ),
        (200, json, "", "hangs"),
        (200, None, "", "hangs"),
        (204, None, "", "hangs"),
        (200, json, " null ", "hangs"),
        (200, Some("text/plain"), "null", "failure"),
        (200, Some("text/plain"), "{}", "failure"),
        (200, None, "{}", "failure"),
        (200, json, "[]", "failure"),
        (200, json, "1", "failure"),
        (200, json, "{", "failure"),
        (200, json, r#"{"Logs":"x"}"#, "failure"),
        (200, json, r#"{"Outputs":[1]}"#, "failure"),
        (302, json, "{}", "failure: the handler answered with status 302"),
        (404, json, r#"{"Logs":["x"]}"#, "failure"),
        (500, json, "{}", "failure"),
    ] {
        let found = verdict(status, media, body);
        assert!(found.starts_with(expected), "{status} {media:?} {body}: {found}");
    }
}

#[test]
fn http_outputs() {
    let read = |json: &str| {
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(json).unwrap();
        http_response(&raw).map(|output| (output.status.as_u16(), output.headers, output.body))
    };
    let (status, headers, body) =
        read(r#"{"statusCode":"202","body":{"a":1},"headers":{"Content-Type":"application/json","X-N":5}}"#)
            .unwrap();
    assert_eq!((status, body.as_str()), (202, "{\n  \"a\": 1\n}"));
    assert_eq!(headers.len(), 2);
    let (status, headers, body) = read(r#"{"body":"raw"}"#).unwrap();
    assert_eq!(
        (status, body.as_str(), headers[0].1.to_str().unwrap()),
        (200, "raw", "text/plain; charset=utf-8")
    );
    for wrong in [
        r#""text""#,
        "5",
        r#"{"statusCode":"x"}"#,
        r#"{"headers":{"a":null}}"#,
        r#"{"headers":[]}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

/// Minutes when every name was compared with all before it.
#[test]
fn work_on_metadata_grows_with_its_length_only() {
    let properties: Map<String, Value> = (0..100_000).map(|n| (format!("Name{n}"), json!(n))).collect();
    let text = Value::Object(properties).to_string();
    let begun = std::time::Instant::now();
    let mut metadata = Metadata::default();
    metadata.lift(&text);
    metadata.set("NAME7", json!("last"));
    assert_eq!(metadata.values.len(), 100_000);
    assert!(metadata.values.contains(&("Name7".to_owned(), json!("last"))));
    let taken = begun.elapsed();
    assert!(taken < std::time::Duration::from_secs(30), "{taken:?}");
}
