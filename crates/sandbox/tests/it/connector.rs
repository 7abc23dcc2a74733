//! The connector over HTTP: tokens, sizes, resets, latency.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::{Effect, Fault, FaultPlan, Latency, SandboxConfig, ScriptedResponse, TokenPolicy};

use crate::rig::{HELLO, Rig};

#[tokio::test]
async fn a_message_gets_through_with_its_encoded_id() {
    let rig = Rig::default().await;
    for id in rig.ids() {
        let (status, body) = rig.json("POST", &Rig::path(&id, "activities"), HELLO).await;
        assert_eq!(status, 201);
        assert!(body["id"].as_str().unwrap().parse::<u64>().unwrap() > 1_600_000_000_000);
    }
    let under_region = format!("/_connector/emea/v3/conversations/{}/activities", rig.ids()[0]);
    assert_eq!(rig.json("POST", &under_region, HELLO).await.0, 201);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_reported() {
    let rig = Rig::default().await;
    assert_eq!(rig.json("POST", "/_connector/v3/nothing", HELLO).await.0, 404);
    let (status, body) = rig.json("GET", "/_connector/v3/conversations", "").await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (405, Some("MethodNotAllowed"))
    );
}

#[tokio::test]
async fn tokens_are_demanded_when_asked_for() {
    let accepts = TokenPolicy::Accepted(Arc::new(|token: &str| token == "good"));
    let rig = Rig::start(SandboxConfig {
        tokens: accepts,
        ..SandboxConfig::default()
    })
    .await;
    let path = Rig::path(&rig.ids()[0], "activities");
    for (header, status) in [
        ("", 401),
        ("authorization: Bearer bad\r\n", 401),
        ("authorization: Basic good\r\n", 401),
        ("authorization: bearer good\r\n", 201),
    ] {
        let (got, _, body) = rig.call("POST", &path, header, HELLO).await;
        assert_eq!(got, status, "{header}");
        assert_eq!(
            body == r#"{"message":"Authorization has been denied for this request."}"#,
            status == 401
        );
    }
}

#[tokio::test]
async fn bodies_over_the_gateways_limit_are_too_large() {
    let rig = Rig::default().await;
    let body = format!(
        r#"{{"type":"message","from":{{"id":"x"}},"text":"{}"}}"#,
        "x".repeat(300_000)
    );
    let (status, answer) = rig
        .json("POST", &Rig::path(&rig.ids()[0], "activities"), &body)
        .await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (413, Some("RequestEntityTooLarge"))
    );
}

#[tokio::test]
async fn resets_end_the_connection_without_a_byte() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    let reset = |effect| ScriptedResponse {
        fault: Some(Fault::Reset),
        effect: Some(effect),
        times: 1,
    };
    rig.sandbox
        .script(
            Some(&personal),
            vec![reset(Effect::Nothing), reset(Effect::Accepted)],
        )
        .unwrap();
    for accepted in [0, 1] {
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\n",
            Rig::path(&personal, "activities")
        );
        let request = format!("{head}content-length: {}\r\n\r\n{HELLO}", HELLO.len());
        assert_eq!(rig.raw(request.as_bytes()).await, None);
        assert_eq!(rig.sandbox.accepted(&personal).unwrap(), accepted);
    }
}

#[tokio::test]
async fn throttling_carries_the_header_and_gateways_speak_html() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    let path = Rig::path(&personal, "activities");
    let faults = [
        Fault::Throttled { retry_after: Some(7) },
        Fault::Throttled { retry_after: None },
        Fault::BadGateway,
    ];
    let scripted = faults.map(|fault| ScriptedResponse {
        fault: Some(fault),
        effect: None,
        times: 1,
    });
    rig.sandbox.script(Some(&personal), scripted.to_vec()).unwrap();
    let (status, head, _) = rig.call("POST", &path, "", HELLO).await;
    assert!(status == 429 && head.contains("retry-after: 7"), "{head}");
    let (status, head, _) = rig.call("POST", &path, "", HELLO).await;
    assert!(status == 429 && !head.contains("retry-after"), "{head}");
    let (status, head, body) = rig.call("POST", &path, "", HELLO).await;
    assert!(
        status == 502 && head.contains("text/html") && body.starts_with("<html>"),
        "{head}"
    );
}

#[tokio::test]
async fn latency_is_waited_out() {
    let faults = FaultPlan {
        latency: Latency::Constant { millis: 60.0 },
        ..FaultPlan::default()
    };
    let rig = Rig::start(SandboxConfig {
        faults,
        ..SandboxConfig::default()
    })
    .await;
    let begin = Instant::now();
    assert_eq!(
        rig.json("POST", &Rig::path(&rig.ids()[0], "activities"), HELLO)
            .await
            .0,
        201
    );
    assert!(begin.elapsed() >= Duration::from_millis(60));
}
