//! Envelope mode for HTTP: the request as JSON, the answer out of `Outputs`.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use super::listener::{Incoming, declared_length, empty, public_host, scheme, unread};
use super::query::Query;
use crate::body::read_all;
use crate::core::SharedCore;
use crate::envelope::http_output::http_response;
use crate::envelope::reply::output;
use crate::envelope::{HttpFacts, http_request};
use crate::invocation::Invocation;
use functions_project::{Function, OutputKind};

pub(super) async fn pass_on(
    core: &SharedCore,
    function: &Function,
    incoming: &Incoming,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    // Bodies without a Content-Length are lost in this mode.
    let body = match declared_length(&parts.headers) {
        Some(length) if length > 0 => match read_all(body, core.body_limit).await {
            Ok(bytes) => Some(bytes),
            Err(error) => return unread(error, core.body_limit),
        },
        _ => None,
    };
    let host = public_host(&parts.headers, &parts.uri).unwrap_or(HeaderValue::from_static("localhost"));
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    let url = format!(
        "{}://{}{path}",
        scheme(&parts.headers),
        String::from_utf8_lossy(host.as_bytes())
    );
    parts.headers.insert(http::header::HOST, host);
    let facts = HttpFacts {
        url: &url,
        method: &parts.method,
        query: &Query::parse(parts.uri.query().unwrap_or_default()).joined(),
        headers: &parts.headers,
        params: &incoming.values,
        body: body.as_ref().map(Bytes::as_ref),
    };
    let envelope = http_request(
        &function.name,
        function.trigger_name.as_str(),
        &facts,
        core.clock.now(),
    );
    // As in forwarding mode, a client that goes away does not end the handler's work.
    let (core, function) = (core.clone(), function.clone());
    let work = tokio::spawn(async move {
        match core.invoke(&function, envelope).await {
            Ok(invocation) => response(&function, &invocation),
            Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    });
    work.await
        .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

fn response(function: &Function, invocation: &Invocation) -> Response {
    let Some(binding) = function
        .outputs
        .iter()
        .find(|output| matches!(output.kind, OutputKind::Http))
    else {
        return empty(StatusCode::NO_CONTENT);
    };
    let Some(value) = output(&invocation.outputs, binding.name.as_str()) else {
        // With other outputs the missing one is an empty object, without any the answer is empty.
        return if invocation.outputs.is_empty() {
            empty(StatusCode::OK)
        } else {
            Response::new(Body::from("{}"))
        };
    };
    match http_response(value) {
        Ok(parts) => {
            let mut response = Response::new(Body::from(parts.body));
            *response.status_mut() = parts.status;
            for (name, value) in parts.headers {
                // The length is counted, whatever the handler says.
                if name != http::header::CONTENT_LENGTH && name != http::header::TRANSFER_ENCODING {
                    response.headers_mut().append(name, value);
                }
            }
            response
        }
        Err(error) => {
            tracing::warn!(function = %function.name, invocation_id = %invocation.id, %error, "the HTTP output is invalid");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
