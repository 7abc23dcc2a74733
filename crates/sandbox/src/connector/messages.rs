//! Send, reply, update and delete (operations 2 to 5).

use std::time::Duration;

use bytes::Bytes;

use super::outgoing::Kind;
use super::{Reply, State, errors};
use crate::clock::millis;
use crate::world::{Author, Entry, EntryState, Known, Located, Place};

/// A message of the bot that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) place: Place,
    pub(crate) id: u64,
}

impl State {
    pub(crate) fn send(
        &mut self,
        now: Duration,
        located: Located,
        kind: Kind,
        body: &Bytes,
    ) -> Result<(Reply, Option<Taken>), Reply> {
        if let Some(barrier) = self.world.write_barrier(located.place) {
            return Err(errors::barred(barrier));
        }
        self.check_thread(located)?;
        if kind == Kind::Typing {
            return Ok((Reply::empty(202), None));
        }
        let id = self.take(now, located, body);
        Ok((
            Reply::id(201, id),
            Some(Taken {
                place: located.place,
                id,
            }),
        ))
    }

    /// Counts, numbers and shows a message of the bot.
    pub(crate) fn take(&mut self, now: Duration, located: Located, body: &Bytes) -> u64 {
        let id = self.world.accept(located.place, now);
        if self.world.is_remembering() {
            let thread = located.thread.map(|root| root.to_string());
            let entry = Entry {
                id: id.to_string(),
                at: millis(now),
                author: Author::Bot,
                thread,
                state: EntryState::Sent,
                // A copy of its own: the body may be a slice of a large read buffer.
                activity: Bytes::copy_from_slice(body),
            };
            self.show(located.place, entry);
        }
        id
    }

    /// A reply chain needs a root message that is there.
    fn check_thread(&self, located: Located) -> Result<(), Reply> {
        let Some(root) = located.thread else { return Ok(()) };
        match (
            located.place,
            self.world.knows_message(located.place, &root.to_string()),
        ) {
            (Place::Channel(_), Known::Present) => Ok(()),
            (Place::Channel(_), Known::Missing) => Err(errors::conversation_not_found()),
            (Place::Personal(_) | Place::Group(_), _) => {
                Err(errors::bad_syntax("Bad format of conversation ID"))
            }
        }
    }

    pub(crate) fn update(&mut self, located: Located, activity: &str, body: &Bytes) -> Result<Reply, Reply> {
        self.editable(located, activity)?;
        self.rewrite(
            located.place,
            activity,
            Bytes::copy_from_slice(body),
            EntryState::Edited,
        );
        Ok(Reply::json(200, &serde_json::json!({ "id": activity })))
    }

    pub(crate) fn delete(&mut self, located: Located, activity: &str) -> Result<Reply, Reply> {
        self.editable(located, activity)?;
        self.rewrite(
            located.place,
            activity,
            Bytes::from_static(b"{}"),
            EntryState::Deleted,
        );
        Ok(Reply::empty(200))
    }

    /// The bot may change its own messages that are still there.
    fn editable(&self, located: Located, activity: &str) -> Result<(), Reply> {
        if let Some(barrier) = self.world.write_barrier(located.place) {
            return Err(errors::barred(barrier));
        }
        if self.world.knows_message(located.place, activity) == Known::Missing {
            return Err(errors::activity_not_found());
        }
        let author = self
            .world
            .timeline(located.place)
            .and_then(|timeline| timeline.find(activity))
            .map(|e| &e.author);
        match author {
            Some(Author::Person { .. }) => Err(errors::error(
                403,
                "NotEnoughPermissions",
                "A bot can change its own messages only.",
            )),
            _ => Ok(()),
        }
    }
}
