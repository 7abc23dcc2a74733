//! Tokens against endpoints on loopback: what is asked, how often, and what a refusal tells.

use super::*;
use crate::{
    doubles::{Request, Scripted, Server, TestClock, http},
    settings::BotSettings,
};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU16, Ordering},
};

const APP: &str = "0b07a111-1111-4111-8111-000000000001";

/// Tokens of a single-tenant bot with a secret.
fn tokens(server: &Server, clock: &Arc<TestClock>) -> Tokens {
    let pairs = [
        ("BOT_ID", APP),
        ("BOT_TYPE", "SingleTenant"),
        ("BOT_TENANT_ID", "tenant"),
        ("BOT_PASSWORD", "s3cret"),
    ];
    made(server, clock, &pairs, &[])
}

fn made(
    server: &Server,
    clock: &Arc<TestClock>,
    pairs: &[(&str, &str)],
    environment: &[(&str, String)],
) -> Tokens {
    let pairs: HashMap<_, _> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut settings = BotSettings::read(&|name| pairs.get(name).cloned()).unwrap();
    settings.cloud.login = server.base.clone();
    let lookup = |name: &str| {
        environment
            .iter()
            .find(|pair| pair.0 == name)
            .map(|pair| pair.1.clone())
    };
    Tokens::new(&settings, &http(), Arc::clone(clock) as Arc<dyn Clock>, &lookup)
        .unwrap()
        .unwrap()
}

fn granted(n: usize, seconds: u64) -> Scripted {
    Scripted::json(
        200,
        &json!({"token_type": "Bearer", "expires_in": seconds, "access_token": format!("token-{n}")}),
    )
}

fn value(bearer: &Bearer) -> &str {
    bearer.header().to_str().unwrap()
}

#[tokio::test]
async fn a_secret_asks_its_tenant_for_the_connectors_scope() {
    let server = Server::start(|_, n| async move { granted(n, 3599) }).await;
    let bearer = tokens(&server, &TestClock::new()).bearer().await.unwrap();
    assert_eq!(value(&bearer), "Bearer token-0");
    let asked = &server.seen()[0];
    assert_eq!(asked.uri.path(), "/tenant/oauth2/v2.0/token");
    let form = asked.form();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(
        (form["client_id"].as_str(), form["client_secret"].as_str()),
        (APP, "s3cret")
    );
    assert_eq!(form["scope"], "https://api.botframework.com/.default");
    assert!(!format!("{bearer:?} {:?}", bearer.header()).contains("token-0"));
}

#[tokio::test]
async fn a_multi_tenant_bot_asks_the_shared_authority() {
    let server = Server::start(|_, n| async move { granted(n, 3599) }).await;
    let pairs = [
        ("BOT_ID", APP),
        ("BOT_TYPE", "MultiTenant"),
        ("BOT_PASSWORD", "x"),
        ("BOT_ALLOWED_TENANTS", "*"),
        ("BOT_TENANT_ID", "ignored"),
    ];
    made(&server, &TestClock::new(), &pairs, &[])
        .bearer()
        .await
        .unwrap();
    assert_eq!(server.seen()[0].uri.path(), "/botframework.com/oauth2/v2.0/token");
}

