//! Envelopes of every shape against functions of every kind.

use axum::Router;
use custom_handler::{
    App, Batch, Binary, Envelope, Failure, Function, HttpFunction, Invocation, QueueItem, Reply, Text, Timer,
    WiringError,
};
use serde_json::{Value, json};

use crate::host::{doubled, envelope, failure, invoke, queue_body, reply, send};

/// Functions that answer with what they were given.
fn app() -> Router {
    App::new()
        .queue("echoQueue", |item: QueueItem, call: Invocation| async move {
            let about = json!({ "count": item.dequeue_count(), "id": item.id(), "call": call.id().map(|id| id.to_string()) });
            Ok::<_, Failure>(Reply::new().queue("out", [item.text.clone()]).return_value(about))
        })
        .queue(Function::named("second").trigger("job"), |item: QueueItem, call: Invocation| async move {
            let other = call.envelope().data("settings").map(|p| p.text().into_owned());
            Ok::<_, Failure>(Reply::new().queue("out", [item.text]).log(other.unwrap_or_default()))
        })
        .timer("tick", |timer: Timer, _: Invocation| async move {
            let last = timer.schedule_status.and_then(|s| s.last).map(|t| t.to_string());
            let next = timer.occurrence().map(|t| t.to_string());
            Ok::<_, Failure>(Reply::new().return_value(json!([timer.is_past_due, last, next])))
        })
        .function("events", |batch: Batch, _: Invocation| async move {
            Ok::<_, Failure>(Reply::new().queue("out", batch.texts()))
        })
        .function("text", |text: Text, _: Invocation| async move { Ok::<_, Failure>(Reply::new().queue("out", [text.0])) })
        .function("bytes", |bytes: Binary, _: Invocation| async move {
            Ok::<_, Failure>(Reply::new().return_value(json!(bytes.0)))
        })
        .function("raw", |raw: Envelope, _: Invocation| async move {
            Ok::<_, Failure>(Reply::new().return_value(json!(raw.bindings().collect::<Vec<_>>())))
        })
        .queue("nothing", |_: QueueItem, _: Invocation| async move { Ok::<_, Failure>(()) })
        .queue("fails", |item: QueueItem, _: Invocation| async move {
            item.json::<Value>()?;
            Err::<(), _>(Failure::new("store is down"))
        })
        .queue("panics", |item: QueueItem, _: Invocation| async move {
            assert!(item.text.is_empty(), "not empty");
            Ok::<_, Failure>(())
        })
        .queue("panicsAtOnce", panics_at_once)
        .into_router()
        .unwrap()
}

/// Panics before it makes a future.
#[allow(clippy::needless_pass_by_value)]
fn panics_at_once(item: QueueItem, _: Invocation) -> std::future::Ready<Result<(), Failure>> {
    assert!(item.text.is_empty(), "at once");
    std::future::ready(Ok(()))
}

#[tokio::test]
async fn queue_messages_arrive_exactly_as_they_were_sent() {
    let app = app();
    for message in [
        r#"hello "world""#,
        "",
        "test",
        "[1,2]",
        "null",
        "{\"jobId\":\"j-42\",\"to\":[\"a\",\"b\"]}",
        "\"quoted\"",
        "line\nbreak \u{1F600} ü \\ \u{0} end",
        " spaced ",
    ] {
        let answer = reply(&app, "echoQueue", queue_body(message)).await;
        assert_eq!(answer["Outputs"]["out"], json!([message]));
        assert_eq!(answer["ReturnValue"]["count"], 1);
        assert_eq!(answer["ReturnValue"]["call"], crate::host::ID);
    }
}

