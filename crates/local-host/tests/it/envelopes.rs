//! Envelope calls over the wire, and what becomes of the answers.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use local_host::{ForwardingMode, InvocationError, LocalHostBuilder, TimerStart};

use crate::support::{Fake, HOST, HTTP, PORT, app, body, host_with, json, local, send, serve_host, status};

const QUEUE: &str = r#"{"bindings":[{"type":"queueTrigger","name":"job","queueName":"jobs"},
    {"type":"queue","direction":"out","name":"next","queueName":"more"}]}"#;

#[tokio::test]
async fn an_envelope_call_looks_like_the_hosts() {
    let mut fake = Fake::agreeable();
    let dir = app(HOST, &[("SendNotification", QUEUE)]);
    let host = local(&dir).build(fake.handler());
    let (running, _) = serve_host(host).await;
    let first = running
        .invoke_with("sendnotification", "hello \"world\"")
        .await
        .unwrap();
    let got = fake.next().await;
    assert_eq!(
        (got.method.as_str(), got.target.as_str()),
        ("POST", "/SendNotification")
    );
    let (own, id) = (format!("127.0.0.1:{PORT}"), first.id.to_string());
    for (name, value) in [
        ("content-type", Some("application/json; charset=utf-8")),
        ("host", Some(own.as_str())),
        ("user-agent", Some("Azure-Functions-Host/4.1052.200.0")),
        ("transfer-encoding", Some("chunked")),
        ("content-length", None),
        ("x-azure-functions-invocationid", Some(id.as_str())),
        ("x-azure-functions-hostversion", Some("4.1052.200.0")),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    assert!(got.header("traceparent").is_none());
    assert_eq!(got.json()["Data"]["job"], r#""hello \"world\"""#);
    assert_eq!(got.json()["Metadata"]["DequeueCount"], "1");
    assert_eq!(got.json()["Metadata"]["sys"]["MethodName"], "SendNotification");

    let second = running.invoke("SendNotification").await.unwrap();
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn outputs_and_logs_are_taken_from_the_answer() {
    let fake = Fake::start(|_| async {
        json(
            200,
            r#"{"outputs":{"next":["lost"],"unbound":1},"Logs":["line 1"],"ReturnValue":{"NEXT":["a","b"]}}"#,
        )
    });
    let dir = app(HOST, &[("f", QUEUE)]);
    let (written, host) = recorded(local(&dir));
    let (running, _) = serve_host(host.build(fake.handler())).await;
    let done = running.invoke("f").await.unwrap();
    assert_eq!(
        (done.attempts, done.logs.as_slice()),
        (1, &["line 1".to_owned()][..])
    );
    assert_eq!(*written.lock().unwrap(), [r#"more: ["a","b"]"#]);
}

/// What functions write for queues.
type Written = Arc<Mutex<Vec<String>>>;

fn recorded(host: LocalHostBuilder) -> (Written, LocalHostBuilder) {
    let written = Written::default();
    let seen = Arc::clone(&written);
    let host = host.queue_outputs(move |queue, _, value| {
        seen.lock().unwrap().push(format!("{queue}: {value}"));
        if value.get().contains("refused") {
            return Err("the queue is full".to_owned());
        }
        Ok(())
    });
    (written, host)
}

#[tokio::test]
async fn an_output_that_nobody_takes_fails_no_invocation_and_one_that_is_refused_does() {
    for (value, error) in [("taken", None), ("refused", Some("the queue is full"))] {
        let fake =
            Fake::start(move |_| async move { json(200, &format!(r#"{{"Outputs":{{"next":"{value}"}}}}"#)) });
        let dir = app(HOST, &[("f", QUEUE)]);
        let (running, _) = serve_host(local(&dir).build(fake.handler())).await;
        running.invoke("f").await.unwrap();
        let (_, host) = recorded(local(&dir));
        let (running, _) = serve_host(host.build(fake.handler())).await;
        let outcome = running.invoke("f").await;
        assert_eq!(outcome.is_err(), error.is_some(), "{value}");
        if let (Err(found), Some(part)) = (outcome, error) {
            assert!(found.to_string().contains(part), "{found}");
        }
    }
}

#[tokio::test]
async fn failures_say_why() {
    for (status, text, expected) in [
        (500, "{}", InvocationError::Status(500)),
        (302, "{}", InvocationError::Status(302)),
    ] {
        let fake = Fake::start(move |_| async move { json(status, text) });
        let dir = app(HOST, &[("f", QUEUE)]);
        let (written, host) = recorded(local(&dir));
        let (running, _) = serve_host(host.build(fake.handler())).await;
        assert_eq!(running.invoke("f").await.unwrap_err(), expected);
        assert!(written.lock().unwrap().is_empty());
    }
    let fake = Fake::agreeable();
    let dir = app(HOST, &[("page", HTTP)]);
    let (running, _) = serve_host(local(&dir).build(fake.handler())).await;
    assert!(
        running
            .invoke("nobody")
            .await
            .unwrap_err()
            .to_string()
            .contains("no function nobody")
    );
    assert!(
        running
            .invoke("page")
            .await
            .unwrap_err()
            .to_string()
            .contains("call its route")
    );
    assert!(
        running
            .trigger_timer("page")
            .await
            .unwrap_err()
            .to_string()
            .contains("no timer")
    );
}

#[tokio::test]
async fn an_empty_answer_hangs_until_the_function_timeout() {
    let fake = Fake::start(|_| async { json(200, "") });
    let dir = app(&host_with(r#""functionTimeout":"00:00:01""#), &[("f", QUEUE)]);
    let (running, _) = serve_host(local(&dir).build(fake.handler())).await;
    let started = std::time::Instant::now();
    let error = running.invoke("f").await.unwrap_err();
    assert_eq!(
        error,
        InvocationError::TimedOut(std::time::Duration::from_secs(1))
    );
    assert!(started.elapsed().as_millis() >= 1000);
}

#[tokio::test]
async fn a_retry_policy_calls_again_with_a_new_id() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let mut fake = Fake::start(move |_| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        async move { json(if number < 2 { 500 } else { 200 }, "{}") }
    });
    let timer = r#"{"bindings":[{"type":"timerTrigger","name":"tick","schedule":"0 0 0 1 1 *"}],
        "retry":{"strategy":"fixedDelay","maxRetryCount":2,"delayInterval":"00:00:00.01"}}"#;
    let dir = app(HOST, &[("tick", timer)]);
    let (running, _) = serve_host(local(&dir).timers(TimerStart::Off).build(fake.handler())).await;
    let done = running.trigger_timer("tick").await.unwrap();
    assert_eq!(done.attempts, 3);
    let mut ids = Vec::new();
    for number in 0..3 {
        let got = fake.next().await;
        assert_eq!(got.json()["Metadata"]["RetryContext"]["RetryCount"], number);
        ids.push(got.header("x-azure-functions-invocationid").unwrap().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    count.store(usize::MAX / 2, Ordering::SeqCst);
}

#[tokio::test]
async fn http_in_an_envelope() {
    let mut fake = Fake::start(|got| async move {
        let rest = got.json()["Data"]["req"]["Params"]["rest"].clone();
        json(
            200,
            &format!(r#"{{"Outputs":{{"res":{{"statusCode":202,"body":{rest},"headers":{{"X-A":"1"}}}}}}}}"#),
        )
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir).mode(ForwardingMode::Envelope).build(fake.handler());
    let (_running, address) = serve_host(host).await;
    let headers = "Content-Length: 2\r\nContent-Type: application/json\r\n";
    let answer = send(address, "POST /api/echo/a/b%20c?code=K&x=1&x=2", headers, "{}").await;
    assert_eq!((status(&answer), body(&answer)), (202, "a/b c"));
    assert!(
        answer.to_lowercase().contains("content-type: text/plain")
            && answer.to_lowercase().contains("x-a: 1")
    );
    let request = fake.next().await.json()["Data"]["req"].clone();
    assert_eq!(
        request["Url"],
        "http://bot.example/api/echo/a/b%20c?code=K&x=1&x=2"
    );
    assert_eq!(request["Query"], serde_json::json!({"code": "K", "x": "1,2"}));
    assert_eq!(request["Body"], "{}");
    assert_eq!(request["Headers"]["Host"], serde_json::json!(["bot.example"]));
}

#[tokio::test]
async fn http_functions_with_more_bindings_always_get_envelopes() {
    let mut fake = Fake::start(|_| async { json(200, r#"{"Outputs":{"msg":["queued"]}}"#) });
    let function = r#"{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous"},
        {"type":"http","direction":"out","name":"res"},{"type":"queue","direction":"out","name":"msg","queueName":"more"}]}"#;
    let dir = app(HOST, &[("both", function)]);
    let (written, host) = recorded(local(&dir).mode(ForwardingMode::Proxy));
    let (_running, address) = serve_host(host.build(fake.handler())).await;
    let answer = send(address, "GET /api/both", "", "").await;
    assert_eq!(
        (status(&answer), body(&answer)),
        (200, "{}"),
        "the missing HTTP output is an empty object"
    );
    assert_eq!(fake.next().await.target, "/both");
    assert_eq!(*written.lock().unwrap(), [r#"more: ["queued"]"#]);
}

#[tokio::test]
async fn a_failed_envelope_is_an_empty_500() {
    for text in [
        r#"{"Outputs":{"res":"text"}}"#,
        r#"{"Outputs":{"res":{"statusCode":"x"}}}"#,
        "[]",
    ] {
        let fake = Fake::start(move |_| async move { json(200, text) });
        let dir = app(HOST, &[("echo", HTTP)]);
        let host = local(&dir).mode(ForwardingMode::Envelope).build(fake.handler());
        let (_running, address) = serve_host(host).await;
        let answer = send(address, "GET /api/echo", "", "").await;
        assert_eq!((status(&answer), body(&answer)), (500, ""), "{text}");
    }
}
