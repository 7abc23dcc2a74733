//! The one connection pool of an account, and how long anything may take.
//!
//! An operation ends within [`BUDGET`], so that the bot endpoint can still answer 503 inside Teams' 10 s. Built on
//! first use, because reading the machine's certificates takes milliseconds that the start-up path does not have.

use super::{
    endpoint::{Access, Identity},
    error,
    identity::{IdentityEndpointClient, PacedCredential},
    requests::{Requests, kind_of},
    shared_key::SharedKey,
};
use azure_core::{
    credentials::TokenCredential,
    error::{Error, ErrorKind},
    http::{
        AsyncRawResponse, ClientOptions, Context, ExponentialRetryOptions, HttpClient, Pipeline, Request,
        RetryOptions, Transport,
        policies::{Policy, PolicyResult, auth::BearerTokenAuthorizationPolicy},
    },
    time::Duration as SdkDuration,
};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use http_proxy::ProxySettings;
use notify::ports::StoreError;
use std::{fmt, sync::Arc, time::Duration};

/// Longest time of one operation, tries and waits between them included.
pub(super) const BUDGET: Duration = Duration::from_secs(8);
/// The same for one page of a listing, which can be megabytes; no bot request waits for one.
pub(super) const LIST_BUDGET: Duration = Duration::from_secs(30);
/// Longest wait for the head of an answer; then the try is given up and made again.
const TRY: Duration = Duration::from_millis(7_500);
/// The same for a listing.
const LIST_TRY: Duration = Duration::from_secs(12);
const CONNECT: Duration = Duration::from_secs(2);
/// What a token for storage is for.
const SCOPE: &str = "https://storage.azure.com/.default";
/// Longest silence while a body arrives.
const SILENCE: Duration = Duration::from_secs(5);

pub(super) struct Connection {
    transport: Transport,
    signer: Option<Arc<dyn Policy>>,
    credential: Option<Arc<dyn TokenCredential>>,
}

impl Connection {
    /// Builds the pool and the way to sign.
    ///
    /// # Errors
    /// When this machine has no certificates to check TLS with, or no identity can be had.
    pub(super) fn build(
        access: &Access,
        proxies: &ProxySettings,
        requests: Arc<Requests>,
    ) -> Result<Self, StoreError> {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE.max(LIST_TRY))
            .redirect(reqwest::redirect::Policy::none())
            .http1_only();
        let client = proxies.apply(builder).build().map_err(|e| {
            StoreError::unavailable(format!("no connection can be made: {}", error::innermost(&e)))
        })?;
        let client: Arc<dyn HttpClient> = Arc::new(Client { client, requests });
        let transport = Transport::new(Arc::clone(&client));
        let (signer, credential) = match access {
            Access::Key { account, key } => {
                let policy: Arc<dyn Policy> = Arc::new(SharedKey::new(account.clone(), key.clone()));
                (Some(policy), None)
            }
            Access::Sas(_) => (None, None),
            Access::Identity(identity) => (None, Some(credential(identity, client)?)),
        };
        Ok(Self {
            transport,
            signer,
            credential,
        })
    }

    pub(super) fn options(&self) -> ClientOptions {
        let mut options = bounded(&self.transport);
        options.per_try_policies.extend(self.signer.clone());
        options
    }

    /// The SDK's pipeline for requests that we make ourselves: the same tries, signatures and tokens as its own clients'.
    pub(super) fn pipeline(&self) -> Pipeline {
        let token = self.credential.clone().map(|credential| -> Arc<dyn Policy> {
            Arc::new(BearerTokenAuthorizationPolicy::new(credential, vec![SCOPE]))
        });
        Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            self.options(),
            Vec::new(),
            token.into_iter().collect(),
            None,
        )
    }

    pub(super) fn credential(&self) -> Option<Arc<dyn TokenCredential>> {
        self.credential.clone()
    }
}

fn bounded(transport: &Transport) -> ClientOptions {
    ClientOptions {
        per_try_policies: vec![Arc::new(TryTimeout)],
        retry: RetryOptions::exponential(ExponentialRetryOptions {
            initial_delay: SdkDuration::milliseconds(100),
            max_retries: 3,
            max_total_elapsed: SdkDuration::seconds(5),
            max_delay: SdkDuration::seconds(1),
        }),
        transport: Some(transport.clone()),
        ..ClientOptions::default()
    }
}

fn credential(
    identity: &Identity,
    client: Arc<dyn HttpClient>,
) -> Result<Arc<dyn TokenCredential>, StoreError> {
    let transport = Transport::new(Arc::new(IdentityEndpointClient(client)));
    let managed = |user: Option<String>| -> azure_core::Result<Arc<dyn TokenCredential>> {
        Ok(ManagedIdentityCredential::new(Some(
            ManagedIdentityCredentialOptions {
                user_assigned_id: user.map(UserAssignedId::ClientId),
                client_options: bounded(&transport),
            },
        ))?)
    };
    let made = match identity {
        Identity::System => managed(None),
        Identity::User(client) => managed(Some(client.clone())),
        Identity::Default if std::env::var_os("IDENTITY_ENDPOINT").is_some() => managed(None),
        Identity::Default => DeveloperToolsCredential::new(None).map(|c| -> Arc<dyn TokenCredential> { c }),
    };
    let paced = made.map(|inner| -> Arc<dyn TokenCredential> { Arc::new(PacedCredential::new(inner)) });
    paced.map_err(|e| StoreError::unavailable(format!("no identity to sign in with: {}", error::text(&e))))
}

/// Hands a request to the next policy.
pub(super) async fn go_on(
    ctx: &Context<'_>,
    request: &mut Request,
    next: &[Arc<dyn Policy>],
) -> PolicyResult {
    match next.split_first() {
        Some((policy, rest)) => policy.send(ctx, request, rest).await,
        None => Err(Error::with_message(
            ErrorKind::Other,
            "the pipeline has no transport",
        )),
    }
}

/// Gives up a try that gets no answer; the retry policy around it makes the next one.
#[derive(Debug)]
struct TryTimeout;

#[async_trait::async_trait]
impl Policy for TryTimeout {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let limit = match kind_of(request) {
            super::RequestKind::List => LIST_TRY,
            _ => TRY,
        };
        match tokio::time::timeout(limit, go_on(ctx, request, next)).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::with_message(
                ErrorKind::Io,
                format!("no answer within {limit:?}"),
            )),
        }
    }
}

/// Sends, counts, and keeps addresses out of error texts: with a SAS they hold a secret.
struct Client {
    client: reqwest::Client,
    requests: Arc<Requests>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.requests.count(kind_of(request));
        self.client.execute_request(request).await.map_err(|e| {
            let kind = match e.kind() {
                ErrorKind::Connection => ErrorKind::Connection,
                _ => ErrorKind::Io,
            };
            Error::with_message(kind, error::innermost(&e))
        })
    }
}
