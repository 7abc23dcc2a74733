//! The connector against a scripted one over a real socket.

mod addresses;

use super::*;
use crate::{
    doubles::{Request, Scripted, Server, TestClock, http},
    outbound::Tokens,
    transport::{Http, client},
};
use notify::{
    content::{Alert, Body},
    ids::{ActivityId, ConversationId, EntraId},
    ports::Connector,
};
use serde_json::json;
use std::{future::Future, time::Duration};

const APP: &str = "0b07a111-1111-4111-8111-000000000001";

/// A connector whose service and token endpoint are one scripted server.
struct Rig {
    connector: TeamsConnector,
    server: Server,
}

impl Rig {
    async fn new<F, A>(answer: F) -> Self
    where
        F: Fn(Request, usize) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Scripted> + Send,
    {
        Self::over(http(), answer).await
    }

    async fn over<F, A>(http: Http, answer: F) -> Self
    where
        F: Fn(Request, usize) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Scripted> + Send,
    {
        // Answers are counted apart from the requests for tokens.
        let (posts, tokens) = (
            Arc::new(std::sync::Mutex::new(0)),
            Arc::new(std::sync::Mutex::new(0)),
        );
        let server = Server::start(move |request: Request, _| {
            let (answer, posts, tokens) = (answer.clone(), Arc::clone(&posts), Arc::clone(&tokens));
            let next = |counter: &std::sync::Mutex<usize>| {
                let mut counter = counter.lock().unwrap();
                *counter += 1;
                *counter - 1
            };
            async move {
                if request.uri.path().starts_with("/login/") {
                    let n = next(&tokens);
                    return Scripted::json(
                        200,
                        &json!({"access_token": format!("token-{n}"), "expires_in": 3599}),
                    );
                }
                let n = next(&posts);
                answer(request, n).await
            }
        })
        .await;
        let pairs = [
            ("BOT_ID", APP.to_owned()),
            ("BOT_TYPE", "MultiTenant".to_owned()),
            ("BOT_PASSWORD", "x".to_owned()),
            ("BOT_ALLOWED_TENANTS", "*".to_owned()),
            ("BOT_CLOUD", "custom".to_owned()),
            ("BOT_LOGIN_URL", format!("{}/login", server.base)),
            (
                "BOT_OPENID_METADATA_URL",
                "https://login.example/metadata".to_owned(),
            ),
            ("BOT_TOKEN_ISSUER", "https://issuer.example".to_owned()),
            ("BOT_SCOPE", "https://scope.example/.default".to_owned()),
            ("BOT_SERVICE_HOSTS", server.host()),
        ];
        let settings = BotSettings::read(&|name| {
            pairs
                .iter()
                .find(|pair| pair.0 == name)
                .map(|pair| pair.1.clone())
        })
        .unwrap();
        let clock: Arc<dyn Clock> = TestClock::new();
        let tokens = Tokens::new(&settings, &http, Arc::clone(&clock), &|_| None).unwrap();
        let connector = TeamsConnector::new(&settings, tokens, &http, clock);
        Self { connector, server }
    }

    fn person(&self) -> Recipient {
        serde_json::from_value(json!({
            "n": 0, "tenant": "7e4a", "conversation": "a:1PersonalConvOpaque", "serviceUrl": format!("{}/emea/", self.server.base),
            "scope": "personal", "user": "29:1aB", "entra": "5e3a", "locale": "it-IT"}))
        .unwrap()
    }

    fn calls(&self) -> Vec<Request> {
        self.server
            .seen()
            .into_iter()
            .filter(|request| !request.uri.path().starts_with("/login/"))
            .collect()
    }
}

fn text() -> Content {
    Content {
        body: Body::Text("hi".into()),
        summary: None,
        alert: Alert::Quiet,
    }
}

fn created() -> Scripted {
    Scripted::json(201, &json!({"id": "1767603800789"}))
}

