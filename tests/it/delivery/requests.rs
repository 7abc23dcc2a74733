//! What an alert to one person asks of the storage account, counted in the account's own access log.

use super::stage::{KEY, Stage, WakeUpCounts};
use crate::support::{
    azurite::Azurite,
    http::{Answer, json},
    wait,
};
use reqwest::Method;
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

/// Requests of one alert, its late wake-up included.
const MOST: usize = 20;

/// The handler's requests so far: what the queue trigger's own polling asks is left out.
fn asked(stage: &Stage) -> Vec<String> {
    let polls = |request: &String| {
        let queue = request.contains("/messages");
        queue && (request.starts_with("GET ") || request.starts_with("DELETE "))
    };
    let requests = Azurite::shared().requests(&stage.name).into_iter();
    requests.filter(|request| !polls(request)).collect()
}

/// Sends an alert to one person; returns what it took.
async fn alert(stage: &Stage, counts: &WakeUpCounts, user: &str) -> Vec<String> {
    let before = asked(stage).len();
    let woken = counts.plans.load(Ordering::Relaxed);
    let notification = format!("{}/api/notification?code={KEY}", stage.base);
    let body = serde_json::json!({ "text": "hello", "audience": { "users": [user] } });
    let accepted = Answer::to(json(Method::POST, &notification, &body))
        .await
        .expect(202);
    let id = accepted.json()["id"].as_str().unwrap().to_owned();
    // Sent after five seconds in case this process dies: it finds nothing to do.
    wait::until("the late wake-up is taken", async || {
        (counts.plans.load(Ordering::Relaxed) > woken).then_some(())
    })
    .await;
    let planning = |request: &String| request.contains("planning") && request.contains("comp=lease");
    wait::until("it asks for the lease of the plan", async || {
        let mut since = asked(stage).split_off(before);
        since.retain(|request| planning(request) && request.contains(&id));
        (!since.is_empty()).then_some(())
    })
    .await;
    // The late wake-up of the one before may come now.
    let of_another = |request: &String| planning(request) && !request.contains(&id);
    let mut since = asked(stage).split_off(before);
    since.retain(|request| !of_another(request));
    since
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_to_one_person_costs_twenty_requests() {
    let stage = Stage::start().await;
    assert!(stage.teams.announce_installed().await.failed.is_empty());
    let counts = Arc::new(WakeUpCounts::default());
    let serving = stage.serve_queue(Arc::clone(&counts));
    // The first one makes the queue, the lease's object, and lists the tenants.
    let first = stage.teams.person(0, 0).unwrap().id;
    alert(&stage, &counts, &first).await;
    for number in 1..3 {
        let user = stage.teams.person(0, number).unwrap().id;
        let asked = alert(&stage, &counts, &user).await;
        let list = asked.join("\n");
        assert!(asked.len() <= MOST, "{} requests:\n{list}", asked.len());
        assert!(!list.contains("comp=list"), "{list}");
        let mut reads: BTreeMap<&str, u32> = BTreeMap::new();
        for read in asked.iter().filter(|request| request.starts_with("GET ")) {
            *reads.entry(read).or_default() += 1;
        }
        assert!(reads.values().all(|times| *times == 1), "{list}");
    }
    assert_eq!(stage.teams.connector().stats().accepted, 3);
    serving.abort();
}
