//! Reads and parses the bodies of callers, so many bytes at a time for the whole process: a body that takes no room on
//! the wire can be a tree a hundred times its size. Who finds no room within a few seconds is told to come again.

use super::cost;
use crate::{api::Problem, unwanted};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use std::time::Duration;
use teams::{activity::Activity, inbound::Caller};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Largest activity that is read, bytes.
const LARGEST: usize = 256 * 1024;
/// So much of each body is read without a place among [`READING`], bytes: the usual activity whole, and all that most
/// who stop halfway have sent. The number of connections bounds them together.
const SMALL: usize = 16 * 1024;
/// Larger bodies that are being read, bytes together: 32 of the largest.
const READING: usize = 8 * 1024 * 1024;
/// Parsed activities that are being dealt with, bytes together as [`cost`] counts them: one of the bulkiest that
/// 256 KiB can hold, hundreds of the usual ones.
const PARSED: usize = 32 * 1024 * 1024;
/// Wait for room. Teams waits some 15 s for an answer, and the store may need nine of them.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a body may take. Teams and the Functions host send theirs at once.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// The room for all bodies of the process.
pub(crate) struct Inbox {
    reading: Semaphore,
    parsed: Semaphore,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            reading: Semaphore::new(READING),
            parsed: Semaphore::new(PARSED),
        }
    }
}

/// What a request says of its body's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    Bytes(usize),
    Nothing,
}

/// An activity, and its part of the room.
pub(super) struct Received<'a> {
    activity: Activity,
    weight: SemaphorePermit<'a>,
}

impl Announced {
    pub(super) fn by(headers: &HeaderMap) -> Self {
        let length = headers.get(header::CONTENT_LENGTH);
        length
            .and_then(|length| length.to_str().ok()?.parse().ok())
            .map_or(Self::Nothing, Self::Bytes)
    }
}

impl<'a> Received<'a> {
    pub(super) fn activity(&self) -> &Activity {
        &self.activity
    }

    pub(super) fn parts(self) -> (Activity, SemaphorePermit<'a>) {
        (self.activity, self.weight)
    }
}

impl Inbox {
    /// The activity that a caller brings; else the answer.
    pub(super) async fn receive(
        &self,
        _caller: &Caller,
        announced: Announced,
        body: Body,
    ) -> Result<Received<'_>, Response> {
        let length = match announced {
            Announced::Bytes(length) if length > LARGEST => {
                return Err(unwanted::refuse(too_large(), body).await);
            }
            Announced::Bytes(length) => length,
            Announced::Nothing => LARGEST,
        };
        let parsed = async {
            let (body, _room) = self.whole(body, length).await?;
            let weight = room(&self.parsed, cost::of(&body).min(PARSED)).await?;
            let activity = Activity::parse(&body).map_err(|error| Problem::request(error.to_string()))?;
            Ok(Received { activity, weight })
        };
        parsed.await.map_err(Problem::into_response)
    }

    /// A body to its end, with the place that a large one takes; `length` is what it has at most.
    async fn whole(
        &self,
        body: Body,
        length: usize,
    ) -> Result<(Bytes, Option<SemaphorePermit<'_>>), Problem> {
        let mut frames = body.into_data_stream();
        let read = async {
            let (mut read, mut place) = (Vec::new(), None);
            while let Some(frame) = frames.next().await {
                let frame = frame.map_err(|_| Problem::request("the body could not be read to its end"))?;
                let goes_on = match read.len() + frame.len() {
                    ..=SMALL => Ok(()),
                    too_many if too_many > LARGEST => Err(too_large()),
                    _ if place.is_some() => Ok(()),
                    _ => room(&self.reading, length).await.map(|room| place = Some(room)),
                };
                if let Err(problem) = goes_on {
                    drop((read, place));
                    unwanted::discard(frames).await;
                    return Err(problem);
                }
                read.extend_from_slice(&frame);
            }
            Ok((read.into(), place))
        };
        tokio::time::timeout(READ_LIMIT, read).await.unwrap_or_else(|_| {
            let limit = READ_LIMIT.as_secs();
            Err(Problem::request(format!(
                "the body did not come within {limit} s"
            )))
        })
    }
}

async fn room(of: &Semaphore, bytes: usize) -> Result<SemaphorePermit<'_>, Problem> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    match tokio::time::timeout(PATIENCE, of.acquire_many(bytes)).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => {
            tracing::warn!("an activity found no room in time; Teams will send it again");
            Err(Problem::unavailable(
                "too many activities come at once; send this one again",
            ))
        }
    }
}

fn too_large() -> Problem {
    Problem::too_large("an activity has at most 256 KiB")
}
