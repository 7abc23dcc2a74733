//! One call of the API, read from HTTP.

use super::{Problem, parse_notification};
use crate::bot::NotificationBot;
use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method, header},
};
use custom_handler::InvocationId;
use notify::{identity::Source, request};

/// Largest body that is read, bytes: room for thousands of named targets.
const LARGEST: usize = 4 * 1024 * 1024;
/// Longest `Idempotency-Key`, characters.
const LONGEST_KEY: usize = 255;

/// A call with its whole body.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(super) async fn read(request: Request) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, LARGEST).await.map_err(|_| {
            Problem::too_large(format!(
                "the body has at most {LARGEST} bytes, and must be sent to its end"
            ))
        })?;
        Ok(Self {
            method: parts.method,
            headers: parts.headers,
            body,
        })
    }

    /// The notification that the body asks for.
    pub(crate) fn notification(&self, bot: &NotificationBot) -> Result<request::Request, Problem> {
        parse_notification(&self.body, bot.cards())
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    /// What makes this call the same one when it is repeated: the caller's key, else the host's invocation id.
    pub(crate) fn source(&self) -> Result<Source, Problem> {
        Ok(match self.key()? {
            Some(key) => Source::Key(key),
            None => Source::Invocation(self.invocation()),
        })
    }

    /// The same as a text, for children of a notification.
    pub(super) fn request_id(&self) -> Result<String, Problem> {
        Ok(self.key()?.map_or_else(
            || format!("invocation:{}", self.invocation()),
            |key| format!("key:{key}"),
        ))
    }

    fn key(&self) -> Result<Option<String>, Problem> {
        let Some(value) = self.headers.get("idempotency-key") else {
            return Ok(None);
        };
        let wrong = || {
            Problem::request(format!(
                "Idempotency-Key: give 1 to {LONGEST_KEY} visible ASCII characters"
            ))
        };
        let key = value.to_str().map_err(|_| wrong())?.trim();
        if key.is_empty() || key.len() > LONGEST_KEY {
            Err(wrong())
        } else {
            Ok(Some(key.to_owned()))
        }
    }

    fn invocation(&self) -> String {
        InvocationId::from_headers(&self.headers)
            .map_or_else(|| uuid::Uuid::new_v4().to_string(), |id| id.as_str().to_owned())
    }

    /// Whether the caller asks for CSV.
    pub(super) fn wants_csv(&self) -> bool {
        let accepts = self
            .headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok());
        accepts.flat_map(|value| value.split(',')).any(|kind| {
            kind.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .eq_ignore_ascii_case("text/csv")
        })
    }
}
