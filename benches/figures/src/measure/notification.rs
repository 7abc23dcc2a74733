//! One notification to everybody, from the request to the last outcome.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::time::sleep;

use crate::{Outcome, handler::Handler, http, process, teams::Teams};

/// Longest run before something must be wrong.
const LONGEST: Duration = Duration::from_secs(600);
/// Between two looks at Teams; it is Teams that is asked, so that the handler is left alone.
const LOOK: Duration = Duration::from_millis(10);

/// The caller of the API is the Functions host, which checks keys itself.
const FROM_HOST: &str = "x-azure-functions-invocationid: 2f9d6c9e-1111-4111-8111-";

/// What one took.
pub(super) struct Run {
    /// From the request until the last message was accepted.
    pub(super) seconds: f64,
    /// From the first accepted message to the last.
    pub(super) sending: f64,
    /// From the request until it was answered.
    pub(super) answered: f64,
    /// Processor time of the handler until everything was recorded.
    pub(super) cpu: f64,
}

/// Sends the default card to all `count` installations; an error unless each gets it once.
pub(super) async fn send(handler: &Handler, teams: &Teams, count: u32) -> Outcome<Run> {
    teams.forget().await?;
    let cpu = process::cpu_seconds(handler.pid())?;
    let begun = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let invocation = format!("{FROM_HOST}{:012x}", begun.as_micros() & 0xffff_ffff_ffff);
    let body = r#"{"audience":{"all":true}}"#;
    let path = "/api/notification";
    let accepted = http::call(handler.port, "POST", path, &[&invocation], body).await?;
    let answered = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let id = accepted["id"].as_str().ok_or("the answer has no id")?.to_owned();
    let wanted = u64::from(count);
    let mut arrivals = teams.arrivals().await?;
    while arrivals.count < wanted && SystemTime::now().duration_since(UNIX_EPOCH)? < begun + LONGEST {
        sleep(LOOK).await;
        arrivals = teams.arrivals().await?;
    }
    let status = finished(handler, &id).await?;
    let cpu = process::cpu_seconds(handler.pid())? - cpu;
    let arrived = teams.arrivals().await?.count;
    if arrived != wanted || status["counts"]["delivered"] != count {
        return Err(format!("{arrived} of {count} arrived: {status}").into());
    }
    Ok(Run {
        seconds: (arrivals.last.saturating_sub(begun)).as_secs_f64(),
        sending: (arrivals.last.saturating_sub(arrivals.first)).as_secs_f64(),
        answered: (answered.saturating_sub(begun)).as_secs_f64(),
        cpu,
    })
}

async fn finished(handler: &Handler, id: &str) -> Outcome<Value> {
    let path = format!("/api/notification/{id}");
    let invocation = format!("{FROM_HOST}000000000002");
    let begun = std::time::Instant::now();
    loop {
        let status = http::call(handler.port, "GET", &path, &[&invocation], "").await?;
        if !matches!(status["state"].as_str(), Some("queued" | "planning" | "sending")) {
            return Ok(status);
        }
        if begun.elapsed() > Duration::from_secs(60) {
            return Err(format!("not finished: {status}").into());
        }
        sleep(Duration::from_millis(100)).await;
    }
}
