//! Entra and the connector's metadata on loopback: keys to check activities with, a token for sending. Through
//! `BOT_CLOUD=custom`, so that a measured bot authenticates both ways.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Outcome, rsa::Key};

/// The bot's app id.
pub(crate) const BOT: &str = "0b07a111-1111-4111-8111-000000000001";
/// Its tenant.
pub(crate) const TENANT: &str = "7e4a2222-2222-4222-8222-000000000002";
/// Issuer of the connector's tokens.
const ISSUER: &str = "https://api.connector.test";

/// A running one; it ends with the program.
pub(crate) struct Entra {
    key: Arc<Key>,
    base: String,
}

impl Entra {
    pub(crate) async fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let key = Arc::new(Key::generate()?);
        let metadata = json!({
            "issuer": ISSUER, "jwks_uri": format!("{base}/keys"),
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let keys = json!({ "keys": [key.public()] });
        let token = json!({
            "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "t".repeat(1500),
        });
        let router = Router::new()
            .route("/metadata", get(async move || Json(metadata)))
            .route("/keys", get(async move || Json(keys)))
            .route("/{tenant}/oauth2/v2.0/token", post(async move || Json(token)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { key, base })
    }

    /// Settings of a single-tenant bot that sends to `host` (`host:port`).
    pub(crate) fn settings(&self, host: &str) -> Vec<(&'static str, String)> {
        vec![
            ("BOT_ID", BOT.to_owned()),
            ("BOT_TYPE", "SingleTenant".to_owned()),
            ("BOT_PASSWORD", "secret".to_owned()),
            ("BOT_TENANT_ID", TENANT.to_owned()),
            ("BOT_CLOUD", "custom".to_owned()),
            ("BOT_LOGIN_URL", self.base.clone()),
            ("BOT_OPENID_METADATA_URL", format!("{}/metadata", self.base)),
            ("BOT_TOKEN_ISSUER", ISSUER.to_owned()),
            ("BOT_SCOPE", "https://api.connector.test/.default".to_owned()),
            ("BOT_SERVICE_HOSTS", host.to_owned()),
        ]
    }

    /// The `Authorization` header of an activity from `service_url`, as the connector sends it; good for an hour.
    pub(crate) fn authorization(&self, service_url: &str) -> Outcome<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims: Value = json!({
            "serviceurl": service_url, "nbf": now - 60, "exp": now + 3600, "iss": ISSUER, "aud": BOT,
        });
        Ok(format!("authorization: Bearer {}", self.key.token(&claims)?))
    }
}
