//! Updates for open pages. No cost while no page is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use tokio::sync::broadcast;

use crate::switches::SwitchedOnView;
use crate::world::{ConversationView, Entry};

/// Number of events that a slow page may fall behind before it gets a new snapshot.
const BACKLOG: usize = 512;

/// One event for the page, as JSON.
pub(crate) type Event = Arc<str>;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Body<'a> {
    Entry { conversation: &'a str, entry: &'a Entry },
    Conversation { conversation: &'a ConversationView },
    Switches { on: &'a [SwitchedOnView] },
    Refresh,
}

/// Sends updates to all open pages.
#[derive(Debug, Clone)]
pub(crate) struct LiveUpdates {
    sender: broadcast::Sender<Event>,
    closed: Arc<AtomicBool>,
}

impl LiveUpdates {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            closed: Arc::default(),
        }
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    pub(crate) fn entry(&self, conversation: &str, entry: &Entry) {
        self.send(&Body::Entry { conversation, entry });
    }

    pub(crate) fn conversation(&self, conversation: &ConversationView) {
        self.send(&Body::Conversation { conversation });
    }

    pub(crate) fn switches(&self, on: &[SwitchedOnView]) {
        self.send(&Body::Switches { on });
    }

    /// Makes pages reload everything.
    pub(crate) fn refresh(&self) {
        self.send(&Body::Refresh);
    }

    /// Closes all current and future streams.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes waiting streams.
        self.refresh();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn send(&self, body: &Body<'_>) {
        match serde_json::to_string(body) {
            // An error means that the last page was just closed.
            Ok(text) => drop(self.sender.send(text.into())),
            Err(error) => tracing::warn!(%error, "an event for the page could not be serialised"),
        }
    }
}