#[tokio::test]
async fn many_sends_ask_once() {
    let server = Server::start(|_, n| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        granted(n, 3599)
    })
    .await;
    let tokens = tokens(&server, &TestClock::new());
    let all = futures::future::join_all((0..200).map(|_| tokens.bearer())).await;
    assert!(
        all.iter()
            .all(|bearer| value(bearer.as_ref().unwrap()) == "Bearer token-0")
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end_and_serves_on_meanwhile() {
    let status = Arc::new(AtomicU16::new(200));
    let answer = Arc::clone(&status);
    let server = Server::start(move |_, n| {
        let status = answer.load(Ordering::SeqCst);
        async move {
            if status == 200 {
                granted(n, 3600)
            } else {
                Scripted(status, vec![], String::new())
            }
        }
    })
    .await;
    let clock = TestClock::new();
    let tokens = tokens(&server, &clock);
    tokens.bearer().await.unwrap();
    clock.advance(3299);
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer token-0");
    clock.advance(2);
    // The endpoint fails: the old one serves, and nobody asks again at once.
    status.store(400, Ordering::SeqCst);
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer token-0");
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer token-0");
    assert_eq!(server.seen().len(), 2);
    status.store(200, Ordering::SeqCst);
    clock.advance(31);
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer token-2");
}

#[tokio::test]
async fn what_passes_is_tried_again_as_asked_and_bounded() {
    let server = Server::start(|_, n| async move {
        match n {
            0 => Scripted(429, vec![("retry-after", "7".to_owned())], String::new()),
            1 => Scripted(503, vec![], String::new()),
            n => granted(n, 3599),
        }
    })
    .await;
    let clock = TestClock::new();
    assert!(tokens(&server, &clock).bearer().await.is_ok());
    assert_eq!(clock.now().since_origin(), Duration::from_secs(7 + 2));

    let down = Server::start(|_, _| async move { Scripted(500, vec![], String::new()) }).await;
    let error = tokens(&down, &TestClock::new()).bearer().await.unwrap_err();
    assert_eq!(
        error,
        TokenError::Unavailable {
            status: Some(500),
            retry_after: None
        }
    );
    assert_eq!(down.seen().len(), 4);

    let later =
        Server::start(
            |_, _| async move { Scripted(429, vec![("retry-after", "60".to_owned())], String::new()) },
        )
        .await;
    let error = tokens(&later, &TestClock::new()).bearer().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(later.seen().len(), 1);
}

#[tokio::test]
async fn refused_credentials_are_asked_once_and_reported_by_code_only() {
    let server = Server::start(|_, _| async move {
        Scripted::json(
            401,
            &json!({"error": "invalid_client", "error_codes": [7_000_215],
            "error_description": "AADSTS7000215: Invalid client secret provided: s3cret"}),
        )
    })
    .await;
    let tokens = tokens(&server, &TestClock::new());
    let error = tokens.bearer().await.unwrap_err();
    assert_eq!(
        error,
        TokenError::Refused {
            code: "invalid_client/AADSTS7000215".into()
        }
    );
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    assert!(tokens.bearer().await.is_err());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn waiters_take_the_failure_they_waited_for() {
    let server = Server::start(|_, _| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Scripted(400, vec![], "not json".to_owned())
    })
    .await;
    let tokens = tokens(&server, &TestClock::new());
    let all = futures::future::join_all((0..50).map(|_| tokens.bearer())).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_dropped_once() {
    let server = Server::start(|_, n| async move { granted(n, 3599) }).await;
    let tokens = tokens(&server, &TestClock::new());
    let old = tokens.bearer().await.unwrap();
    tokens.refused(&old);
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer token-1");
    // Late news about the old one don't hit the new one.
    tokens.refused(&old);
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer token-1");
}

#[tokio::test]
async fn a_managed_identity_asks_app_service() {
    let server = Server::start(|_, n| async move {
        match n {
            0 => Scripted(404, vec![], String::new()),
            _ => Scripted::json(
                200,
                &json!({"access_token": "mi", "expires_on": (TestClock::START + 86_400).to_string()}),
            ),
        }
    })
    .await;
    let environment = [
        ("IDENTITY_ENDPOINT", format!("{}/msi/token", server.base)),
        ("IDENTITY_HEADER", "h3ader".to_owned()),
    ];
    let pairs = [
        ("BOT_ID", APP),
        ("BOT_TYPE", "UserAssignedMSI"),
        ("BOT_TENANT_ID", "tenant"),
    ];
    let clock = TestClock::new();
    let tokens = made(&server, &clock, &pairs, &environment);
    assert_eq!(value(&tokens.bearer().await.unwrap()), "Bearer mi");
    let asked: &Request = &server.seen()[1];
    assert_eq!(asked.header("x-identity-header"), Some("h3ader"));
    let query: HashMap<_, _> = url::form_urlencoded::parse(asked.uri.query().unwrap().as_bytes())
        .into_owned()
        .collect();
    assert_eq!(query["resource"], "https://api.botframework.com");
    assert_eq!(
        (query["client_id"].as_str(), query["api-version"].as_str()),
        (APP, "2019-08-01")
    );
    // A day's token is renewed half way.
    clock.advance(43_190);
    tokens.bearer().await.unwrap();
    assert_eq!(server.seen().len(), 2);
    clock.advance(20);
    tokens.bearer().await.unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn local_development_has_no_tokens() {
    let settings = BotSettings::read(&|_| None).unwrap();
    assert!(
        Tokens::new(&settings, &http(), TestClock::new(), &|_| None)
            .unwrap()
            .is_none()
    );
}
