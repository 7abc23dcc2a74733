//! Switches over HTTP: the list, switching on and off, and what the bot hears meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{ManualClock, Sandbox, SandboxConfig, TeamsEvent};
use serde_json::{Value, json};

use crate::rig::{HELLO, Rig};

/// A rig whose time stands still until the clock is moved.
async fn with_clock() -> (Rig, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::starting_at(Duration::from_millis(1_767_603_601_000)));
    let config = SandboxConfig {
        clock: clock.clone(),
        ..SandboxConfig::default()
    };
    (Rig::start(config).await, clock)
}

async fn send(rig: &Rig, id: &str) -> u16 {
    rig.json("POST", &Rig::path(id, "activities"), HELLO).await.0
}

async fn write(rig: &Rig, id: &str) -> Value {
    let body = r#"{"text":"hello"}"#;
    let (status, report) = rig.json("POST", &Rig::control(id, "message"), body).await;
    assert_eq!(status, 200, "{report}");
    report
}

#[tokio::test]
async fn the_list_says_what_each_is_and_what_can_be_set() {
    let rig = Rig::default().await;
    let (status, view) = rig.json("GET", "/sandbox/switches", "").await;
    assert_eq!((status, &view["on"]), (200, &json!([])));
    let switches = view["switches"].as_array().unwrap();
    let names: BTreeSet<_> = switches
        .iter()
        .map(|switch| switch["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), switches.len(), "each name is there once");
    assert_eq!(
        names,
        Sandbox::switches().iter().map(|switch| switch.name).collect()
    );
    for switch in switches {
        for property in ["title", "what"] {
            assert!(
                !switch[property].as_str().unwrap().is_empty(),
                "{property} of {switch}"
            );
        }
        let sourced = !switch["reports"].as_array().unwrap().is_empty();
        assert!(
            sourced || switch["guess"].is_string(),
            "where does {switch} come from?"
        );
        assert_eq!(switch["scopes"][0], "everybody");
    }
    let page = switches
        .iter()
        .find(|switch| switch["name"] == "gatewayPage")
        .unwrap();
    assert_eq!(
        page["parameters"][0],
        json!({ "name": "status", "title": "Status", "kind": "choice",
                "choices": ["404", "502", "307", "403", "407"], "default": "404" })
    );
    let titles: Vec<_> = view["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| scope["title"].clone())
        .collect();
    let person = rig.sandbox.person(0, 0).unwrap().name();
    assert_eq!(
        titles,
        [
            "Everybody",
            "Contoso",
            "Operations",
            &*person,
            "On-call",
            "General",
            "Alerts"
        ]
    );
}

#[tokio::test]
async fn each_can_be_switched_on_for_whom_the_list_offers() {
    let rig = Rig::default().await;
    let (_, view) = rig.json("GET", "/sandbox/switches", "").await;
    for switch in view["switches"].as_array().unwrap() {
        let path = format!("/sandbox/switches/{}", switch["name"].as_str().unwrap());
        for scope in view["scopes"].as_array().unwrap() {
            let kind = scope["kind"].as_str().unwrap();
            let mut settings = match &scope["id"] {
                Value::Null => json!({}),
                id => json!({ kind: id }),
            };
            for parameter in switch["parameters"].as_array().unwrap() {
                settings[parameter["name"].as_str().unwrap()] = parameter["default"].clone();
            }
            let offered = switch["scopes"].as_array().unwrap().contains(&scope["kind"]);
            let (status, on) = rig.json("POST", &path, &settings.to_string()).await;
            assert_eq!(status, if offered { 200 } else { 400 }, "{path} {settings} {on}");
            if offered {
                assert_eq!((&on["name"], &on["scope"]), (&switch["name"], scope));
            }
        }
    }
    assert_eq!(rig.json("DELETE", "/sandbox/switches", "").await.0, 204);
    assert_eq!(rig.json("GET", "/sandbox/switches", "").await.1["on"], json!([]));
}

#[tokio::test]
async fn one_goes_on_for_somebody_and_off_by_itself() {
    let (rig, clock) = with_clock().await;
    let [personal, group, ..] = rig.ids();
    let body = json!({ "conversation": personal, "seconds": 60 }).to_string();
    let (_, on) = rig
        .json("POST", "/sandbox/switches/conversationsGone", &body)
        .await;
    assert_eq!(on["until"], 1_767_603_661_000_u64);
    assert_eq!(
        (on["requestsLeft"].clone(), on["answered"].clone()),
        (Value::Null, json!(0))
    );
    assert_eq!(
        (send(&rig, &personal).await, send(&rig, &group).await),
        (404, 201)
    );
    clock.advance(Duration::from_secs(59));
    assert_eq!(send(&rig, &personal).await, 404);
    let (_, view) = rig.json("GET", "/sandbox/switches", "").await;
    assert_eq!(
        (&view["on"][0]["id"], &view["on"][0]["answered"]),
        (&on["id"], &json!(2))
    );
    clock.advance(Duration::from_secs(1));
    let (_, view) = rig.json("GET", "/sandbox/switches", "").await;
    assert_eq!(view["on"], json!([]));
    assert_eq!(send(&rig, &personal).await, 201);
}

#[tokio::test]
async fn one_goes_off_alone_or_with_its_namesakes() {
    let rig = Rig::default().await;
    let [personal, group, general, _] = rig.ids();
    let mut ids = Vec::new();
    for id in [&personal, &group, &general] {
        let body = json!({ "conversation": id }).to_string();
        let (_, on) = rig.json("POST", "/sandbox/switches/disabledByAdmin", &body).await;
        ids.push(on["id"].as_u64().unwrap());
    }
    let one = format!("/sandbox/switches/disabledByAdmin/{}", ids[0]);
    assert_eq!(rig.json("DELETE", &one, "").await.0, 204);
    assert_eq!(
        (send(&rig, &personal).await, send(&rig, &group).await),
        (201, 403)
    );
    assert_eq!(rig.json("DELETE", &one, "").await.0, 404);
    assert_eq!(
        rig.json("DELETE", "/sandbox/switches/disabledByAdmin", "")
            .await
            .0,
        204
    );
    assert_eq!((send(&rig, &group).await, send(&rig, &general).await), (201, 201));
}

#[tokio::test]
async fn what_cannot_be_switched_on_says_why() {
    let rig = Rig::default().await;
    for (name, body, wanted, text) in [
        ("nothing", "", (404, "switchNotFound"), "GET /sandbox/switches"),
        ("loginPage", "[]", (400, "badRequest"), "object"),
        (
            "loginPage",
            r#"{"minutes":1}"#,
            (400, "badRequest"),
            "seconds, requests",
        ),
        (
            "loginPage",
            r#"{"seconds":-1}"#,
            (400, "badRequest"),
            "from 0 to 2592000",
        ),
        (
            "gatewayPage",
            r#"{"status":"200"}"#,
            (400, "badRequest"),
            "404, 502, 307, 403, 407",
        ),
        (
            "loginPage",
            r#"{"tenant":1}"#,
            (400, "badRequest"),
            "tenant must be a string",
        ),
        ("loginPage", r#"{"tenant":"x"}"#, (404, "tenantNotFound"), "x"),
        ("loginPage", r#"{"team":"x"}"#, (404, "teamNotFound"), "General"),
        ("loginPage", r#"{"person":"x"}"#, (404, "personNotFound"), "x"),
        (
            "loginPage",
            r#"{"conversation":"x"}"#,
            (400, "badConversationId"),
            "format",
        ),
        (
            "loginPage",
            r#"{"tenant":"x","person":"x"}"#,
            (400, "badRequest"),
            "only one of",
        ),
        (
            "secondChatId",
            r#"{"team":"x"}"#,
            (400, "badRequest"),
            "one team alone",
        ),
    ] {
        let (status, answer) = rig.json("POST", &format!("/sandbox/switches/{name}"), body).await;
        let error = &answer["error"];
        assert_eq!(
            (status, error["code"].as_str()),
            (wanted.0, Some(wanted.1)),
            "{name} {body}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(text), "{message}");
    }
    assert_eq!(rig.json("GET", "/sandbox/switches", "").await.1["on"], json!([]));
}

#[tokio::test]
async fn pages_come_as_html_and_redirects_say_where_to() {
    let rig = Rig::default().await;
    let path = Rig::path(&rig.ids()[0], "activities");
    for (name, body, status) in [
        ("loginPage", json!({}), 200),
        ("gatewayPage", json!({ "status": "404" }), 404),
        ("gatewayPage", json!({ "status": "307" }), 307),
    ] {
        rig.json("POST", &format!("/sandbox/switches/{name}"), &body.to_string())
            .await;
        let (got, head, page) = rig.call("POST", &path, "", HELLO).await;
        assert_eq!(got, status);
        assert!(
            head.contains("content-type: text/html") && page.contains("<html>"),
            "{head}"
        );
        assert_eq!(
            head.contains("location: https://sign-in.example/"),
            status == 307,
            "{head}"
        );
    }
}

#[tokio::test]
async fn who_has_moved_is_heard_from_the_new_address() {
    let rig = Rig::default().await;
    let [personal, group, ..] = rig.ids();
    let body = json!({ "conversation": personal }).to_string();
    rig.json("POST", "/sandbox/switches/wrongGeo", &body).await;
    let (status, answer) = rig.json("POST", &Rig::path(&personal, "activities"), HELLO).await;
    assert_eq!((status, &answer["error"]), (400, &Value::Null));
    write(&rig, &personal).await;
    let address = rig.bot.take()[0]["serviceUrl"].as_str().unwrap().to_owned();
    assert_eq!(address, format!("http://{}/_connector/emea/", rig.address));
    let moved = Rig::path(&personal, "activities").replace("/_connector/", "/_connector/emea/");
    assert_eq!(rig.json("POST", &moved, HELLO).await.0, 201);
    rig.sandbox
        .raise(&group, None, &TeamsEvent::Install)
        .await
        .unwrap();
    let elsewhere = rig.bot.take()[0]["serviceUrl"].clone();
    assert_eq!(elsewhere, format!("http://{}/_connector/", rig.address));
}

#[tokio::test]
async fn a_chat_with_two_ids_takes_messages_at_both_and_ends_at_one() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    rig.json("POST", "/sandbox/switches/secondChatId", "").await;
    write(&rig, &personal).await;
    let heard = rig.bot.take().remove(0);
    let person = rig.sandbox.person(0, 0).unwrap();
    let pair = heard["conversation"]["id"].as_str().unwrap();
    assert_eq!(
        pair,
        format!(
            "19:{}_{}@unq.gbl.spaces",
            person.aad_object_id,
            sandbox::DEFAULT_BOT_APP_ID
        )
    );
    assert_eq!(
        (&heard["from"]["id"], &heard["conversation"]["conversationType"]),
        (&json!(person.id), &json!("personal"))
    );
    assert_eq!((send(&rig, &personal).await, send(&rig, pair).await), (201, 201));
    assert_eq!(rig.sandbox.accepted(&personal).unwrap(), 2, "it is one chat");
    rig.sandbox
        .raise(&personal, None, &TeamsEvent::Uninstall)
        .await
        .unwrap();
    let told: BTreeSet<_> = rig
        .bot
        .take()
        .iter()
        .map(|activity| activity["conversation"]["id"].to_string())
        .collect();
    assert_eq!(told, BTreeSet::from([json!(personal).to_string()]));
}

#[tokio::test]
async fn copilots_activities_say_so() {
    let rig = Rig::default().await;
    let [personal, group, ..] = rig.ids();
    for (body, channel) in [
        ("", "msteams"),
        (r#"{"channelId":"msteams:COPILOT"}"#, "msteams:COPILOT"),
    ] {
        rig.json("POST", "/sandbox/switches/copilotChat", body).await;
        write(&rig, &personal).await;
        let heard = rig.bot.take().remove(0);
        assert_eq!(heard["channelId"], channel);
        assert_eq!(heard["channelData"]["productContext"], "COPILOT");
        let entities = heard["entities"].as_array().unwrap();
        assert!(
            entities.contains(&json!({ "type": "ProductInfo", "id": "COPILOT" })),
            "{heard}"
        );
        let id = heard["conversation"]["id"].as_str().unwrap();
        assert_eq!(send(&rig, id).await, 403);
        let answer = format!("activities/{}", heard["id"].as_str().unwrap());
        assert_eq!(rig.json("POST", &Rig::path(id, &answer), HELLO).await.0, 201);
        assert_eq!(send(&rig, &personal).await, 201);
    }
    write(&rig, &group).await;
    let elsewhere = rig.bot.take().remove(0);
    assert_eq!(
        (
            &elsewhere["channelId"],
            &elsewhere["channelData"]["productContext"]
        ),
        (&json!("msteams"), &Value::Null)
    );
}

#[tokio::test]
async fn an_app_installed_while_the_bot_was_away_shows_later() {
    let rig = Rig::default().await;
    let person = rig.sandbox.person(0, 4).unwrap();
    let chat = rig.sandbox.personal_conversation(0, 4).unwrap();
    rig.json("POST", "/sandbox/switches/botAway", "").await;
    let (_, report) = rig.json("POST", &Rig::control(&chat, "install"), "").await;
    assert_eq!(report["deliveries"], json!([]));
    assert!(report["note"].as_str().unwrap().contains("away"), "{report}");
    write(&rig, &chat).await;
    rig.json("DELETE", "/sandbox/switches/botAway", "").await;
    assert_eq!(rig.bot.take(), Vec::<Value>::new());
    assert_eq!(send(&rig, &chat).await, 201, "the chat takes posts");
    let announced = rig.sandbox.announce_installed().await.announced;
    let told = rig.bot.take();
    assert_eq!(announced, 3);
    assert!(
        told.iter()
            .all(|activity| activity["conversation"]["id"] != *chat),
        "nobody tells of it again"
    );
    write(&rig, &chat).await;
    let heard = rig.bot.take().remove(0);
    assert_eq!(
        (&heard["type"], &heard["from"]["id"]),
        (&json!("message"), &json!(person.id))
    );
    assert_eq!(heard["conversation"]["id"], *chat);
}

#[tokio::test]
async fn nothing_counts_as_announced_to_a_bot_that_is_away() {
    let rig = Rig::default().await;
    let general = rig.ids()[2].clone();
    rig.sandbox
        .switch_on("botAway", json!({ "team": general }))
        .unwrap();
    let announcement = rig.sandbox.announce_installed().await;
    assert_eq!((announcement.announced, announcement.failed.len()), (2, 0));
    rig.sandbox.switch_off("botAway", None).unwrap();
    assert_eq!(rig.sandbox.announce_installed().await.announced, 1);
}

#[tokio::test]
async fn the_pages_switches_come_from_the_list() {
    let rig = Rig::default().await;
    let mut page = rig.call("GET", "/", "", "").await.2;
    for part in ["page.js", "switches.js"] {
        page.push_str(&rig.call("GET", &format!("/sandbox/{part}"), "", "").await.2);
    }
    assert!(page.contains(r#"const path = "/sandbox/switches";"#) && page.contains("known.map(form)"));
    for switch in Sandbox::switches() {
        let settings = switch.parameters.iter().map(|parameter| parameter.title);
        for text in [switch.name, switch.title, switch.what]
            .into_iter()
            .chain(settings)
        {
            assert!(!page.contains(text), "the page has a list of its own: {text}");
        }
    }
}

#[test]
fn the_readme_tells_of_each() {
    let readme = include_str!("../../README.md");
    for switch in Sandbox::switches() {
        assert!(readme.contains(&format!("`{}`", switch.name)), "{}", switch.name);
    }
}
