//! What every request brings: a body, read piece by piece up to a size, and the host's id of the invocation. What senders
//! did wrong is reported as it is.

use crate::{api::Problem, discarded_body};
use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::HeaderMap,
};
use custom_handler::InvocationId;
use futures::StreamExt;
use http_server::BodyTimeout;

/// Largest body of a call to an HTTP function, the bot endpoint apart, bytes: room for thousands of named targets.
const LARGEST: usize = 4 * 1024 * 1024;

/// Reads the body of such a call to its end.
pub(crate) async fn whole(body: Body) -> Result<Bytes, Problem> {
    let mut incoming = Incoming::new(body, LARGEST);
    while let Some(piece) = incoming.next().await? {
        if !incoming.has_room_for(&piece) {
            let problem = Problem::too_large(format!("the body has at most {LARGEST} bytes"));
            return Err(incoming.refuse(problem).await);
        }
        incoming.add(&piece);
    }
    Ok(incoming.into_bytes())
}

/// The host's id of the invocation; a new one where it gave none.
pub(crate) fn invocation(headers: &HeaderMap) -> String {
    InvocationId::from_headers(headers)
        .map_or_else(|| uuid::Uuid::new_v4().to_string(), |id| id.as_str().to_owned())
}

/// A body on its way.
pub(crate) struct Incoming {
    frames: BodyDataStream,
    read: Vec<u8>,
    most: usize,
}

impl Incoming {
    /// A body of at most so many bytes.
    pub(crate) fn new(body: Body, most: usize) -> Self {
        Self {
            frames: body.into_data_stream(),
            read: Vec::new(),
            most,
        }
    }

    /// Bytes read so far.
    pub(crate) fn length(&self) -> usize {
        self.read.len()
    }

    /// The next piece, which is not yet read; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        match self.frames.next().await {
            None => Ok(None),
            Some(Ok(piece)) => Ok(Some(piece)),
            Some(Err(error)) if BodyTimeout::caused(&error) => Err(Problem::timeout(
                "the body was sent too slowly, or not to its end",
            )),
            Some(Err(_)) => Err(Problem::bad_request("the body was not sent to its end")),
        }
    }

    /// Whether a piece still fits.
    pub(crate) fn has_room_for(&self, piece: &Bytes) -> bool {
        self.length() + piece.len() <= self.most
    }

    /// Adds a piece.
    pub(crate) fn add(&mut self, piece: &Bytes) {
        self.read.extend_from_slice(piece);
    }

    /// What was read, at the end.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.read.into()
    }

    /// Drops what was read, and reads the rest to its end.
    pub(crate) async fn refuse(self, problem: Problem) -> Problem {
        drop(self.read);
        discarded_body::discard(self.frames).await;
        problem
    }
}
