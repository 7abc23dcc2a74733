//! A small custom handler with one function of each kind. See the crate's README for host.json and the folders.

use std::process::ExitCode;

use axum::extract::Path;
use axum::routing::get;
use custom_handler::{App, Batch, BoxError, Failure, Invocation, QueueItem, Reply, Timer, launch};

pub(crate) async fn app() -> Result<App, BoxError> {
    Ok(App::new()
        .http("/api/hello", get(|| async { "hello\n" }))
        .http(
            "/api/hello/{name}",
            get(|Path(name): Path<String>| async move { format!("hello {name}\n") }),
        )
        .http_function("hello")
        .timer("everyMinute", |tick: Timer, call: Invocation| async move {
            tracing::info!(past_due = tick.is_past_due, "{} has fired", call.function());
            Ok::<_, Failure>(())
        })
        .queue("shout", |item: QueueItem, _call: Invocation| async move {
            Ok::<_, Failure>(Reply::new().queue("shouted", [item.text.to_uppercase()]))
        })
        .function("countEvents", |events: Batch, _call: Invocation| async move {
            Ok::<_, Failure>(Reply::new().log(format!("{} events", events.len())))
        }))
}

fn main() -> ExitCode {
    launch(app)
}