#[tokio::test]
async fn a_post_goes_to_the_conversation_with_the_bots_token() {
    let rig = Rig::new(|_, _| async { created() }).await;
    let answer = rig.connector.post(&rig.person(), &text()).await;
    assert_eq!(answer.verdict, Verdict::Delivered(Some("1767603800789".into())));
    let call = &rig.calls()[0];
    assert_eq!(call.method, "POST");
    assert_eq!(
        call.uri.path(),
        "/emea/v3/conversations/a%3A1PersonalConvOpaque/activities"
    );
    assert_eq!(call.header("authorization"), Some("Bearer token-0"));
    assert_eq!(call.header("content-type"), Some("application/json"));
    let sent = call.json();
    assert_eq!(sent["from"]["id"], format!("28:{APP}"));
    assert_eq!(sent["recipient"], json!({"id": "29:1aB", "aadObjectId": "5e3a"}));
    assert_eq!(sent["channelData"]["tenant"]["id"], "7e4a");
    assert_eq!(rig.connector.size_of(&rig.person(), &text()), 2 * call.body.len());
}

#[tokio::test]
async fn a_team_is_posted_to_its_channel_and_nobody_in_particular() {
    let rig = Rig::new(|_, _| async { created() }).await;
    let mut team = rig.person();
    team.scope = Scope::Team;
    team.conversation = ConversationId::from("19:chan0002@thread.tacv2");
    rig.connector.post(&team, &text()).await;
    let call = &rig.calls()[0];
    assert_eq!(
        call.uri.path(),
        "/emea/v3/conversations/19%3Achan0002%40thread.tacv2/activities"
    );
    assert!(call.json().get("recipient").is_none());
}

#[tokio::test]
async fn a_401_gets_one_new_token() {
    let rig = Rig::new(|request: Request, _| async move {
        match request.header("authorization") {
            Some("Bearer token-1") => created(),
            _ => Scripted::json(
                401,
                &json!({"message": "Authorization has been denied for this request."}),
            ),
        }
    })
    .await;
    let all = futures::future::join_all((0..20).map(|_| rig.connector.post_one(&rig))).await;
    assert!(
        all.iter()
            .all(|answer| matches!(answer.verdict, Verdict::Delivered(_)))
    );
    let fetched = rig.server.seen().len() - rig.calls().len();
    assert_eq!(fetched, 2, "one token, and one more for all");
}

impl TeamsConnector {
    async fn post_one(&self, rig: &Rig) -> Answer {
        self.post(&rig.person(), &text()).await
    }
}

#[tokio::test]
async fn a_second_401_is_about_the_credentials() {
    let rig = Rig::new(|_, _| async { Scripted::json(401, &json!({"message": "denied"})) }).await;
    let answer = rig.connector.post(&rig.person(), &text()).await;
    assert_eq!(
        (answer.verdict, answer.status),
        (Verdict::Unauthorized, Some(401))
    );
    assert_eq!(rig.calls().len(), 2);
}

#[tokio::test]
async fn retry_after_comes_through_exactly() {
    let rig =
        Rig::new(|_, _| async { Scripted(429, vec![("retry-after", "7".to_owned())], String::new()) }).await;
    let answer = rig.connector.post(&rig.person(), &text()).await;
    assert_eq!(
        answer.verdict,
        Verdict::Throttled {
            retry_after: Some(Duration::from_secs(7))
        }
    );
}

