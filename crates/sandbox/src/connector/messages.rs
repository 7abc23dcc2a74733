//! Send, reply, update and delete (operations 2 to 5).

use std::time::Duration;

use bytes::Bytes;

use super::outgoing::OutgoingKind;
use super::{ConnectorState, Reply, errors};
use crate::clock::millis;
use crate::world::{Author, Entry, EntryState, MessageLookup, Place, ResolvedConversation};

/// A message of the bot that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostedMessage {
    pub(crate) place: Place,
    pub(crate) id: u64,
}

impl ConnectorState {
    pub(crate) fn send(
        &mut self,
        now: Duration,
        located: ResolvedConversation,
        kind: OutgoingKind,
        body: &Bytes,
    ) -> Result<(Reply, Option<PostedMessage>), Reply> {
        if let Some(denial) = self.world.write_denial(located.place) {
            return Err(errors::access_denied(denial));
        }
        self.check_thread(located)?;
        if kind == OutgoingKind::Typing {
            return Ok((Reply::empty(202), None));
        }
        let id = self.accept_message(now, located, body);
        Ok((
            Reply::id(201, id),
            Some(PostedMessage {
                place: located.place,
                id,
            }),
        ))
    }

    /// Accepts a message of the bot: counts it, assigns its id and shows it.
    pub(crate) fn accept_message(
        &mut self,
        now: Duration,
        located: ResolvedConversation,
        body: &Bytes,
    ) -> u64 {
        let id = self.world.accept(located.place, now);
        if self.world.is_remembering() {
            let thread = located.thread.map(|root| root.to_string());
            let entry = Entry {
                id: id.to_string(),
                at: millis(now),
                author: Author::Bot,
                thread,
                state: EntryState::Sent,
                // Copied: the body may be a slice of a large read buffer.
                activity: Bytes::copy_from_slice(body),
            };
            self.show(located.place, entry);
        }
        id
    }

    /// A reply chain needs an existing root message.
    fn check_thread(&self, located: ResolvedConversation) -> Result<(), Reply> {
        let Some(root) = located.thread else { return Ok(()) };
        match (
            located.place,
            self.world.knows_message(located.place, &root.to_string()),
        ) {
            (Place::Channel(_), MessageLookup::Present) => Ok(()),
            (Place::Channel(_), MessageLookup::Missing) => Err(errors::conversation_not_found()),
            (Place::Personal(_) | Place::Group(_), _) => {
                Err(errors::bad_syntax("Bad format of conversation ID"))
            }
        }
    }

    pub(crate) fn update(
        &mut self,
        located: ResolvedConversation,
        activity: &str,
        body: &Bytes,
    ) -> Result<Reply, Reply> {
        self.editable(located, activity)?;
        self.rewrite(
            located.place,
            activity,
            Bytes::copy_from_slice(body),
            EntryState::Edited,
        );
        Ok(Reply::json(200, &serde_json::json!({ "id": activity })))
    }

    pub(crate) fn delete(&mut self, located: ResolvedConversation, activity: &str) -> Result<Reply, Reply> {
        self.editable(located, activity)?;
        self.rewrite(
            located.place,
            activity,
            Bytes::from_static(b"{}"),
            EntryState::Deleted,
        );
        Ok(Reply::empty(200))
    }

    /// The bot may change its own messages that are not deleted.
    fn editable(&self, located: ResolvedConversation, activity: &str) -> Result<(), Reply> {
        if let Some(denial) = self.world.write_denial(located.place) {
            return Err(errors::access_denied(denial));
        }
        if self.world.knows_message(located.place, activity) == MessageLookup::Missing {
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
