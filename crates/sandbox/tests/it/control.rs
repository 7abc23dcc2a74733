//! The control API: what tests and the page use.

use sandbox::{Sandbox, SandboxConfig, SandboxError, TeamsEvent};
use serde_json::json;

use crate::rig::{HELLO, Rig};

#[tokio::test]
async fn the_world_lists_conversations_with_their_state() {
    let rig = Rig::default().await;
    let (status, world) = rig.json("GET", "/sandbox/world", "").await;
    assert_eq!(status, 200);
    let scopes: Vec<_> = world["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["scope"].clone())
        .collect();
    assert_eq!(scopes, ["personal", "groupChat", "channel", "channel"]);
    assert!(world["bot"]["id"].as_str().unwrap().starts_with("28:"));
    assert_eq!(world["teams"][0]["channels"].as_array().unwrap().len(), 2);
    let (_, one) = rig
        .json("GET", Rig::control(&rig.ids()[1], "").trim_end_matches('/'), "")
        .await;
    assert_eq!(
        (&one["title"], &one["installed"], &one["members"]),
        (&json!("On-call"), &json!(true), &json!(4))
    );
    let (_, people) = rig.json("GET", "/sandbox/people?limit=3&offset=1", "").await;
    assert_eq!(people.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn messages_and_counts_show_what_arrived() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    for _ in 0..2 {
        rig.json("POST", &Rig::path(&personal, "activities"), HELLO).await;
    }
    let (_, messages) = rig.json("GET", &Rig::control(&personal, "messages"), "").await;
    assert_eq!(messages.as_array().unwrap().len(), 2);
    assert_eq!(messages[0]["activity"]["text"], "hello");
    assert_eq!(messages[0]["author"]["kind"], "bot");
    let (_, counts) = rig.json("GET", "/sandbox/counts", "").await;
    assert_eq!((&counts["total"], &counts["repeated"]), (&json!(2), &json!(1)));
    assert_eq!(counts["conversations"][&personal], 2);
    assert_eq!(rig.json("POST", "/sandbox/reset", "").await.0, 204);
    let (_, stats) = rig.json("GET", "/sandbox/stats", "").await;
    assert_eq!((&stats["accepted"], &stats["requests"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn limits_and_faults_are_set_and_checked() {
    let rig = Rig::default().await;
    let (status, limits) = rig.json("PUT", "/sandbox/limits", "\"lifted\"").await;
    assert_eq!((status, &limits["tenant"]), (200, &json!([])));
    let (_, teams) = rig.json("PUT", "/sandbox/limits", "\"teams\"").await;
    assert_eq!(teams["tenant"], json!([{ "requests": 50, "millis": 1000 }]));
    assert_eq!(
        rig.json("PUT", "/sandbox/limits", &teams.to_string()).await,
        (200, teams)
    );
    let (_, bucket) = rig.json("PUT", "/sandbox/limits", "\"tokenBucket10\"").await;
    assert_eq!(
        bucket["tenantCounting"],
        json!({ "tokenBucket": { "tokens": 10 } })
    );
    let (_, set) = rig.json("PUT", "/sandbox/limits", &bucket.to_string()).await;
    assert_eq!(set, bucket);
    let plan =
        r#"{"seed":9,"rates":{"reset":0.1},"latency":{"kind":"logNormal","medianMillis":1,"p99Millis":2}}"#;
    assert_eq!(rig.json("PUT", "/sandbox/faults", plan).await.0, 200);
    assert_eq!(rig.json("GET", "/sandbox/stats", "").await.1["seed"], 9);
    for (path, bad) in [
        ("/sandbox/faults", r#"{"rates":{"reset":2}}"#),
        ("/sandbox/faults", r#"{"rates":{"resets":0.1}}"#),
        ("/sandbox/limits", "\"none\""),
        ("/sandbox/limits", "{"),
    ] {
        let (status, body) = rig.json("PUT", path, bad).await;
        assert_eq!(
            (status, body["error"]["code"].as_str()),
            (400, Some("badRequest")),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn scripts_strike_and_can_be_cleared() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    let script = r#"[{"fault":{"throttled":{"retryAfter":3}},"times":2},{"fault":"gatewayTimeout","effect":"accepted"}]"#;
    assert_eq!(
        rig.json("POST", &Rig::control(&personal, "script"), script)
            .await
            .0,
        204
    );
    let mut got = Vec::new();
    for _ in 0..4 {
        got.push(
            rig.json("POST", &Rig::path(&personal, "activities"), HELLO)
                .await
                .0,
        );
    }
    assert_eq!(got, [429, 429, 504, 201]);
    assert_eq!(rig.sandbox.accepted(&personal).unwrap(), 2);
    assert_eq!(
        rig.json("POST", "/sandbox/script", r#"[{"fault":"serverError"}]"#)
            .await
            .0,
        204
    );
    assert_eq!(rig.json("DELETE", "/sandbox/script", "").await.0, 204);
    assert_eq!(
        rig.json("POST", &Rig::path(&personal, "activities"), HELLO)
            .await
            .0,
        201
    );
}

#[tokio::test]
async fn what_cannot_be_done_is_an_error_in_json() {
    let rig = Rig::default().await;
    let [personal, _, general, _] = rig.ids();
    for (method, path, body, wanted) in [
        (
            "POST",
            Rig::control("19:no@thread.v2", "install"),
            "",
            (404, "conversationNotFound"),
        ),
        (
            "POST",
            Rig::control("nonsense", "install"),
            "",
            (400, "badConversationId"),
        ),
        (
            "POST",
            Rig::control(&personal, "explode"),
            "",
            (400, "badRequest"),
        ),
        (
            "POST",
            Rig::control(&personal, "message"),
            "{}",
            (400, "badRequest"),
        ),
        (
            "POST",
            Rig::control(&personal, "message"),
            r#"{"text":"x","person":"nobody"}"#,
            (404, "personNotFound"),
        ),
        (
            "POST",
            Rig::control(&personal, "teamRenamed"),
            r#"{"name":"x"}"#,
            (409, "wrongConversation"),
        ),
        (
            "POST",
            Rig::control(&personal, "memberAdded"),
            r#"{"member":"x"}"#,
            (409, "wrongConversation"),
        ),
        (
            "POST",
            Rig::control(&general, "channelDeleted"),
            "",
            (409, "wrongConversation"),
        ),
        (
            "POST",
            Rig::control(&personal, "submit"),
            r#"{"messageId":"1"}"#,
            (404, "messageNotFound"),
        ),
        ("GET", "/sandbox/nothing".to_owned(), "", (404, "notFound")),
        (
            "DELETE",
            "/sandbox/world".to_owned(),
            "",
            (405, "methodNotAllowed"),
        ),
    ] {
        let (status, answer) = rig.json(method, &path, body).await;
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (wanted.0, Some(wanted.1)),
            "{method} {path}"
        );
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn other_web_pages_cannot_drive_the_sandbox() {
    let rig = Rig::default().await;
    let path = Rig::control(&rig.ids()[0], "uninstall");
    let (status, _, _) = rig
        .call("POST", &path, "origin: http://evil.example\r\n", "")
        .await;
    assert_eq!(status, 403);
    let own = format!("origin: http://{}\r\n", rig.address);
    assert_eq!(rig.call("POST", &path, &own, "").await.0, 200);
}

#[tokio::test]
async fn the_state_file_brings_the_world_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let config = || SandboxConfig {
        state_file: Some(file.clone()),
        ..SandboxConfig::default()
    };
    let rig = Rig::start(config()).await;
    let [personal, group, general, alerts] = rig.ids();
    let colleague = rig.sandbox.person(0, 5).unwrap().id;
    for (id, teams_event) in [
        (&personal, TeamsEvent::Block),
        (&general, TeamsEvent::DisableApp),
        (&group, TeamsEvent::Uninstall),
        (&group, TeamsEvent::MemberAdded { member: colleague }),
        (
            &alerts,
            TeamsEvent::ChannelRenamed {
                name: "Alarms".to_owned(),
            },
        ),
        (
            &general,
            TeamsEvent::ChannelCreated {
                name: "News".to_owned(),
            },
        ),
    ] {
        rig.sandbox.raise(id, None, &teams_event).await.unwrap();
    }
    let again = Rig::start(config()).await;
    assert_eq!(again.sandbox.conversations(9), rig.sandbox.conversations(9));
    let (_, world) = again.json("GET", "/sandbox/world", "").await;
    let shown = world["conversations"].as_array().unwrap();
    assert_eq!(
        (&shown[0]["blocked"], &shown[1]["installed"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&shown[1]["members"], &shown[3]["title"]),
        (&json!(5), &json!("Alarms"))
    );
    assert_eq!(shown[4]["title"], "News");
    let (status, body) = again
        .json("POST", &Rig::path(&general, "activities"), HELLO)
        .await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (403, &json!("BotDisabledByAdmin"))
    );

    std::fs::write(&file, "{ torn").unwrap();
    assert!(Sandbox::new(config()).is_ok());
    assert_eq!(
        std::fs::read_to_string(folder.path().join("sandbox.json.damaged")).unwrap(),
        "{ torn"
    );
    std::fs::write(&file, r#"{"version":99}"#).unwrap();
    assert!(matches!(Sandbox::new(config()), Err(SandboxError::State(_))));
    assert!(file.exists(), "a file of another version is left alone");
}
