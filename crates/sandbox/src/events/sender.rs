//! Posts activities to the bot, with a limited number of retries until the response is 2xx, as Teams does.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Request, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::Serialize;
use serde_json::Value;

use super::InvokeAnswer;

/// Creates the `Authorization` header of an activity, as the connector would.
pub trait Signer: Send + Sync {
    /// The header's value, or `None` to send the activity without one.
    fn authorization(&self, activity: &Value) -> Option<String>;
}

impl<F> Signer for F
where
    F: Fn(&Value) -> Option<String> + Send + Sync,
{
    fn authorization(&self, activity: &Value) -> Option<String> {
        self(activity)
    }
}

/// Retries of activities. Invokes are posted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// Attempts per activity, at least one.
    pub attempts: u32,
    /// Pause before the second attempt; doubles each time.
    pub first_wait: Duration,
    /// How long the bot may take to respond. Teams waits about 15 s.
    pub timeout: Duration,
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(250),
            timeout: Duration::from_secs(15),
        }
    }
}

/// The delivery of one activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its `type`.
    pub activity_type: String,
    /// Its `id`.
    pub activity_id: String,
    /// Last status of the bot; `None` without a response.
    pub status: Option<u16>,
    /// Number of attempts.
    pub attempts: u32,
    /// Why there was no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Delivery {
    /// True if the bot accepted it (2xx).
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The bot's response, for display.
    pub(crate) fn outcome(&self) -> String {
        match (self.status, &self.error) {
            (Some(status), _) => format!("the bot answered {status}"),
            (None, Some(error)) => error.clone(),
            (None, None) => "no answer".to_owned(),
        }
    }
}

/// Largest response that is read, bytes.
const ANSWER_LIMIT: usize = 1 << 20;

/// The HTTP client that posts activities.
pub(crate) struct ActivitySender {
    client: Client<HttpConnector, Full<Bytes>>,
    signer: Option<Arc<dyn Signer>>,
    policy: DeliveryPolicy,
}

struct Answer {
    status: u16,
    body: Bytes,
}

impl ActivitySender {
    pub(crate) fn new(signer: Option<Arc<dyn Signer>>, policy: DeliveryPolicy) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .build_http();
        Self {
            client,
            signer,
            policy,
        }
    }

    /// Posts an activity; also returns the response to an invoke.
    pub(crate) async fn deliver(&self, endpoint: &Uri, activity: &Value) -> (Delivery, Option<InvokeAnswer>) {
        let text = |name: &str| activity[name].as_str().unwrap_or_default().to_owned();
        let invoke = activity["type"] == "invoke";
        let mut delivery = Delivery {
            activity_type: text("type"),
            activity_id: text("id"),
            status: None,
            attempts: 0,
            error: None,
        };
        let attempts = if invoke { 1 } else { self.policy.attempts.max(1) };
        let body = Bytes::from(activity.to_string());
        let mut wait = self.policy.first_wait;
        let mut answer = None;
        while delivery.attempts < attempts {
            if delivery.attempts > 0 {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            delivery.attempts += 1;
            match self.post(endpoint, activity, body.clone()).await {
                Ok(got) => {
                    (delivery.status, delivery.error) = (Some(got.status), None);
                    answer = Some(got);
                }
                Err(problem) => (delivery.status, delivery.error) = (None, Some(problem)),
            }
            if delivery.is_delivered() {
                break;
            }
        }
        tracing::debug!(
            activity_id = delivery.activity_id,
            activity_type = delivery.activity_type,
            status = delivery.status,
            attempts = delivery.attempts,
            "activity posted to the bot"
        );
        let answer = invoke.then(|| InvokeAnswer {
            status: delivery.status,
            body: answer.map_or(Value::Null, |got| {
                serde_json::from_slice(&got.body)
                    .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&got.body).into_owned()))
            }),
        });
        (delivery, answer)
    }

    async fn post(&self, endpoint: &Uri, activity: &Value, body: Bytes) -> Result<Answer, String> {
        let mut request = Request::post(endpoint)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(
                header::USER_AGENT,
                concat!("teams-sandbox/", env!("CARGO_PKG_VERSION")),
            );
        if let Some(id) = activity["conversation"]["id"]
            .as_str()
            .and_then(|id| HeaderValue::from_str(id).ok())
        {
            request = request.header("x-ms-conversation-id", id);
        }
        if let Some(id) = activity["channelData"]["tenant"]["id"].as_str() {
            request = request.header("x-ms-tenant-id", id);
        }
        if let Some(value) = self
            .signer
            .as_ref()
            .and_then(|signer| signer.authorization(activity))
        {
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|error| {
                if error.is_connect() {
                    format!("nothing answers at {endpoint}")
                } else {
                    "the bot ended the connection without an answer".to_owned()
                }
            })?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), ANSWER_LIMIT).collect().await;
            Ok(Answer {
                status,
                body: body.map(|body| body.to_bytes()).unwrap_or_default(),
            })
        };
        tokio::time::timeout(self.policy.timeout, exchange)
            .await
            .unwrap_or_else(|_| {
                Err(format!(
                    "no answer within {} s",
                    self.policy.timeout.as_secs_f32()
                ))
            })
    }
}
