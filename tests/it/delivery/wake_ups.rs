//! A broadcast behind a host that forwards HTTP and plays the queue trigger on Azurite's queue.

use super::{blob, room};
use crate::support::{
    azurite::Azurite,
    http::{Answer, client, json},
    local,
    queue::Queue,
    wait,
};
use functions_host::{ForwardingMode, FunctionsHost, KeyPolicy, Running, TimerStart};
use reqwest::Method;
use sandbox::{History, LimitTable, Sandbox, SandboxConfig, WorldSpec};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::net::TcpListener;

const KEY: &str = "planted-host-key";
const PEOPLE: u32 = 300;

/// Teams, and the bot's host.
struct Stage {
    teams: Sandbox,
    running: Arc<Running>,
    base: String,
    queue: Queue,
}

impl Stage {
    async fn start() -> Self {
        let name = Azurite::container();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let teams_address = listener.local_addr().unwrap();
        let host_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", host_listener.local_addr().unwrap());
        let teams = Sandbox::new(SandboxConfig {
            world: WorldSpec::of_people(PEOPLE),
            limits: LimitTable::lifted(),
            history: History::Off,
            bot_endpoint: format!("{base}/api/messages"),
            service_url: format!("http://{teams_address}/_connector/"),
            ..SandboxConfig::default()
        })
        .unwrap();
        let router = teams.router();
        tokio::spawn(async move { axum::serve(listener, router).await });

        let room = room(&name);
        let settings = blob(&name)
            .into_iter()
            .fold(local::bare(), |settings, (name, value)| {
                settings.with(name, value)
            })
            .with("NOTIFICATION_RATE", "1000");
        let host = FunctionsHost::from_dir(room.folder())
            .settings(settings)
            .mode(ForwardingMode::Forward)
            .keys(KeyPolicy::enforced(KEY))
            .timers(TimerStart::Off)
            .build()
            .unwrap();
        assert!(
            host.project().problems().is_empty(),
            "{:?}",
            host.project().problems()
        );
        let router = host.router();
        tokio::spawn(functions_host::serve(
            host_listener,
            router,
            std::future::pending(),
        ));
        let running = host.start().unwrap();
        running.ready().await.unwrap();
        // The folder must outlive the child.
        std::mem::forget(room);
        Self {
            teams,
            running: Arc::new(running),
            base,
            queue: Queue::new(Azurite::shared(), &name),
        }
    }

    /// Plays the queue trigger until dropped; counts the messages by what they wake up.
    fn serve_queue(&self, counts: Arc<WakeUpCounts>) -> tokio::task::JoinHandle<()> {
        let (queue, running) = (self.queue.clone(), Arc::clone(&self.running));
        tokio::spawn(async move {
            loop {
                for message in queue.take().await {
                    assert_eq!(message.dequeued, 1, "no wake-up comes a second time");
                    let wake_up: Value = serde_json::from_str(&message.text()).unwrap();
                    match wake_up["hint"].as_str() {
                        Some("plan") => counts.plans.fetch_add(1, Ordering::Relaxed),
                        Some("lane") => counts.lanes.fetch_add(1, Ordering::Relaxed),
                        _ => panic!("no wake-up: {wake_up}"),
                    };
                    let (queue, running) = (queue.clone(), Arc::clone(&running));
                    tokio::spawn(async move {
                        running
                            .invoke_with("deliveryQueue", &message.text())
                            .await
                            .unwrap();
                        queue.delete(&message).await;
                    });
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        })
    }

    async fn status(&self, path: &str) -> Value {
        Answer::to(client().get(format!("{}{path}?code={KEY}", self.base)))
            .await
            .expect(200)
            .json()
    }
}

/// What was taken from the queue.
#[derive(Default)]
struct WakeUpCounts {
    plans: AtomicU32,
    lanes: AtomicU32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_is_planned_and_delivered_through_the_storage_queue() {
    let stage = Stage::start().await;
    let announced = stage.teams.announce_installed().await;
    assert!(announced.failed.is_empty(), "{announced:?}");
    let notification = format!("{}/api/notification?code={KEY}", stage.base);
    let body = serde_json::json!({ "text": "hello", "audience": { "all": true } });
    let accepted = Answer::to(json(Method::POST, &notification, &body))
        .await
        .expect(202)
        .json();
    let path = accepted["links"]["self"].as_str().unwrap().to_owned();
    // Nobody has taken the wake-up yet, and nothing else plans it.
    assert_eq!(stage.status(&path).await["state"], "queued");

    let counts = Arc::new(WakeUpCounts::default());
    let serving = stage.serve_queue(Arc::clone(&counts));
    let status = wait::until("the notification ends", async || {
        let status = stage.status(&path).await;
        (status["state"] == "finished").then_some(status)
    })
    .await;
    assert_eq!(status["counts"]["delivered"], PEOPLE, "{status}");
    assert_eq!(stage.teams.connector().stats().accepted, u64::from(PEOPLE));
    assert_eq!(counts.plans.load(Ordering::Relaxed), 1);
    assert!(counts.lanes.load(Ordering::Relaxed) >= 1);

    // The reconciling timer finds nothing to wake.
    stage.running.trigger_timer("reconcileTimer").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(counts.plans.load(Ordering::Relaxed), 1);
    serving.abort();
}
