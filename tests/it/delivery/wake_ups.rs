//! A broadcast behind a host that forwards HTTP and plays the queue trigger on Azurite's queue.

use super::stage::{KEY, PEOPLE, Stage, WakeUpCounts};
use crate::support::{
    http::{Answer, json},
    wait,
};
use reqwest::Method;
use std::sync::{Arc, atomic::Ordering};

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
