//! The checks in their order, with real RS256 keys and a key endpoint on loopback.

use super::*;
use crate::{
    doubles::{Request, Scripted, Server, TestClock, TestKey, http},
    settings::BotSettings,
};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use std::{
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

mod emulator;
mod rollover;
mod waiting;

const APP: &str = "0b07a111-1111-4111-8111-000000000001";
const TENANT: &str = "7e4a2222-2222-4222-8222-000000000002";
const ISSUER: &str = "https://api.botframework.com";
const SERVICE: &str = "https://smba.trafficmanager.net/emea/";

static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::generate("k1"));
static OTHER: LazyLock<TestKey> = LazyLock::new(|| TestKey::generate("k2"));

/// A validator with its key endpoint and clock.
struct Rig {
    validator: Validator,
    clock: Arc<TestClock>,
    server: Server,
    up: Arc<AtomicBool>,
    keys: Arc<std::sync::Mutex<Vec<Value>>>,
}

impl Rig {
    async fn new() -> Self {
        Self::with(vec![KEY.jwk()], |_| {}).await
    }

    async fn with(keys: Vec<Value>, adjust: impl FnOnce(&mut BotSettings)) -> Self {
        let keys = Arc::new(std::sync::Mutex::new(keys));
        let up = Arc::new(AtomicBool::new(true));
        let (listed, is_up) = (Arc::clone(&keys), Arc::clone(&up));
        let server = Server::start(move |request: Request, _| {
            let (listed, is_up) = (Arc::clone(&listed), Arc::clone(&is_up));
            async move {
                if !is_up.load(Ordering::SeqCst) {
                    return Scripted(503, vec![], String::new());
                }
                let base = format!("http://{}", request.header("host").unwrap());
                match request.uri.path() {
                    "/metadata" => Scripted::json(
                        200,
                        &json!({"issuer": ISSUER, "jwks_uri": format!("{base}/keys")}),
                    ),
                    "/entra" => {
                        let issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
                        Scripted::json(
                            200,
                            &json!({"issuer": issuer, "jwks_uri": format!("{base}/keys")}),
                        )
                    }
                    _ => Scripted::json(200, &json!({"keys": *listed.lock().unwrap()})),
                }
            }
        })
        .await;
        let mut settings = settings();
        settings.cloud.metadata = format!("{}/metadata", server.base);
        settings.cloud.emulator.metadata = format!("{}/entra", server.base);
        adjust(&mut settings);
        let clock = TestClock::new();
        let validator = Validator::new(&settings, &http(), Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            validator,
            clock,
            server,
            up,
            keys,
        }
    }

    async fn check(&self, token: &str, activity: &Value) -> Result<CallerKind, Denied> {
        self.header(&format!("Bearer {token}"), activity).await
    }

    async fn header(&self, value: &str, activity: &Value) -> Result<CallerKind, Denied> {
        both(&self.validator, &[value.as_bytes()], activity).await
    }

    /// Waits for as many looks at the endpoint: those that nobody waits for are taken beside the requests.
    async fn looked(&self, times: usize) {
        let enough = async {
            while self.looks() < times {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), enough).await;
        assert!(waited.is_ok(), "{} looks, not {times}", self.looks());
    }

    fn looks(&self) -> usize {
        self.server
            .seen()
            .iter()
            .filter(|request| request.uri.path() == "/metadata")
            .count()
    }
}

/// Both steps.
async fn both(
    validator: &Validator,
    authorization: &[&[u8]],
    activity: &Value,
) -> Result<CallerKind, Denied> {
    let caller = validator.authenticate(authorization).await?;
    let activity = Activity::from_value(activity.clone()).unwrap();
    validator.authorize(&caller, &activity)?;
    Ok(caller.caller_kind())
}

fn settings() -> BotSettings {
    read_settings(&[
        ("BOT_ID", APP),
        ("BOT_TYPE", "SingleTenant"),
        ("BOT_TENANT_ID", TENANT),
        ("BOT_PASSWORD", "x"),
    ])
}

fn read_settings(pairs: &[(&str, &str)]) -> BotSettings {
    BotSettings::read(&|name| {
        pairs
            .iter()
            .find(|pair| pair.0 == name)
            .map(|pair| pair.1.to_owned())
    })
    .unwrap()
}