#[tokio::test]
async fn with_a_proxy_named_the_same_answers_mean_the_same() {
    // Loopback is never behind a proxy: the general client is used, and goes there by itself.
    let proxied =
        || client(&|name| (name == "HTTPS_PROXY").then(|| "http://127.0.0.1:9".to_owned())).unwrap();
    let answers = |_: Request, n: usize| async move {
        match n {
            0 => created(),
            1 => Scripted(429, vec![("retry-after", "7".to_owned())], String::new()),
            2 => Scripted::json(403, &json!({"error": {"code": "MessageWritesBlocked"}})),
            3 => Scripted(
                307,
                vec![("location", "https://elsewhere.example/".to_owned())],
                String::new(),
            ),
            _ => Scripted::json(502, &json!({})),
        }
    };
    let mut heard = Vec::new();
    for http in [http(), proxied()] {
        let rig = Rig::over(http, answers).await;
        let mut said = Vec::new();
        for _ in 0..5 {
            said.push(rig.connector.post_one(&rig).await);
        }
        let sent: Vec<_> = rig.calls().into_iter().map(|call| call.body).collect();
        heard.push((said, sent));
    }
    assert_eq!(heard[0], heard[1]);
    assert_eq!(heard[0].0[2].verdict, Verdict::Blocked);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(|_, _| async { created() }).await;
    let target = format!("{}/stolen", other.base);
    let rig = Rig::new(move |_, _| {
        let target = target.clone();
        async move { Scripted(307, vec![("location", target)], String::new()) }
    })
    .await;
    let answer = rig.connector.post(&rig.person(), &text()).await;
    assert_eq!((answer.verdict, answer.status), (Verdict::Failed, Some(307)));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_to_a_host_that_is_not_allowed() {
    let other = Server::start(|_, _| async { created() }).await;
    let rig = Rig::new(|_, _| async { created() }).await;
    for service_url in [
        format!("{}/emea/", other.base),
        "https://evil.trafficmanager.net/".to_owned(),
    ] {
        let mut to = rig.person();
        to.service_url = ServiceUrl::from(service_url);
        let answer = rig.connector.post(&to, &text()).await;
        assert_eq!(
            (answer.verdict, answer.code.as_deref()),
            (Verdict::Rejected, Some("untrusted-service-url"))
        );
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_connection_that_never_stood_is_certain_and_one_that_broke_is_not() {
    let rig = Rig::new(|_, _| async { created() }).await;
    rig.connector.post(&rig.person(), &text()).await;
    let refused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = refused.local_addr().unwrap();
    let local = TeamsConnector::new(
        &BotSettings::read(&|_| None).unwrap(),
        None,
        &http(),
        TestClock::new(),
    );
    let mut to = rig.person();
    to.service_url = ServiceUrl::from(format!("http://{address}/"));
    // Accepts, reads a little and hangs up without an answer.
    let task = tokio::spawn(async move {
        let (mut socket, _) = refused.accept().await.unwrap();
        let mut buffer = [0; 64];
        tokio::io::AsyncReadExt::read(&mut socket, &mut buffer)
            .await
            .unwrap();
    });
    let request_failed = local.post(&to, &text()).await;
    assert_eq!(
        (request_failed.verdict, request_failed.code.as_deref()),
        (Verdict::Ambiguous, Some("reset"))
    );
    task.await.unwrap();
    let unreachable = local.post(&to, &text()).await;
    assert_eq!(unreachable.verdict, Verdict::NotNow { retry_after: None });
    assert_eq!(
        (unreachable.status, unreachable.code.as_deref()),
        (None, Some("connect"))
    );
}

/// A service that answers one request with these bytes and hangs up.
async fn saying(answer: &'static str) -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 8 * 1024];
        tokio::io::AsyncReadExt::read(&mut socket, &mut buffer)
            .await
            .unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, answer.as_bytes())
            .await
            .unwrap();
    });
    (url, task)
}

