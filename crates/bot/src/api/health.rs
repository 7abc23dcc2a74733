//! `GET /api/health`: whether the stores answer. For load balancers and container runtimes: anonymous, without details,
//! and however often it is asked the stores are asked once in ten seconds.

use super::{Problem, layers, query::NoParameters};
use crate::bot::NotificationBot;
use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use futures::future::BoxFuture;
use notify::ids::TenantId;
use notify::target::TargetKey;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(10);
/// How long the stores may take.
const STORE_LIMIT: Duration = Duration::from_millis(1_500);

/// Whether notifications can be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) enum Health {
    Ok,
    Unavailable,
}

/// Whether the bot's stores answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HealthAnswer {
    status: Health,
}

/// The one route, relative to where it is mounted.
pub(crate) fn router(bot: NotificationBot) -> Router {
    let health = Probes::new(move || {
        let bot = bot.clone();
        Box::pin(async move { ask(&bot).await })
    });
    layers::around(Router::new().route("/", get(answer)).with_state(health))
}

async fn answer(
    State(probes): State<Probes>,
    _: NoParameters,
) -> Result<(StatusCode, Json<HealthAnswer>), Problem> {
    let status = probes.health().await;
    let code = match status {
        Health::Ok => StatusCode::OK,
        Health::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    Ok((code, Json(HealthAnswer { status })))
}

/// Reads from both stores something that need not be there.
async fn ask(bot: &NotificationBot) -> Health {
    let key = TargetKey {
        bot: bot.identity().bot.clone(),
        tenant: TenantId::from(TargetKey::UNKNOWN_TENANT),
        root: "health".into(),
    };
    let (objects, references) = futures::join!(bot.service().answers(), bot.references().read(&key));
    match (objects, references) {
        (Ok(()), Ok(_)) => Health::Ok,
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "health: a store doesn't answer");
            Health::Unavailable
        }
    }
}

type Ask = Arc<dyn Fn() -> BoxFuture<'static, Health> + Send + Sync>;

/// Asks the stores at most once in [`KEPT`], and lets everybody who comes meanwhile wait for that answer.
#[derive(Clone)]
struct Probes {
    ask: Ask,
    last: Arc<Mutex<Option<Probe>>>,
}

#[derive(Clone)]
struct Probe {
    started: Instant,
    answer: watch::Receiver<Option<Health>>,
}

impl Probes {
    fn new(ask: impl Fn() -> BoxFuture<'static, Health> + Send + Sync + 'static) -> Self {
        Self {
            ask: Arc::new(ask),
            last: Arc::default(),
        }
    }

    async fn health(&self) -> Health {
        let mut probe = self.probe();
        // The probe is bounded; whoever runs it may have been ended all the same.
        let answer = probe.answer.wait_for(Option::is_some).await;
        answer
            .ok()
            .and_then(|answer| *answer)
            .unwrap_or(Health::Unavailable)
    }

    /// The probe whose answer counts now.
    fn probe(&self) -> Probe {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(probe) = last.as_ref().filter(|probe| probe.started.elapsed() < KEPT) {
            return probe.clone();
        }
        let (tell, answer) = watch::channel(None);
        let asked = (self.ask)();
        // A task of its own: a caller that goes away ends no probe.
        tokio::spawn(async move {
            let health = tokio::time::timeout(STORE_LIMIT, asked).await;
            tell.send_replace(Some(health.unwrap_or(Health::Unavailable)));
        });
        let probe = Probe {
            started: Instant::now(),
            answer,
        };
        last.insert(probe).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn counted(health: Option<Health>) -> (Probes, Arc<AtomicU32>) {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let probes = Probes::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                match health {
                    Some(health) => health,
                    None => std::future::pending().await,
                }
            })
        });
        (probes, asked)
    }

    #[tokio::test(start_paused = true)]
    async fn the_stores_are_asked_once_in_ten_seconds() {
        let (probes, asked) = counted(Some(Health::Ok));
        for _ in 0..3 {
            let many = (0..100).map(|_| probes.health());
            let all = futures::future::join_all(many).await;
            assert!(all.iter().all(|health| *health == Health::Ok));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        tokio::time::advance(KEPT).await;
        probes.health().await;
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_does_not_answer_is_not_waited_for_and_not_asked_again_at_once() {
        let (probes, asked) = counted(None);
        let begin = Instant::now();
        for _ in 0..5 {
            // Callers that go away start nothing new.
            let _ = tokio::time::timeout(Duration::from_millis(10), probes.health()).await;
        }
        assert_eq!(probes.health().await, Health::Unavailable);
        assert!(begin.elapsed() <= Duration::from_secs(2));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
