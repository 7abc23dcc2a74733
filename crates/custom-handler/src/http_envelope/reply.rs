//! Converts a route's response to `Outputs.<binding>` = `{statusCode, headers, body}`.
//!
//! A body that is not text can't be represented and becomes an error. Of several `Set-Cookie` headers only the first can
//! be sent, which is logged.

use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

use crate::reply::Reply;
use crate::response::{self, TraceInfo, with_trace_info};

pub(crate) async fn reply(response: Response, output: &str) -> Response {
    let (head, body) = response.into_parts();
    let mut trace = head.extensions.get::<TraceInfo>().cloned().unwrap_or_default();
    let mut status = head.status;
    let text = match body
        .collect()
        .await
        .map(|whole| String::from_utf8(whole.to_bytes().into()))
    {
        Ok(Ok(text)) => Some(text),
        Ok(Err(_)) => {
            trace.error = Some(
                "the response is not UTF-8 text, which an envelope cannot carry: switch on \
                 customHandler.enableProxyingHttpRequest in host.json"
                    .to_owned(),
            );
            None
        }
        Err(error) => {
            trace.error = Some(format!("the response body is incomplete: {error}"));
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
    with_trace_info(response::success(&reply), |t| {
        *t = trace;
        t.inner_status = Some(status);
    })
}

/// Header values that are not text are left out: the host accepts only strings.
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