fn activity() -> Value {
    json!({"type": "message", "channelId": "msteams", "serviceUrl": SERVICE,
        "conversation": {"id": "a:1", "tenantId": TENANT}})
}

fn claims() -> Value {
    let now = TestClock::START;
    json!({"iss": ISSUER, "aud": APP, "serviceurl": SERVICE, "nbf": now - 60, "exp": now + 3600})
}

fn with(mut value: Value, member: &str, to: Value) -> Value {
    value[member] = to;
    value
}

fn without(mut value: Value, member: &str) -> Value {
    value.as_object_mut().unwrap().remove(member);
    value
}

#[tokio::test]
async fn a_good_token_comes_in_with_any_case_of_the_scheme() {
    let rig = Rig::new().await;
    let token = KEY.sign(&claims());
    assert_eq!(rig.check(&token, &activity()).await, Ok(CallerKind::Connector));
    let header = format!("Bearer {token}");
    let caller = rig.validator.authenticate(&[header.as_bytes()]).await.unwrap();
    assert_eq!(caller.expires(), Some(TestClock::START + 3600));
    assert!(rig.header(&format!("bearer {token}"), &activity()).await.is_ok());
    let upper = KEY.sign(&with(claims(), "aud", json!(APP.to_uppercase())));
    assert!(rig.check(&upper, &activity()).await.is_ok());
}

#[tokio::test]
async fn without_one_bearer_token_it_is_401() {
    let rig = Rig::new().await;
    let check = async |values: &[&[u8]]| rig.validator.authenticate(values).await.unwrap_err();
    assert_eq!(check(&[]).await, Denied::NoToken);
    assert_eq!(check(&[b"  "]).await, Denied::NoToken);
    for value in [
        &b"Basic x"[..],
        b"Bearer",
        b"Bearer ",
        b"Bearer a b",
        b"Bearer  x",
        b"\xff",
    ] {
        assert_eq!(check(&[value]).await, Denied::Header);
    }
    let good = format!("Bearer {}", KEY.sign(&claims()));
    assert_eq!(check(&[good.as_bytes(), good.as_bytes()]).await, Denied::Header);
    assert_eq!(Denied::NoToken.status(), 401);
    assert_eq!(Denied::Header.status(), 401);
}

#[tokio::test]
async fn only_rs256_without_critical_headers() {
    let rig = Rig::new().await;
    let header = |alg: &str| json!({"alg": alg, "kid": "k1", "typ": "JWT"});
    let signed = |header: &Value, algorithm| KEY.sign_with(header, &claims(), algorithm);
    for (alg, algorithm) in [
        ("RS384", Algorithm::RS384),
        ("PS256", Algorithm::PS256),
        ("none", Algorithm::RS256),
        ("HS256", Algorithm::RS256),
    ] {
        assert_eq!(
            rig.check(&signed(&header(alg), algorithm), &activity()).await,
            Err(Denied::Algorithm),
            "{alg}"
        );
    }
    // HS256 keyed with the public key.
    let secret = jsonwebtoken::EncodingKey::from_secret(KEY.n().as_bytes());
    let mut hs = jsonwebtoken::Header::new(Algorithm::HS256);
    hs.kid = Some("k1".to_owned());
    let forged = jsonwebtoken::encode(&hs, &claims(), &secret).unwrap();
    assert_eq!(rig.check(&forged, &activity()).await, Err(Denied::Algorithm));
    let critical = json!({"alg": "RS256", "kid": "k1", "crit": ["exp"]});
    assert_eq!(
        rig.check(&signed(&critical, Algorithm::RS256), &activity()).await,
        Err(Denied::Algorithm)
    );
    assert_eq!(rig.looks(), 0, "garbage must not reach the key endpoint");
}