#[tokio::test]
async fn documented_shapes_are_read_too() {
    let app = app();
    let single = r#"{"Data":{"myQueueItem":"{ message: \"Message sent\" }"},
        "Metadata":{"DequeueCount":1,"Id":"800ae4b3","sys":{"MethodName":"echoQueue"}}}"#;
    let answer = reply(&app, "echoQueue", single).await;
    assert_eq!(answer["Outputs"]["out"], json!(["{ message: \"Message sent\" }"]));
    assert_eq!(
        answer["ReturnValue"],
        json!({ "count": 1, "id": "800ae4b3", "call": crate::host::ID })
    );
    let object = r#"{"Data":{"item":{"b":1.0,"a":"x"}}}"#;
    assert_eq!(
        reply(&app, "echoQueue", object).await["Outputs"]["out"],
        json!([r#"{"b":1.0,"a":"x"}"#])
    );
}

#[tokio::test]
async fn a_message_may_shadow_metadata_but_not_its_own_text() {
    let message = r#"{"id":"biz-7","DEQUEUECOUNT":"many","sys":{"x":1}}"#;
    let body = json!({
        "Data": { "job": doubled(message) },
        "Metadata": { "DEQUEUECOUNT": "\"many\"", "Id": "\"biz-7\"", "sys": { "x": 1 } }
    });
    let answer = reply(&app(), "echoQueue", body.to_string()).await;
    assert_eq!(answer["Outputs"]["out"], json!([message]));
    assert_eq!(
        answer["ReturnValue"],
        json!({ "count": null, "id": "biz-7", "call": crate::host::ID })
    );
}

#[tokio::test]
async fn timers_of_every_kind_fire() {
    let app = app();
    let fire = async |tick: Value| {
        let body = json!({ "Data": { "timer": tick }, "Metadata": { "sys": { "MethodName": "tick" } } });
        reply(&app, "tick", body.to_string()).await["ReturnValue"].clone()
    };
    let first = json!({ "Schedule": { "AdjustForDST": true }, "IsPastDue": false, "ScheduleStatus": {
        "Last": "0001-01-01T00:00:00+00:00", "Next": "2026-11-22T07:00:00+00:00", "LastUpdated": "0001-01-01T00:00:00+00:00" } });
    assert_eq!(fire(first).await, json!([false, null, "2026-11-22T07:00:00Z"]));
    let late = json!({ "IsPastDue": true, "Added": [1], "ScheduleStatus": {
        "Last": "2026-11-21T07:00:00.0012345+00:00", "Next": "2026-11-22T07:00:00+00:00" } });
    assert_eq!(
        fire(late).await,
        json!([true, "2026-11-21T07:00:00.0012345Z", "2026-11-22T07:00:00Z"])
    );
    assert_eq!(
        fire(json!({ "Schedule": {}, "ScheduleStatus": null, "IsPastDue": false })).await,
        json!([false, null, null])
    );
}

#[tokio::test]
async fn other_triggers_are_decoded() {
    let app = app();
    let many =
        r#"{"Data":{"e":"[\"e1\",\"{\\\"a\\\":1}\"]"},"Metadata":{"PartitionKeyArray":"[null,null]"}}"#;
    assert_eq!(
        reply(&app, "events", many).await["Outputs"]["out"],
        json!(["e1", "{\"a\":1}"])
    );
    let cosmos =
        json!({ "Data": { "docs": doubled(r#"[{"id":"1"},{"id":"2"}]"#) }, "Metadata": {} }).to_string();
    assert_eq!(
        reply(&app, "events", cosmos).await["Outputs"]["out"],
        json!([r#"{"id":"1"}"#, r#"{"id":"2"}"#])
    );
    assert_eq!(
        reply(&app, "text", queue_body("one event")).await["Outputs"]["out"],
        json!(["one event"])
    );
    let bytes = r#"{"Data":{"blob":"AAH/"},"Metadata":{}}"#;
    assert_eq!(
        reply(&app, "bytes", bytes).await["ReturnValue"],
        json!([0, 1, 255])
    );
    let two = r#"{"Data":{"b":{},"a":"1"},"Metadata":{}}"#;
    assert_eq!(reply(&app, "raw", two).await["ReturnValue"], json!(["b", "a"]));
}

#[tokio::test]
async fn a_named_trigger_is_found_among_other_inputs() {
    let app = app();
    let body = json!({ "Data": { "settings": doubled("other"), "Job": doubled("mine") }, "Metadata": {} })
        .to_string();
    let answer = reply(&app, "second", body).await;
    assert_eq!(
        (&answer["Outputs"]["out"], &answer["Logs"]),
        (&json!(["mine"]), &json!(["other"]))
    );
    let (status, why) = failure(&app, "second", r#"{"Data":{"item":"1"}}"#).await;
    assert_eq!(status, 400);
    assert!(why.starts_with("`Data` has no `job`; it has: `item`."), "{why}");
}

#[tokio::test]
async fn success_without_outputs_is_never_empty() {
    let answer = reply(&app(), "nothing", queue_body("x")).await;
    assert_eq!(answer, json!({ "Outputs": {}, "Logs": [], "ReturnValue": null }));
}

#[tokio::test]
async fn failures_and_panics_are_500_and_the_next_invocation_works() {
    let app = app();
    assert_eq!(
        failure(&app, "fails", queue_body("{}")).await,
        (500, "store is down".to_owned())
    );
    let (status, why) = failure(&app, "fails", queue_body("secret words")).await;
    assert!(status == 500 && !why.contains("secret"), "{status} {why}");
    assert_eq!(
        failure(&app, "panics", queue_body("x")).await,
        (500, "the handler panicked: not empty".to_owned())
    );
    assert_eq!(
        failure(&app, "panicsAtOnce", queue_body("x")).await,
        (500, "the handler panicked: at once".to_owned())
    );
    reply(&app, "panics", queue_body("")).await;
}

#[tokio::test]
async fn what_is_no_envelope_is_refused_with_a_reason() {
    let app = app();
    for (body, expected) in [
        (
            "",
            "the body is empty; an invocation is a JSON object with `Data` and `Metadata`",
        ),
        (
            "{\"Data\":",
            "the body is not JSON: it ends too early at line 1, column 8",
        ),
        ("[]", "the body must be a JSON object, but is an array"),
        (
            "{\"Metadata\":{}}",
            "the body has no `Data`; its properties are: `Metadata`",
        ),
    ] {
        assert_eq!(failure(&app, "echoQueue", body).await, (400, expected.to_owned()));
    }
    let (status, why) = failure(&app, "tick", queue_body("text")).await;
    assert!(
        status == 400 && why.contains("`Data.job` is a string, expected a timer"),
        "{status} {why}"
    );
    let (status, why) = failure(&app, "bytes", r#"{"Data":{"b":"***"}}"#).await;
    assert!(status == 400 && why.contains("dataType"), "{status} {why}");
}

#[tokio::test]
async fn an_unknown_function_is_answered_with_the_known_ones() {
    let app = App::new()
        .timer("b", |_: Timer, _: Invocation| async move { Ok::<_, Failure>(()) })
        .timer("a", |_: Timer, _: Invocation| async move { Ok::<_, Failure>(()) })
        .into_router()
        .unwrap();
    let (status, why) = failure(&app, "A", queue_body("x")).await;
    assert_eq!(
        (status, why.as_str()),
        (404, "no function is named `A`; this handler has: a, b")
    );
}

#[tokio::test]
async fn several_megabytes_pass_and_more_than_the_limit_does_not() {
    let message = "ü".repeat(3_000_000);
    let answer = reply(&app(), "echoQueue", queue_body(&message)).await;
    assert!(answer["Outputs"]["out"][0] == message);
    let small = App::new()
        .queue(
            "q",
            |_: QueueItem, _: Invocation| async move { Ok::<_, Failure>(()) },
        )
        .envelope_limit(1_000)
        .into_router()
        .unwrap();
    let (status, why) = failure(&small, "q", queue_body(&"x".repeat(1_000))).await;
    assert_eq!(
        (status, why.as_str()),
        (
            413,
            "the envelope is larger than 1000 bytes (App::envelope_limit)"
        )
    );
}

#[tokio::test]
async fn a_public_request_cannot_play_the_host() {
    let app = app();
    for mark in ["x-forwarded-host", "x-forwarded-for", "x-ms-invocation-id"] {
        let mut forged = envelope("echoQueue", queue_body("forged"));
        forged.headers_mut().insert(mark, "x".parse().unwrap());
        assert_eq!(send(&app, forged).await.status(), 404, "{mark}");
    }
    // As a host forwards it that stands alone: nothing but the public name and the client's agent tell.
    for (name, value) in [
        ("host", "bot.example.net"),
        ("user-agent", "curl/8.0 Azure-Functions-Host/4.1037.0.0"),
    ] {
        let mut forged = envelope("echoQueue", queue_body("forged"));
        forged.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(send(&app, forged).await.status(), 404, "{name}");
    }
    assert!(matches!(
        invoke(&app, "echoQueue", queue_body("real")).await,
        crate::host::Verdict::Success(_)
    ));
}

/// In one process with what plays the host, a local client's `Host` differs by the port only.
#[tokio::test]
async fn a_router_at_a_port_is_called_by_that_name_only() {
    let app = App::new().queue("job", |_: QueueItem, _: Invocation| async move {
        Ok::<_, Failure>(())
    });
    let app = app.into_router_at(41_234).unwrap();
    for (host, status) in [
        ("127.0.0.1:41234", 200),
        ("localhost:41234", 200),
        ("127.0.0.1:3978", 404),
        ("localhost:3978", 404),
        ("localhost", 404),
    ] {
        let mut request = envelope("job", queue_body("text"));
        request.headers_mut().insert("host", host.parse().unwrap());
        assert_eq!(send(&app, request).await.status(), status, "{host}");
    }
}

#[test]
fn mistakes_in_the_wiring_are_errors_at_start() {
    let why = |app: App| app.into_router().unwrap_err().to_string();
    let get = || axum::routing::get(|| async { "x" });
    let timer = |app: App, name: &str| {
        app.timer(
            name,
            |_: Timer, _: Invocation| async move { Ok::<_, Failure>(()) },
        )
    };
    assert_eq!(
        why(timer(timer(App::new(), "a"), "a")),
        "the function `a` has two handlers; give it one"
    );
    for bad in ["", "1a", "a b", "host", "a.b", &"a".repeat(129)] {
        assert!(
            why(timer(App::new(), bad)).contains("cannot be a function's name"),
            "{bad}"
        );
    }
    assert!(matches!(
        App::new()
            .http_function(HttpFunction::named("a").trigger("my-req"))
            .into_router(),
        Err(WiringError::BindingName { .. })
    ));
    assert!(why(App::new().http("api/x", get())).contains("must start with `/`"));
    assert!(why(App::new().http("/api/:id", get())).contains("write `{id}`"));
    assert!(why(App::new().http("/x", get()).http("/x", get())).contains("it is registered twice"));
    assert!(why(App::new().http("/x/{a}", get()).http("/x/{b}", get())).contains("/x/{b}"));
    assert!(why(App::new().http("/x/{a", get())).contains("/x/{a"));
}