#[tokio::test]
async fn an_answer_whose_body_breaks_off_is_no_message() {
    const HALF: &str = "HTTP/1.1 201 Created\r\ncontent-length: 23\r\n\r\n{\"id\":\"1767";
    const HEAD_ONLY: &str = "HTTP/1.1 201 Created\r\ncontent-length: 23\r\n\r\n";
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n";
    const WHOLE: &str = "HTTP/1.1 201 Created\r\ncontent-length: 11\r\n\r\n{\"id\":\"17\"}";
    // With a proxy named, the general client is used; loopback is never behind one.
    let proxied = || client(&|name| (name == "HTTPS_PROXY").then(|| "http://127.0.0.1:9".to_owned()));
    for (answer, wanted) in [
        (HALF, Verdict::Ambiguous),
        (HEAD_ONLY, Verdict::Ambiguous),
        (CHUNKED, Verdict::Ambiguous),
        (WHOLE, Verdict::Delivered(Some("17".into()))),
    ] {
        for http in [http(), proxied().unwrap()] {
            let local = TeamsConnector::new(
                &BotSettings::read(&|_| None).unwrap(),
                None,
                &http,
                TestClock::new(),
            );
            let (url, task) = saying(answer).await;
            let to: Recipient = serde_json::from_value(json!({
                "n": 0, "tenant": "7e4a", "conversation": "a:1", "serviceUrl": url, "scope": "personal"}))
            .unwrap();
            let heard = local.post(&to, &text()).await;
            task.await.unwrap();
            assert_eq!(heard.verdict, wanted, "{answer:?}");
            assert_eq!(heard.code.is_some(), wanted == Verdict::Ambiguous, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn local_development_sends_no_token() {
    let server = Server::start(|_, _| async { created() }).await;
    let local = TeamsConnector::new(
        &BotSettings::read(&|_| None).unwrap(),
        None,
        &http(),
        TestClock::new(),
    );
    let rig = Rig::new(|_, _| async { created() }).await;
    let mut to = rig.person();
    to.service_url = ServiceUrl::from(format!("{}/_connector", server.base));
    assert!(matches!(
        local.post(&to, &text()).await.verdict,
        Verdict::Delivered(_)
    ));
    assert_eq!(server.seen()[0].header("authorization"), None);
    assert_eq!(
        server.seen()[0].uri.path(),
        "/_connector/v3/conversations/a%3A1PersonalConvOpaque/activities"
    );
}

#[tokio::test]
async fn a_personal_conversation_is_opened_by_teams_id_or_entra_id() {
    let rig = Rig::new(|_, _| async { Scripted::json(201, &json!({"id": "a:1New"})) }).await;
    let mut to = rig.person();
    assert_eq!(rig.connector.open(&to).await.unwrap().as_str(), "a:1New");
    to.user = None;
    to.entra = Some(EntraId::from("5e3a"));
    rig.connector.open(&to).await.unwrap();
    let members: Vec<_> = rig
        .calls()
        .iter()
        .map(|call| call.json()["members"][0]["id"].clone())
        .collect();
    assert_eq!(members, ["29:1aB", "5e3a"]);
    assert_eq!(rig.calls()[0].uri.path(), "/emea/v3/conversations");
    to.entra = None;
    assert_eq!(
        rig.connector.open(&to).await.unwrap_err().code.as_deref(),
        Some("no-user")
    );
}

#[tokio::test]
async fn what_cannot_be_opened_tells_why() {
    let rig = Rig::new(|_, n| async move {
        match n {
            0 => Scripted::json(403, &json!({"error": {"code": "ForbiddenOperationException"}})),
            _ => Scripted::json(201, &json!({})),
        }
    })
    .await;
    let refused = rig.connector.open(&rig.person()).await.unwrap_err();
    assert_eq!(
        (refused.verdict, refused.code.as_deref()),
        (Verdict::Rejected, Some("ForbiddenOperationException"))
    );
    assert_eq!(
        rig.connector
            .open(&rig.person())
            .await
            .unwrap_err()
            .code
            .as_deref(),
        Some("no-id")
    );
}

#[tokio::test]
async fn a_message_is_edited_and_recalled_by_its_id() {
    let rig = Rig::new(|request: Request, _| async move {
        if request.method == "DELETE" {
            Scripted(200, vec![], String::new())
        } else {
            created()
        }
    })
    .await;
    let mut to = rig.person();
    assert_eq!(
        rig.connector.delete(&to).await.code.as_deref(),
        Some("no-activity-id")
    );
    to.activity = Some(ActivityId::from("17"));
    assert!(matches!(
        rig.connector.update(&to, &text()).await.verdict,
        Verdict::Delivered(_)
    ));
    assert_eq!(rig.connector.delete(&to).await.verdict, Verdict::Delivered(None));
    let calls = rig.calls();
    assert_eq!(
        (calls[0].method.as_str(), calls[1].method.as_str()),
        ("PUT", "DELETE")
    );
    for call in &calls {
        assert_eq!(
            call.uri.path(),
            "/emea/v3/conversations/a%3A1PersonalConvOpaque/activities/17"
        );
    }
    assert_eq!(calls[0].json()["id"], "17");
}

#[tokio::test]
async fn a_reply_goes_to_the_thread_it_answers() {
    let rig = Rig::new(|_, _| async { created() }).await;
    let inbound = Activity::from_value(json!({
        "type": "message", "id": "99", "serviceUrl": format!("{}/emea/", rig.server.base), "locale": "de-AT",
        "from": {"id": "29:asker"}, "recipient": {"id": "28:bot-as-sent"},
        "conversation": {"id": "19:c@thread.tacv2;messageid=5", "conversationType": "channel", "tenantId": "7e4a"}}))
    .unwrap();
    assert!(matches!(
        rig.connector.reply(&inbound, &text()).await.verdict,
        Verdict::Delivered(_)
    ));
    let call = &rig.calls()[0];
    assert_eq!(
        call.uri.path(),
        "/emea/v3/conversations/19%3Ac%40thread.tacv2%3Bmessageid%3D5/activities/99"
    );
    let sent = call.json();
    assert_eq!(
        (&sent["from"]["id"], &sent["recipient"]["id"], &sent["replyToId"]),
        (&json!("28:bot-as-sent"), &json!("29:asker"), &json!("99"))
    );
}

#[tokio::test]
async fn rosters_and_channels_are_read() {
    let rig = Rig::new(|request: Request, _| async move {
        let path = request.uri.path_and_query().unwrap().as_str().to_owned();
        let body = match () {
            () if path.contains("continuationToken=A%2Bb") => json!({"members": [], "continuationToken": ""}),
            () if path.contains("/pagedmembers?pageSize=500") => {
                json!({"members": [{"id": "29:x", "objectId": "5e3a", "name": "A"}], "continuationToken": "A+b"})
            }
            () if path.ends_with("/conversations") => json!({"conversations": [{"id": "19:t", "name": null, "type": "standard"},
                {"id": "19:c", "name": "Alerts", "channelType": "private"}]}),
            () if path.contains("/members/") => json!({"id": "29:x", "aadObjectId": "5e3a"}),
            () => json!({"id": "19:t", "name": "Ops", "channelCount": 2, "memberCount": 6}),
        };
        Scripted::json(200, &body)
    })
    .await;
    let (base, conversation, team) = (
        rig.person().service_url,
        ConversationId::from("19:t"),
        "19:t".into(),
    );
    let first = rig
        .connector
        .members_page(&base, &conversation, PageSize::LARGEST, None)
        .await
        .unwrap();
    assert_eq!(first.members[0].entra().unwrap().as_str(), "5e3a");
    let rest = first.continuation_token.as_deref();
    let last = rig
        .connector
        .members_page(&base, &conversation, PageSize::LARGEST, rest)
        .await
        .unwrap();
    assert_eq!(last.continuation_token, None);
    let channels = rig.connector.team_channels(&base, &team).await.unwrap();
    assert_eq!(channels[1].kind.as_deref(), Some("private"));
    assert_eq!(
        rig.connector.team(&base, &team).await.unwrap().name.as_deref(),
        Some("Ops")
    );
    assert_eq!(
        rig.connector
            .member(&base, &conversation, "5e3a")
            .await
            .unwrap()
            .id
            .as_str(),
        "29:x"
    );
}

#[tokio::test]
async fn a_roster_that_is_refused_or_garbled_says_so() {
    let rig = Rig::new(|_, n| async move {
        match n {
            0 => Scripted::json(403, &json!({"error": {"code": "BotNotInConversationRoster"}})),
            _ => Scripted(200, vec![], "<html>".to_owned()),
        }
    })
    .await;
    let (base, team) = (rig.person().service_url, "19:t".into());
    assert_eq!(
        rig.connector.team(&base, &team).await.unwrap_err().verdict,
        Verdict::Uninstalled
    );
    assert_eq!(
        rig.connector
            .team(&base, &team)
            .await
            .unwrap_err()
            .code
            .as_deref(),
        Some("unreadable-answer")
    );
}
