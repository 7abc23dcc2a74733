//! Teams, the bot's host, and the queue trigger on Azurite's queue.

use super::{blob, room};
use crate::support::{
    azurite::Azurite,
    http::{Answer, client},
    local,
    queue::Queue,
};
use functions_host::{ForwardingMode, FunctionsHost, KeyPolicy, Running, TimerStart};
use sandbox::{History, LimitTable, Sandbox, SandboxConfig, WorldSpec};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::net::TcpListener;

pub(super) const KEY: &str = "planted-host-key";
pub(super) const PEOPLE: u32 = 300;

/// Teams, and the bot's host.
pub(super) struct Stage {
    /// The container, and the queue.
    pub(super) name: String,
    pub(super) teams: Sandbox,
    pub(super) running: Arc<Running>,
    pub(super) base: String,
    queue: Queue,
}

impl Stage {
    pub(super) async fn start() -> Self {
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
            name,
        }
    }

    /// Plays the queue trigger until dropped; counts the messages by what they wake up.
    pub(super) fn serve_queue(&self, counts: Arc<WakeUpCounts>) -> tokio::task::JoinHandle<()> {
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

    pub(super) async fn status(&self, path: &str) -> Value {
        Answer::to(client().get(format!("{}{path}?code={KEY}", self.base)))
            .await
            .expect(200)
            .json()
    }
}

/// What was taken from the queue.
#[derive(Default)]
pub(super) struct WakeUpCounts {
    pub(super) plans: AtomicU32,
    pub(super) lanes: AtomicU32,
}
