//! Bodies of refused requests: read and discarded, because many callers, and the Functions host's proxy, read the
//! response only once they have sent all. Nothing is kept.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt};
use std::{pin::pin, time::Duration};
use tokio::sync::Semaphore;

/// How much is read and discarded, bytes. The Functions host takes no more either.
const MOST: usize = 100 * 1024 * 1024;
/// And how long: longer than a caller on a slow line takes for a body that would have been accepted.
const LONGEST: Duration = Duration::from_secs(15);
/// How many are read at once in the process: a body that flows fills a buffer of its connection, and one that does not
/// holds the connection. The rest is answered at once; the server reads on for a moment, so that they get the answer too.
static DISCARDED: Semaphore = Semaphore::const_new(32);

/// Answers a request whose body was not read. The connection ends with it: its buffers are free at once.
pub(crate) async fn refuse(answer: impl IntoResponse, body: Body) -> Response {
    let mut response = answer.into_response();
    if !body.is_end_stream() {
        discard(body.into_data_stream()).await;
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Reads what is left of a body to its end, or as far as the limits allow.
pub(crate) async fn discard<E>(frames: impl Stream<Item = Result<Bytes, E>>) {
    let Ok(_place) = DISCARDED.try_acquire() else {
        return;
    };
    let mut frames = pin!(frames);
    let to_the_end = async {
        let mut length = 0;
        while let Some(Ok(frame)) = frames.next().await {
            length += frame.len();
            if length > MOST {
                break;
            }
        }
    };
    // Who is not done by then may miss the answer.
    let _ = tokio::time::timeout(LONGEST, to_the_end).await;
}
