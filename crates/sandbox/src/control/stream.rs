//! Server-sent events for the page: everything once, then each change.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::read::{SHOWN, visible};
use crate::Sandbox;
use crate::live;
use crate::world::{ConversationView, Entry};

/// Newest entries of each conversation that a page starts with.
const ENTRIES: usize = 30;
/// How long a page that fell behind is left alone before it gets everything anew.
const BREATHER: Duration = Duration::from_millis(500);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    kind: &'static str,
    bot_name: &'a str,
    bot_endpoint: String,
    hidden: usize,
    conversations: Vec<Column<'a>>,
}

#[derive(Serialize)]
struct Column<'a> {
    #[serde(flatten)]
    view: ConversationView,
    entries: Vec<&'a Entry>,
}

/// What the stream does next.
enum Step {
    Snapshot,
    Listen,
    CatchBreath,
}

pub(crate) async fn live(
    State(sandbox): State<Sandbox>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = sandbox.inner.live.watch();
    let stream = futures::stream::unfold(
        (sandbox, receiver, Step::Snapshot),
        |(sandbox, receiver, step)| async {
            let (event, receiver, step) = next(&sandbox, receiver, step).await?;
            Some((Ok(Event::default().data(&*event)), (sandbox, receiver, step)))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn next(
    sandbox: &Sandbox,
    mut receiver: Receiver<live::Event>,
    step: Step,
) -> Option<(live::Event, Receiver<live::Event>, Step)> {
    match step {
        Step::Listen => match receiver.recv().await {
            Ok(_) if sandbox.inner.live.is_closed() => return None,
            Ok(event) => return Some((event, receiver, Step::Listen)),
            Err(RecvError::Closed) => return None,
            Err(RecvError::Lagged(_)) => return Box::pin(next(sandbox, receiver, Step::CatchBreath)).await,
        },
        Step::CatchBreath => tokio::time::sleep(BREATHER).await,
        Step::Snapshot => {}
    }
    if sandbox.inner.live.is_closed() {
        return None;
    }
    // What is still queued is in the snapshot too.
    let receiver = receiver.resubscribe();
    Some((snapshot(sandbox), receiver, Step::Listen))
}

fn snapshot(sandbox: &Sandbox) -> live::Event {
    let (bot_endpoint, state) = (sandbox.bot_endpoint(), sandbox.inner.connector.lock());
    let world = &state.world;
    let views = visible(world, SHOWN);
    let hidden = world.shown().count().saturating_sub(views.len());
    let column = |view: ConversationView| {
        let line = world
            .locate(&view.id)
            .ok()
            .and_then(|located| world.timeline(located.place));
        let entries = line.map(|line| {
            let all = line.entries();
            let skip = all.len().saturating_sub(ENTRIES);
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
    };
    match serde_json::to_string(&snapshot) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "the page's snapshot could not be written");
            r#"{"kind":"refresh"}"#.into()
        }
    }
}
