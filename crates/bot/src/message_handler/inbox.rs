//! Reads and parses the bodies of callers, so many bytes at a time for the whole process: a body that takes no room on
//! the wire can be a tree a hundred times its size. Who finds no room within a few seconds is asked to try again.

use super::parse_cost;
use crate::{api::Problem, discarded_body, incoming::Incoming};
use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse, Response},
};
use std::time::Duration;
use teams::{activity::Activity, inbound::Caller};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

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
/// Wait for room, twice at most. Teams waits some 15 s for an answer, and the store may need nine of them.
const ROOM_WAIT: Duration = Duration::from_secs(2);
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
    /// As the body is framed, whatever a header says beside that.
    pub(super) fn by(body: &Body) -> Self {
        let length = body.size_hint().exact();
        length.map_or(Self::Nothing, |length| {
            Self::Bytes(usize::try_from(length).unwrap_or(usize::MAX))
        })
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
                return Err(discarded_body::refuse(too_large(), body).await);
            }
            Announced::Bytes(length) => length,
            Announced::Nothing => LARGEST,
        };
        let parsed = async {
            let (body, _room) = self.whole(body, length).await?;
            let weight = room(&self.parsed, parse_cost::of(&body).min(PARSED)).await?;
            let activity = Activity::parse(&body).map_err(|error| Problem::bad_request(error.to_string()))?;
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
        let mut incoming = Incoming::new(body, LARGEST);
        let (end, mut place) = (Instant::now() + READ_LIMIT, None);
        loop {
            let next = tokio::time::timeout_at(end, incoming.next()).await;
            let Some(piece) = next.unwrap_or_else(|_| Err(too_slow()))? else {
                return Ok((incoming.into_bytes(), place));
            };
            let goes_on = match incoming.length() + piece.len() {
                ..=SMALL => Ok(()),
                _ if !incoming.has_room_for(&piece) => Err(too_large()),
                _ if place.is_some() => Ok(()),
                _ => room(&self.reading, length).await.map(|room| place = Some(room)),
            };
            if let Err(problem) = goes_on {
                drop(place);
                return Err(incoming.refuse(problem).await);
            }
            incoming.add(&piece);
        }
    }
}

async fn room(of: &Semaphore, bytes: usize) -> Result<SemaphorePermit<'_>, Problem> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    match tokio::time::timeout(ROOM_WAIT, of.acquire_many(bytes)).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => {
            tracing::warn!("an activity found no room in time; Teams will send it again");
            Err(Problem::unavailable(
                "too many activities come at once; send this one again",
            ))
        }
    }
}

fn too_slow() -> Problem {
    let limit = READ_LIMIT.as_secs();
    Problem::timeout(format!("the body did not come within {limit} s"))
}

fn too_large() -> Problem {
    Problem::too_large("an activity has at most 256 KiB")
}