#[tokio::test]
async fn broken_tokens_are_refused() {
    let rig = Rig::new().await;
    let good = KEY.sign(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    for token in [
        "x",
        "a.b",
        "a.b.c",
        ".",
        "..",
        &format!("{message}."),
        &format!("{good}.x"),
    ] {
        assert_eq!(
            rig.check(token, &activity()).await,
            Err(Denied::Malformed),
            "{token}"
        );
    }
    let (header, _) = message.split_once('.').unwrap();
    let other = OTHER.sign(&with(claims(), "more", json!("rights")));
    let payload = other.split('.').nth(1).unwrap();
    assert_eq!(
        rig.check(&format!("{header}.{payload}.{signature}"), &activity())
            .await,
        Err(Denied::Signature)
    );
    let nameless = KEY.sign_with(&json!({"alg": "RS256"}), &claims(), Algorithm::RS256);
    assert_eq!(rig.check(&nameless, &activity()).await, Err(Denied::UnknownKey));
}

#[tokio::test]
async fn the_issuer_is_exact_and_comes_before_the_signature() {
    let rig = Rig::new().await;
    for issuer in [
        json!("https://api.botframework.com/"),
        json!("https://api.botframework.us"),
        json!("HTTPS://API.BOTFRAMEWORK.COM"),
        Value::Null,
    ] {
        // Signed by nobody known: the issuer is what is reported.
        let token = OTHER.sign(&with(claims(), "iss", issuer));
        assert_eq!(rig.check(&token, &activity()).await, Err(Denied::Issuer));
    }
    assert_eq!(rig.looks(), 0);
    assert_eq!(
        rig.check(&OTHER.sign(&claims()), &activity()).await,
        Err(Denied::UnknownKey)
    );
    let mut forged = KEY.jwk();
    forged["kid"] = json!("k2");
    let rig = Rig::with(vec![forged], |_| {}).await;
    assert_eq!(
        rig.check(&OTHER.sign(&claims()), &activity()).await,
        Err(Denied::Signature)
    );
}

#[tokio::test]
async fn times_have_five_minutes_of_leeway() {
    let rig = Rig::new().await;
    let now = TestClock::START;
    let check = async |nbf: Value, exp: Value| {
        let token = KEY.sign(&with(with(claims(), "nbf", nbf), "exp", exp));
        rig.check(&token, &activity()).await
    };
    assert!(check(json!(now - 4000), json!(now - 299)).await.is_ok());
    assert_eq!(
        check(json!(now - 4000), json!(now - 301)).await,
        Err(Denied::Expired)
    );
    assert!(check(json!(now + 299), json!(now + 3600)).await.is_ok());
    assert_eq!(
        check(json!(now + 301), json!(now + 3600)).await,
        Err(Denied::NotYet)
    );
    assert_eq!(check(json!(now), json!("tomorrow")).await, Err(Denied::Malformed));
    assert_eq!(check(json!(now), Value::Null).await, Err(Denied::Expired));
    assert_eq!(check(Value::Null, json!(now + 3600)).await, Err(Denied::Expired));
}

#[tokio::test]
async fn the_audience_is_this_bot_as_one_string() {
    let rig = Rig::new().await;
    for aud in [
        json!("9a0b4444-4444-4444-8444-000000000004"),
        json!([APP]),
        json!(format!("api://{APP}")),
        Value::Null,
        json!(ISSUER),
    ] {
        let token = KEY.sign(&with(claims(), "aud", aud.clone()));
        assert_eq!(
            rig.check(&token, &activity()).await,
            Err(Denied::Audience),
            "{aud}"
        );
    }
}

#[tokio::test]
async fn the_key_must_be_endorsed_for_the_channel() {
    let endorsed = async |endorsements: Value| {
        let rig = Rig::with(vec![with(KEY.jwk(), "endorsements", endorsements)], |_| {}).await;
        rig.check(&KEY.sign(&claims()), &activity()).await
    };
    assert_eq!(endorsed(json!(["webchat"])).await, Err(Denied::Endorsement));
    assert_eq!(endorsed(json!(["MSTeams"])).await, Err(Denied::Endorsement));
    assert!(endorsed(json!(["webchat", "msteams"])).await.is_ok());
    assert!(endorsed(json!([])).await.is_ok());
    assert!(endorsed(Value::Null).await.is_ok());
    assert_eq!(Denied::Endorsement.status(), 403);
}

#[tokio::test]
async fn the_token_is_for_the_activitys_service_url() {
    let rig = Rig::new().await;
    let check = async |claim: Value, sent: Value| {
        let token = KEY.sign(&with(claims(), "serviceurl", claim));
        rig.check(&token, &with(activity(), "serviceUrl", sent))
            .await
            .map_err(|denied| (denied, denied.status()))
    };
    let refused = |denied: Denied| Err((denied, 403));
    assert!(
        check(json!(SERVICE), json!("https://smba.trafficmanager.net/emea"))
            .await
            .is_ok()
    );
    assert_eq!(
        check(
            json!(SERVICE),
            json!("https://smba.infra.gcc.teams.microsoft.com/emea/")
        )
        .await,
        refused(Denied::ServiceUrlClaim)
    );
    assert_eq!(
        check(Value::Null, json!(SERVICE)).await,
        refused(Denied::ServiceUrlClaim)
    );
    assert_eq!(
        check(json!(SERVICE), Value::Null).await,
        refused(Denied::ServiceUrlMissing)
    );
    assert_eq!(
        check(json!(SERVICE), json!("")).await,
        refused(Denied::ServiceUrlMissing)
    );
    let evil = json!("https://evil.trafficmanager.net/emea/");
    assert_eq!(
        check(evil.clone(), evil).await,
        refused(Denied::ServiceHost(crate::cloud::Untrusted::Host))
    );
}

#[tokio::test]
async fn only_teams_and_only_allowed_tenants() {
    let rig = Rig::new().await;
    let token = KEY.sign(&claims());
    let check = async |activity: Value| {
        rig.check(&token, &activity)
            .await
            .map_err(|denied| (denied, denied.status()))
    };
    assert_eq!(
        check(without(activity(), "channelId")).await,
        Err((Denied::Channel, 403))
    );
    assert_eq!(
        check(with(activity(), "channelId", json!("webchat"))).await,
        Err((Denied::Channel, 403))
    );
    assert!(
        check(with(activity(), "channelId", json!("msteams:COPILOT")))
            .await
            .is_ok()
    );
    let tenant = |id: &str| with(activity(), "conversation", json!({"id": "a:1", "tenantId": id}));
    assert!(check(tenant(&TENANT.to_uppercase())).await.is_ok());
    assert_eq!(check(tenant("other")).await, Err((Denied::Tenant, 403)));
    // A single-tenant bot takes an untold tenant for its own.
    assert!(
        check(with(activity(), "conversation", json!({"id": "a:1"})))
            .await
            .is_ok()
    );
    let tenant = with(
        with(activity(), "conversation", json!({"id": "a:1"})),
        "channelData",
        json!({"tenant": {"id": "other"}}),
    );
    assert_eq!(check(tenant).await, Err((Denied::Tenant, 403)));
}

#[tokio::test]
async fn a_remembered_token_is_still_checked_against_each_activity_and_the_clock() {
    let rig = Rig::new().await;
    let token = KEY.sign(&claims());
    assert!(rig.check(&token, &activity()).await.is_ok());
    rig.up.store(false, Ordering::SeqCst);
    rig.clock.advance(3600 + 299);
    assert!(rig.check(&token, &activity()).await.is_ok());
    let elsewhere = with(
        activity(),
        "serviceUrl",
        json!("https://smba.infra.gcc.teams.microsoft.com/teams"),
    );
    assert_eq!(rig.check(&token, &elsewhere).await, Err(Denied::ServiceUrlClaim));
    rig.clock.advance(2);
    assert_eq!(rig.check(&token, &activity()).await, Err(Denied::Expired));
    assert_eq!(rig.looks(), 1);
}

#[tokio::test]
async fn local_development_needs_no_token_and_takes_this_machine_only() {
    let validator = Validator::new(&read_settings(&[]), &http(), TestClock::new());
    let check = async |service: Value| {
        let activity = with(activity(), "serviceUrl", service);
        both(&validator, &[], &activity).await.map_err(Denied::status)
    };
    assert_eq!(
        check(json!("http://localhost:56150/_connector")).await,
        Ok(CallerKind::Local)
    );
    assert_eq!(check(json!(SERVICE)).await, Err(403));
    assert_eq!(check(Value::Null).await, Err(403));
}
