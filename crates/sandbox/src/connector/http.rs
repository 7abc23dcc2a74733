//! The connector over HTTP: reads a request, waits for the simulated latency, writes the response.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures::stream;

use super::{Answer, BODY_LIMIT, Connector, Media, NotAnOperation, Operation, Reply, Request, errors};
use crate::clock::Clock;

/// How much of a body beyond the limit is read before the 413 is sent, so that the client receives it.
const READ_LIMIT: usize = 16 * BODY_LIMIT;

/// Handles one HTTP request.
pub(crate) async fn serve(connector: Connector, clock: Arc<dyn Clock>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let operation = match Operation::parse(parts.method.as_str(), parts.uri.path(), parts.uri.query()) {
        Ok(operation) => operation,
        Err(problem) => return response(Answer::Reply(not_an_operation(problem))),
    };
    let body = match to_bytes(body, READ_LIMIT).await {
        Ok(body) if body.len() <= BODY_LIMIT => body,
        Ok(_) | Err(_) => return response(Answer::Reply(errors::body_too_large())),
    };
    let authorization = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let request = Request {
        operation,
        address: Operation::address(parts.uri.path()),
        authorization,
        body,
    };
    let round_trip = connector.draw_round_trip();
    if !round_trip.there.is_zero() {
        tokio::time::sleep(round_trip.there).await;
    }
    let answer = connector.handle(clock.now(), &request);
    if !round_trip.back.is_zero() {
        tokio::time::sleep(round_trip.back).await;
    }
    response(answer)
}

fn not_an_operation(problem: NotAnOperation) -> Reply {
    match problem {
        NotAnOperation::UnknownPath => errors::error(404, "NotFound", "No such resource of the connector."),
        NotAnOperation::WrongMethod => errors::error(
            405,
            "MethodNotAllowed",
            "The resource does not support this method.",
        ),
        NotAnOperation::BadSyntax => errors::bad_syntax("The request line could not be read."),
    }
}

fn response(answer: Answer) -> Response {
    let reply = match answer {
        Answer::Reply(reply) => reply,
        Answer::Reset => return reset(),
    };
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media = match reply.media {
        Media::Empty => None,
        Media::Json => Some("application/json; charset=utf-8"),
        Media::Html => Some("text/html"),
        Media::Text => Some("text/plain; charset=utf-8"),
    };
    if let Some(media) = media {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if let Some(location) = reply.location {
        response
            .headers_mut()
            .insert(LOCATION, HeaderValue::from_static(location));
    }
    if let Some(seconds) = reply.retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A body that fails before its first byte, so that the server closes the connection without a response.
fn reset() -> Response {
    let failing = stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("reset on purpose")) });
    Response::new(Body::from_stream(failing))
}
