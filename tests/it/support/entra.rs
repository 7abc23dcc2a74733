//! A little Entra with the Bot Framework's metadata, on loopback: keys with endorsements, rollover, a token endpoint
//! that checks its form, and outages on demand. Used through `BOT_CLOUD=custom`.

use super::{
    activities::{BOT, SECRET, TENANT},
    jwt::Token,
    rsa,
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

/// Scope that the bot must ask for.
pub(crate) const SCOPE: &str = "https://api.connector.test/.default";
/// Issuer of the connector's tokens.
pub(crate) const ISSUER: &str = "https://api.connector.test";

/// A running double; its server ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Entra {
    base: String,
    state: Arc<Mutex<Facts>>,
}

/// What it knows and has seen.
#[derive(Default)]
struct Facts {
    keys: Vec<Value>,
    outage: bool,
    /// How long a token takes to be made.
    slow: Duration,
    /// How long the connector's keys take.
    slow_keys: Duration,
    /// Seconds that a token lives.
    lifetime: u64,
    metadata_reads: usize,
    key_reads: usize,
    token_requests: Vec<TokenRequest>,
    issued: Vec<String>,
}

/// One request for a token.
#[derive(Clone, Debug)]
pub(crate) struct TokenRequest {
    /// The authority: a tenant, or the shared one.
    pub(crate) authority: String,
    pub(crate) form: BTreeMap<String, String>,
}

impl Entra {
    /// Starts one with the connector's key, endorsed for Teams.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let facts = Facts {
            keys: vec![rsa::CONNECTOR.jwk(&["msteams"])],
            lifetime: 3599,
            ..Facts::default()
        };
        let entra = Self {
            base,
            state: Arc::new(Mutex::new(facts)),
        };
        let router = Router::new()
            .route("/v1/.well-known/openidconfiguration", get(metadata))
            .route("/v1/.well-known/keys", get(keys))
            .route(
                "/{tenant}/v2.0/.well-known/openid-configuration",
                get(emulator_metadata),
            )
            .route("/discovery/keys", get(emulator_keys))
            .route("/{tenant}/oauth2/v2.0/token", post(token))
            .with_state(entra.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        entra
    }

    /// Settings of a single-tenant bot whose tokens may go to `hosts`.
    pub(crate) fn settings(&self, hosts: &str) -> Vec<(&'static str, String)> {
        vec![
            ("BOT_ID", BOT.to_owned()),
            ("BOT_TYPE", "SingleTenant".to_owned()),
            ("BOT_PASSWORD", SECRET.to_owned()),
            ("BOT_TENANT_ID", TENANT.to_owned()),
            ("BOT_CLOUD", "custom".to_owned()),
            ("BOT_LOGIN_URL", self.base.clone()),
            (
                "BOT_OPENID_METADATA_URL",
                format!("{}/v1/.well-known/openidconfiguration", self.base),
            ),
            ("BOT_TOKEN_ISSUER", ISSUER.to_owned()),
            ("BOT_SCOPE", SCOPE.to_owned()),
            ("BOT_SERVICE_HOSTS", hosts.to_owned()),
        ]
    }

    /// A good token of the connector for activities from `service_url`.
    pub(crate) fn token(service_url: &str) -> Token {
        Token::connector(ISSUER, BOT, service_url)
    }

    /// Publishes other keys.
    pub(crate) fn publish(&self, keys: Vec<Value>) {
        self.state.lock().unwrap().keys = keys;
    }

    /// From now on, or no longer, every request is answered 503.
    pub(crate) fn set_outage(&self, outage: bool) {
        self.state.lock().unwrap().outage = outage;
    }

    /// Makes tokens slow, so that many wait for one.
    pub(crate) fn take_time(&self, time: Duration) {
        self.state.lock().unwrap().slow = time;
    }

    /// Makes the connector's keys slow, so that many wait for them.
    pub(crate) fn take_time_for_keys(&self, time: Duration) {
        self.state.lock().unwrap().slow_keys = time;
    }

    /// How often the connector's keys were read.
    pub(crate) fn key_reads(&self) -> usize {
        self.state.lock().unwrap().key_reads
    }

    /// How often the connector's metadata was read.
    pub(crate) fn metadata_reads(&self) -> usize {
        self.state.lock().unwrap().metadata_reads
    }

    /// Every request for a token.
    pub(crate) fn token_requests(&self) -> Vec<TokenRequest> {
        self.state.lock().unwrap().token_requests.clone()
    }

    /// Whether a token was issued here.
    pub(crate) fn has_issued(&self, token: &str) -> bool {
        self.state
            .lock()
            .unwrap()
            .issued
            .iter()
            .any(|issued| issued == token)
    }

    /// Every token issued.
    pub(crate) fn issued(&self) -> Vec<String> {
        self.state.lock().unwrap().issued.clone()
    }

    /// Where it listens, as the authority base.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    fn answer(&self, count: impl FnOnce(&mut Facts), body: impl FnOnce(&Facts) -> Value) -> Response {
        let mut facts = self.state.lock().unwrap();
        count(&mut facts);
        if facts.outage {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        axum::Json(body(&facts)).into_response()
    }
}

async fn metadata(State(entra): State<Entra>) -> Response {
    let jwks = format!("{}/v1/.well-known/keys", entra.base);
    entra.answer(
        |facts| facts.metadata_reads += 1,
        |_| {
            json!({
                "issuer": ISSUER, "jwks_uri": jwks, "authorization_endpoint": "https://invalid.test",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            })
        },
    )
}

async fn keys(State(entra): State<Entra>) -> Response {
    let slow = entra.state.lock().unwrap().slow_keys;
    tokio::time::sleep(slow).await;
    entra.answer(
        |facts| facts.key_reads += 1,
        |facts| json!({ "keys": facts.keys }),
    )
}

async fn emulator_metadata(State(entra): State<Entra>, Path(tenant): Path<String>) -> Response {
    let base = entra.base.clone();
    entra.answer(
        |_| {},
        |_| json!({ "issuer": format!("{base}/{tenant}/v2.0"), "jwks_uri": format!("{base}/discovery/keys") }),
    )
}

async fn emulator_keys(State(entra): State<Entra>) -> Response {
    entra.answer(|_| {}, |_| json!({ "keys": [rsa::ENTRA.jwk(&[])] }))
}

async fn token(State(entra): State<Entra>, Path(authority): Path<String>, body: String) -> Response {
    // A form is read as a query is.
    let query = reqwest::Url::parse(&format!("http://form.test/?{body}")).unwrap();
    let form: BTreeMap<String, String> = query.query_pairs().into_owned().collect();
    let (good, slow) = {
        let mut facts = entra.state.lock().unwrap();
        let is = |name: &str, wanted: &str| form.get(name).is_some_and(|value| value == wanted);
        let good = is("grant_type", "client_credentials")
            && is("client_id", BOT)
            && is("client_secret", SECRET)
            && is("scope", SCOPE)
            && authority == TENANT;
        facts.token_requests.push(TokenRequest { authority, form });
        (good, facts.slow)
    };
    tokio::time::sleep(slow).await;
    if !good {
        let body = json!({ "error": "invalid_client", "error_description": "AADSTS7000215: no", "error_codes": [7000215] });
        return (StatusCode::UNAUTHORIZED, axum::Json(body)).into_response();
    }
    let mut facts = entra.state.lock().unwrap();
    let token = format!("issued-{}-planted-secret-token", facts.issued.len() + 1);
    facts.issued.push(token.clone());
    let lifetime = facts.lifetime;
    let body = json!({ "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token });
    axum::Json(body).into_response()
}
