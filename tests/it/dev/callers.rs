//! A client that writes what the Functions host would: functions are called by their triggers, and by nobody else.

use crate::support::{
    handler::serve,
    http::{Answer, client},
    room::Room,
};
use serde_json::json;

/// With an empty prefix and a catch-all route a client's path can be a function's name (azure-functions-host issue 6251).
/// Where the host forwards, and the client names no agent, the address in `Host` is all that differs.
#[tokio::test]
async fn a_client_can_not_play_the_host_in_any_mode() {
    for (proxying, forwarding) in [(true, true), (false, true)] {
        let room = Room::new();
        room.edit("host.json", |host| {
            host["extensions"]["http"]["routePrefix"] = "".into();
            host["customHandler"]["enableProxyingHttpRequest"] = proxying.into();
            host["customHandler"]["enableForwardingHttpRequest"] = forwarding.into();
        });
        room.edit("httpTrigger/function.json", |function| {
            function["bindings"][0]["route"] = "{*rest}".into();
            function["bindings"][0]["authLevel"] = "anonymous".into();
        });
        let handler = serve(room)
            .set("LOG_LEVEL", "info,custom_handler=info")
            .start()
            .await;
        let envelope = json!({ "Data": { "timer": { "IsPastDue": false } }, "Metadata": {} }).to_string();
        for host in [None, Some("127.0.0.1"), Some("localhost"), Some("127.0.0.1:80")] {
            let request = client().post(handler.url("/timerTrigger")).body(envelope.clone());
            let request = match host {
                Some(host) => request.header("host", host),
                None => request,
            };
            let answer = Answer::to(request).await;
            assert_ne!(answer.status, 200, "{host:?} {}", answer.body);
        }
        let text = handler.output.text();
        assert!(!text.contains("timerTrigger answered 200"), "{text}");
    }
}
