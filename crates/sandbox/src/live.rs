//! What the page hears while it is open. Costs nothing when nobody watches.

use serde::Serialize;
use std::sync::Arc;
use tokio::sync::broadcast;

use crate::world::{ConversationView, Entry};

/// How many events a slow page may fall behind before it gets everything anew.
const BACKLOG: usize = 512;

/// One event for the page, as JSON.
pub(crate) type Event = Arc<str>;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Body<'a> {
    Entry { conversation: &'a str, entry: &'a Entry },
    Conversation { conversation: &'a ConversationView },
    Refresh,
}

/// The sending end.
#[derive(Debug, Clone)]
pub(crate) struct Live(broadcast::Sender<Event>);

impl Live {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub(crate) fn entry(&self, conversation: &str, entry: &Entry) {
        self.send(&Body::Entry { conversation, entry });
    }

    pub(crate) fn conversation(&self, conversation: &ConversationView) {
        self.send(&Body::Conversation { conversation });
    }

    /// Asks pages to load everything again.
    pub(crate) fn refresh(&self) {
        self.send(&Body::Refresh);
    }

    fn send(&self, body: &Body<'_>) {
        match serde_json::to_string(body) {
            // An error means that the last page has just gone.
            Ok(text) => drop(self.0.send(text.into())),
            Err(error) => tracing::warn!(%error, "an event for the page could not be written"),
        }
    }
}
