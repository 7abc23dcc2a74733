//! The host's handler dies in the midst of a broadcast, is started again, and the queue carries on.

use super::{blob, messages::envelope, room};
use crate::support::{
    azurite::Azurite,
    connector::Connector,
    handler::{Start, custom, run},
    http::Answer,
    queue::Queue,
    references::teamsfx,
    room::Room,
    wait,
};
use serde_json::json;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

const PEOPLE: u32 = 300;
const LEASE: Duration = Duration::from_secs(15);

fn start(room: Room, name: &str) -> Start {
    custom(room)
        .settings(blob(name))
        .set("NOTIFICATION_RATE", "100")
        .set("NOTIFICATION_LEASE_SECONDS", LEASE.as_secs().to_string())
}

/// Plays the queue trigger for the handler at a port that may change. A message whose invocation broke off stays hidden
/// for ten minutes, as on Azure when the host dies too.
fn serve_queue(queue: Queue, port: Arc<AtomicU16>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            for message in queue.take().await {
                let (queue, port) = (queue.clone(), port.load(Ordering::Relaxed));
                tokio::spawn(async move {
                    let body = envelope(&message.text(), &json!({ "DequeueCount": "1" })).to_string();
                    let request = crate::support::http::client()
                        .post(format!("http://127.0.0.1:{port}/deliveryQueue"))
                        .header("content-type", "application/json")
                        .header("x-azure-functions-invocationid", uuid::Uuid::new_v4().to_string())
                        .body(body);
                    if Answer::try_to(request)
                        .await
                        .is_ok_and(|answer| answer.status == 200)
                    {
                        queue.delete(&message).await;
                    }
                });
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
}

#[tokio::test]
async fn after_a_kill_the_next_handler_goes_on_when_the_lease_has_ended() {
    let name = Azurite::container();
    let connector = Connector::start().await;
    let project = room(&name);
    project.write("everyone.json", &teamsfx(&connector.service_url(), PEOPLE));
    let settings = blob(&name);
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    run(
        &project,
        &["references", "import", "everyone.json"],
        &settings,
        "",
    )
    .await
    .success();

    let first = start(project, &name).start().await;
    let port = Arc::new(AtomicU16::new(first.port));
    let serving = serve_queue(Queue::new(Azurite::shared(), &name), Arc::clone(&port));
    let id = first
        .accepts(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    wait::until("a part of the messages", async || {
        (connector.messages().len() >= 50).then_some(())
    })
    .await;
    let project = first.kill().await;
    let (killed, sent) = (Instant::now(), connector.messages().len());
    assert!(sent < PEOPLE as usize, "it was killed too late");

    let second = start(project, &name).start().await;
    port.store(second.port, Ordering::Relaxed);
    wait::within(Duration::from_secs(60), "the next message", async || {
        (connector.messages().len() > sent).then_some(())
    })
    .await;
    assert!(
        killed.elapsed() <= LEASE + Duration::from_secs(10),
        "{:?}",
        killed.elapsed()
    );
    let status = second.ends(&id).await;
    assert_eq!(status["counts"]["delivered"], PEOPLE, "{status}");
    let reached = connector.reached();
    let everyone: HashSet<_> = reached.iter().collect();
    assert_eq!(everyone.len(), PEOPLE as usize);
    let twice = (reached.len() - everyone.len()) as u64;
    assert!(
        twice <= status["resent"].as_u64().unwrap(),
        "{twice} twice: {status}"
    );
    serving.abort();
}
