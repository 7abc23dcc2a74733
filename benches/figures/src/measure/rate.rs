//! Teams' limit of 50 a second, kept: how near, how often it was hit, and how long the last ones take. Each row sends
//! twice: what the first notification taught about Teams' limiter, the second one uses.

use serde_json::{Value, json};

use super::notification;
use crate::{
    Outcome,
    entra::Entra,
    handler::{Folder, Handler},
    store::Store,
    table::Table,
    teams::Teams,
};

/// Installations.
const RECIPIENTS: u32 = 3_000;
/// Requests a second, of Teams and of the handler.
const LIMIT: f64 = 50.0;

/// A way in which Teams may count, by its name in the sandbox; a latency; and what is aimed at.
struct Row {
    counting: &'static str,
    latency: Latency,
    aim: &'static str,
}

#[derive(Clone, Copy)]
enum Latency {
    Constant,
    Varying,
}

impl Latency {
    const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant 50 ms",
            Self::Varying => "log-normal, median 80 ms, p99 600 ms",
        }
    }

    fn plan(self) -> Value {
        match self {
            Self::Constant => json!({ "kind": "constant", "millis": 50 }),
            Self::Varying => json!({ "kind": "logNormal", "medianMillis": 80, "p99Millis": 600 }),
        }
    }
}

const ROWS: [Row; 5] = [
    Row {
        counting: "slidingSecond",
        latency: Latency::Constant,
        aim: "≥ 99 %, no 429",
    },
    Row {
        counting: "slidingSecond",
        latency: Latency::Varying,
        aim: "≥ 93.8 %, ≤ 0.1 % 429",
    },
    Row {
        counting: "fixedSecond",
        latency: Latency::Varying,
        aim: "≥ 94.5 %, ≤ 0.1 % 429",
    },
    Row {
        counting: "tokenBucket50",
        latency: Latency::Varying,
        aim: "≥ 99 %, ≤ 0.1 % 429",
    },
    Row {
        counting: "tokenBucket10",
        latency: Latency::Varying,
        aim: "≥ 99 %, ≤ 0.1 % 429",
    },
];

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    for row in ROWS {
        let teams = Teams::start(RECIPIENTS)?;
        teams.limit_as(row.counting).await?;
        let mut settings = entra.settings(&teams.host());
        settings.extend(Store::File.fresh());
        settings.push(("NOTIFICATION_RATE", "50".to_owned()));
        let folder = Folder::new()?;
        folder.import(&settings, &teams.references(RECIPIENTS)?).await?;
        let handler = folder.start(&settings).await?;
        for (turn, aim) in [("first", ""), ("second", row.aim)] {
            teams.set_latency(row.latency.plan()).await?;
            let figure = sent(&handler, &teams).await?;
            let (counting, latency) = (row.counting, row.latency.name());
            table.row(
                format!("rate 50/s, {counting}, {RECIPIENTS} recipients, latency {latency}, {turn} time"),
                figure,
                aim,
            );
        }
    }
    Ok(())
}

/// One notification, and how near the limit it came.
async fn sent(handler: &Handler, teams: &Teams) -> Outcome<String> {
    let run = notification::send(handler, teams, RECIPIENTS).await?;
    let stats: Value = teams.stats().await?;
    let throttled = stats["throttled"].as_f64().unwrap_or_default();
    let times = teams.times().await?;
    let last = times.last().copied().unwrap_or_default();
    let hundredth = times.get(times.len() * 99 / 100).copied().unwrap_or(last);
    // Between the first and the last lie one fewer than were sent.
    let share = f64::from(RECIPIENTS - 1) / run.sending / LIMIT;
    Ok(format!(
        "{:.2} % of the limit ({:.2} s from the first accepted to the last), {throttled} answers 429 ({:.3} %), at most {} \
         accepted in a second, last percent {:.0} ms",
        share * 100.0,
        run.sending,
        throttled * 100.0 / (throttled + f64::from(RECIPIENTS)),
        stats["peakPerSecondPerTenant"],
        last.saturating_sub(hundredth).as_secs_f64() * 1000.0,
    ))
}
