//! Server-sent events for the page: a snapshot, then each change.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::read::{MAX_SHOWN, visible};
use crate::Sandbox;
use crate::live;
use crate::switches::SwitchesView;
use crate::world::{ConversationView, Entry};

/// Newest entries of each conversation in a snapshot.
const SNAPSHOT_ENTRIES: usize = 30;
/// Delay before a page that fell behind gets a new snapshot.
const RESYNC_DELAY: Duration = Duration::from_millis(500);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    kind: &'static str,
    bot_name: &'a str,
    bot_endpoint: String,
    hidden: usize,
    conversations: Vec<Column<'a>>,
    switches: SwitchesView,
}

#[derive(Serialize)]
struct Column<'a> {
    #[serde(flatten)]
    view: ConversationView,
    entries: Vec<&'a Entry>,
}

/// What the stream does next.
enum StreamState {
    Snapshot,
    Listen,
    Delay,
}

pub(crate) async fn live(
    State(sandbox): State<Sandbox>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = sandbox.inner.live.watch();
    let stream = futures::stream::unfold(
        (sandbox, receiver, StreamState::Snapshot),
        |(sandbox, receiver, state)| async {
            let (event, receiver, state) = next(&sandbox, receiver, state).await?;
            Some((Ok(Event::default().data(&*event)), (sandbox, receiver, state)))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn next(
    sandbox: &Sandbox,
    mut receiver: Receiver<live::Event>,
    state: StreamState,
) -> Option<(live::Event, Receiver<live::Event>, StreamState)> {
    match state {
        StreamState::Listen => match receiver.recv().await {
            Ok(_) if sandbox.inner.live.is_closed() => return None,
            Ok(event) => return Some((event, receiver, StreamState::Listen)),
            Err(RecvError::Closed) => return None,
            Err(RecvError::Lagged(_)) => return Box::pin(next(sandbox, receiver, StreamState::Delay)).await,
        },
        StreamState::Delay => tokio::time::sleep(RESYNC_DELAY).await,
        StreamState::Snapshot => {}
    }
    if sandbox.inner.live.is_closed() {
        return None;
    }
    // Queued events are contained in the snapshot.
    let receiver = receiver.resubscribe();
    Some((snapshot(sandbox), receiver, StreamState::Listen))
}

fn snapshot(sandbox: &Sandbox) -> live::Event {
    let (bot_endpoint, switches) = (sandbox.bot_endpoint(), sandbox.switches_view());
    let state = sandbox.inner.connector.lock();
    let world = &state.world;
    let views: Vec<_> = visible(world, MAX_SHOWN).map(|place| world.view(place)).collect();
    let hidden = world.shown().count().saturating_sub(views.len());
    let column = |view: ConversationView| {
        let line = world
            .locate(&view.id)
            .ok()
            .and_then(|located| world.timeline(located.place));
        let entries = line.map(|line| {
            let all = line.entries();
            let skip = all.len().saturating_sub(SNAPSHOT_ENTRIES);
            all.skip(skip).collect()
        });
        Column {
            entries: entries.unwrap_or_default(),
            view,
        }
    };
    let snapshot = Snapshot {
        kind: "snapshot",
        bot_name: &world.bot_name,
        bot_endpoint,
        hidden,
        conversations: views.into_iter().map(column).collect(),
        switches,
    };
    match serde_json::to_string(&snapshot) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "the page's snapshot could not be serialised");
            r#"{"kind":"refresh"}"#.into()
        }
    }
}
