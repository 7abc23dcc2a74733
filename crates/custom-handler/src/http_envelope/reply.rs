//! A route's answer as `Outputs.<binding>` = `{statusCode, headers, body}`.
//!
//! What this form cannot carry is answered with an error rather than silently changed: bodies that are not text.
//! Of several `Set-Cookie` only the first fits, which is logged.

use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

use crate::answer::{self, Told, tell};
use crate::reply::Reply;

pub(crate) async fn reply(response: Response, output: &str) -> Response {
    let (head, body) = response.into_parts();
    let mut told = head.extensions.get::<Told>().cloned().unwrap_or_default();
    let mut status = head.status;
    let text = match body
        .collect()
        .await
        .map(|whole| String::from_utf8(whole.to_bytes().into()))
    {
        Ok(Ok(text)) => Some(text),
        Ok(Err(_)) => {
            told.error = Some(
                "the answer is not UTF-8 text, which an envelope cannot carry: switch on \
                 customHandler.enableProxyingHttpRequest in host.json"
                    .to_owned(),
            );
            None
        }
        Err(error) => {
            told.error = Some(format!("the answer's body broke off: {error}"));
            None
        }
    };
    let value = match text {
        Some(text) => {
            json!({ "statusCode": status.as_u16(), "headers": header_map(&head.headers), "body": text })
        }
        None => {
            status = StatusCode::INTERNAL_SERVER_ERROR;
            json!({ "statusCode": 500, "headers": {}, "body": "" })
        }
    };
    let reply = match output {
        "$return" => Reply::new().return_value(value),
        name => Reply::new().output(name, value),
    };
    tell(answer::success(&reply), |t| {
        *t = told;
        t.inner_status = Some(status);
    })
}

/// Values that are not text are left out: the host wants strings.
fn header_map(headers: &HeaderMap) -> Map<String, Value> {
    let own = [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
    ];
    let mut map = Map::new();
    for name in headers.keys().filter(|name| !own.contains(name)) {
        let mut values = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let text = if name == header::SET_COOKIE {
            let first = values.next().map(str::to_owned);
            if values.next().is_some() {
                tracing::warn!(
                    "an envelope carries one Set-Cookie; the others are lost (switch on proxying in host.json)"
                );
            }
            first
        } else {
            values
                .map(str::to_owned)
                .reduce(|all, next| format!("{all}, {next}"))
        };
        map.extend(text.map(|text| (name.to_string(), Value::String(text))));
    }
    map
}
