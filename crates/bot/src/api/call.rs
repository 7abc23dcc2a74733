//! One call of the API, read from HTTP.

use super::{Problem, parse_notification};
use crate::{bot::NotificationBot, incoming};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use notify::{identity::NotificationSource, request};

const LONGEST_KEY: usize = NotificationSource::LONGEST_KEY;

/// A call with its whole body.
pub(crate) struct Call {
    headers: HeaderMap,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        Ok(Self {
            headers: parts.headers,
            body: incoming::whole(body).await?,
        })
    }
}

impl Call {
    /// The notification that the body asks for.
    pub(crate) fn notification(&self, bot: &NotificationBot) -> Result<request::Request, Problem> {
        parse_notification(&self.body, bot.cards())
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    /// What makes this call the same one when it is repeated: the caller's key, else the host's invocation id.
    pub(crate) fn source(&self) -> Result<NotificationSource, Problem> {
        Ok(match self.key()? {
            Some(key) => NotificationSource::Key(key),
            None => NotificationSource::Invocation(incoming::invocation(&self.headers)),
        })
    }

    /// The same as a text, for children of a notification.
    pub(super) fn request_id(&self) -> Result<String, Problem> {
        Ok(self.key()?.map_or_else(
            || format!("invocation:{}", incoming::invocation(&self.headers)),
            |key| format!("key:{key}"),
        ))
    }

    fn key(&self) -> Result<Option<String>, Problem> {
        let mut values = self.headers.get_all("idempotency-key").iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Problem::bad_request(
                "Idempotency-Key: the header stands there more than once; give one",
            ));
        }
        let wrong = || {
            Problem::bad_request(format!(
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

    /// Whether the caller would rather have CSV than lines of JSON (RFC 9110, section 12.5.1).
    pub(super) fn wants_csv(&self) -> bool {
        let accepts = self
            .headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let (mut csv, mut lines) = (0.0, 0.0);
        for range in accepts.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .filter_map(|part| part.split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
                .and_then(|(_, weight)| weight.trim().parse().ok())
                .unwrap_or(1.0_f32);
            match kind.as_str() {
                "text/csv" => csv = weight,
                "application/x-ndjson" => lines = weight,
                _ => {}
            }
        }
        csv > 0.0 && csv >= lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants_csv(accept: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        let call = Call {
            headers,
            body: Bytes::new(),
        };
        call.wants_csv()
    }

    #[test]
    fn csv_is_for_those_who_would_rather_have_it() {
        for accept in [
            "text/csv",
            "TEXT/CSV; charset=utf-8",
            "text/html, text/csv;q=0.9, */*;q=0.1",
            "application/x-ndjson;q=0.5, text/csv",
        ] {
            assert!(wants_csv(accept), "{accept}");
        }
        for accept in [
            "*/*",
            "application/x-ndjson",
            "text/csv;q=0",
            "application/x-ndjson, text/csv;q=0.5",
            "application/json",
        ] {
            assert!(!wants_csv(accept), "{accept}");
        }
    }
}
