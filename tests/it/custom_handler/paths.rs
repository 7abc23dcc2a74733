//! Addresses as people write them: the host takes them in any case and with a slash at the end, and so must we.

use super::bot;
use crate::support::{
    activities::{Teams, personal},
    handler::Handler,
    http::Answer,
    references::conversations,
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};

/// How the host hands an HTTP request on.
#[derive(Clone, Copy, Debug)]
enum Mode {
    Proxied,
    Forwarded,
    Enveloped(&'static str),
}

/// Sends a request as the host does; status and body of the answer that the client gets.
async fn ask(handler: &Handler, mode: Mode, method: Method, path: &str, body: &str) -> (u16, String) {
    let request = match mode {
        Mode::Proxied => handler
            .request(method, path)
            .header("x-forwarded-host", "bot.example.com")
            .header("x-ms-invocation-id", "2f9d6c9e-1111-4111-8111-000000000004")
            .body(body.to_owned()),
        Mode::Forwarded => handler
            .request(method, path)
            .header("host", "bot.example.com")
            .header("user-agent", "curl/8.0 Azure-Functions-Host/4.1037.0.0")
            .body(body.to_owned()),
        Mode::Enveloped(function) => handler.post(
            &format!("/{function}"),
            &json!({ "Data": { "req": {
                "Url": format!("https://bot.example.com{path}"), "Method": method.as_str(), "Query": {}, "Params": {},
                "Headers": { "Host": ["bot.example.com"], "Content-Type": ["application/json"] }, "Body": body,
            } }, "Metadata": {} }),
        ),
    };
    let answer = Answer::to(request).await;
    match mode {
        Mode::Enveloped(_) => {
            let answer = answer.expect(200).json();
            let res = &answer["Outputs"]["res"];
            let status = res["statusCode"].as_u64().unwrap();
            (
                u16::try_from(status).unwrap(),
                res["body"].as_str().unwrap_or_default().to_owned(),
            )
        }
        Mode::Proxied | Mode::Forwarded => (answer.status, answer.body),
    }
}

#[tokio::test]
async fn the_bot_endpoint_is_found_however_it_is_written() {
    let (handler, _connector, teams): (Handler, _, Teams) = bot().await;
    let mut known = Vec::new();
    let paths = [
        "/api/Messages",
        "/api/messages/",
        "/API/MESSAGES/",
        "/api/%6Dessages",
    ];
    let modes = [Mode::Proxied, Mode::Forwarded, Mode::Enveloped("messageHandler")];
    for (n, (mode, path)) in (1..).zip(modes.iter().flat_map(|mode| paths.map(|path| (*mode, path)))) {
        let install = teams.personal_install(n, 0).to_string();
        let (status, body) = ask(&handler, mode, Method::POST, path, &install).await;
        assert_eq!(status, 200, "{mode:?} {path}: {body}");
        known.push(personal(n));
        assert_eq!(conversations(&handler.room), known, "{mode:?} {path}");
    }
    for mode in modes {
        for path in ["/api/messages//", "/api//messages", "/api/messages/x"] {
            assert_eq!(
                ask(&handler, mode, Method::POST, path, "{}").await.0,
                404,
                "{mode:?} {path}"
            );
        }
        assert_eq!(
            ask(&handler, mode, Method::GET, "/api/Messages/", "").await.0,
            405,
            "{mode:?}"
        );
    }
    assert_eq!(conversations(&handler.room), known);
}

#[tokio::test]
async fn notifications_are_found_however_their_address_is_written() {
    let (handler, connector, teams) = bot().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    for mode in [Mode::Proxied, Mode::Forwarded, Mode::Enveloped("httpTrigger")] {
        let before = connector.messages().len();
        let (status, body) = ask(
            &handler,
            mode,
            Method::POST,
            "/api/Notification/",
            r#"{"text":"x"}"#,
        )
        .await;
        assert_eq!(status, 202, "{mode:?}: {body}");
        let accepted: Value = serde_json::from_str(&body).unwrap();
        let id = accepted["id"].as_str().unwrap();
        wait::until("the message", async || {
            (connector.messages().len() > before).then_some(())
        })
        .await;
        handler.ends(id).await;
        let one = [
            format!("/api/Notification/{id}/"),
            format!("/API/NOTIFICATION/{}", id.to_uppercase()),
        ];
        for path in &one {
            assert_eq!(
                ask(&handler, mode, Method::GET, path, "").await.0,
                200,
                "{mode:?} {path}"
            );
            assert_eq!(
                ask(&handler, mode, Method::HEAD, path, "").await.0,
                200,
                "{mode:?} {path}"
            );
            assert_eq!(
                ask(&handler, mode, Method::PATCH, path, "").await.0,
                405,
                "{mode:?} {path}"
            );
        }
        for part in ["Report", "report/", "REPORT/", "%72eport"] {
            let path = format!("/api/Notification/{id}/{part}");
            assert_eq!(
                ask(&handler, mode, Method::GET, &path, "").await.0,
                200,
                "{mode:?} {path}"
            );
            assert_eq!(
                ask(&handler, mode, Method::PUT, &path, "").await.0,
                405,
                "{mode:?} {path}"
            );
        }
        let cancel = format!("/api/Notification/{id}/Cancel/");
        assert_eq!(
            ask(&handler, mode, Method::POST, &cancel, "").await.0,
            409,
            "{mode:?}: it is over"
        );
        let edit = ask(&handler, mode, Method::PUT, &one[0], r#"{"text":"y"}"#).await;
        assert_eq!(edit.0, 202, "{mode:?}: {}", edit.1);
        let recall = ask(&handler, mode, Method::DELETE, &one[0], "").await;
        assert_eq!(recall.0, 202, "{mode:?}: {}", recall.1);
        // Nothing goes out by an address that the host would not match.
        let sent = connector.messages().len();
        for path in [
            "/api/notification//",
            "/api//notification",
            &format!("/api/notification//{id}"),
        ] {
            let (status, body) = ask(&handler, mode, Method::POST, path, r#"{"text":"z"}"#).await;
            assert_eq!(status, 404, "{mode:?} {path}: {body}");
        }
        assert_eq!(connector.messages().len(), sent);
    }
}
