//! SIGKILL in the midst of a broadcast, on real parts: Azurite, sockets, the sandbox with its limiter. Another instance
//! takes over, the sums hold, nobody is missing, and two instances never exceed the rate together.
//! Twenty kills in a row are `cargo xtask bench --only kills`.

mod crowd;
mod dice;

use crate::support::{
    azurite::Azurite,
    handler::{Handler, run, serve},
    room::Room,
    wait,
};
use crowd::Crowd;
use dice::Dice;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PEOPLE: u32 = 1_500;
const RATE: u32 = 500;
const LEASE: Duration = Duration::from_secs(15);

fn settings(container: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AzureWebJobsStorage", Azurite::shared().connection_string()),
        ("NOTIFICATION_CONTAINER", container.to_owned()),
        ("NOTIFICATION_RATE", RATE.to_string()),
        ("NOTIFICATION_LEASE_SECONDS", LEASE.as_secs().to_string()),
    ]
}

async fn instance(container: &str) -> Handler {
    serve(Room::new()).settings(settings(container)).start().await
}

/// Waits until more than `seen` messages are accepted; how long that took.
async fn first_after(crowd: &Crowd, seen: u64) -> Duration {
    let begun = Instant::now();
    wait::within(
        Duration::from_secs(90),
        "a message of the next owner",
        async || (crowd.accepted() > seen).then_some(()),
    )
    .await;
    begun.elapsed()
}

/// Lets the owner post for a moment, then ends it as a power cut does; what was accepted until then.
async fn kill(handler: Handler, crowd: &Crowd, after: Duration) -> u64 {
    tokio::time::sleep(after).await;
    handler.kill().await;
    // What was on its way when it died has arrived.
    tokio::time::sleep(Duration::from_millis(200)).await;
    crowd.accepted()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_three_times_in_two_broadcasts_and_everyone_is_accounted_for() {
    let mut dice = Dice::from_environment();
    let container = Azurite::container();
    let crowd = Crowd::gather(PEOPLE, RATE).await;
    crowd.is_known(&settings(&container)).await;

    let owner = instance(&container).await;
    let waiting = instance(&container).await;
    let body = json!({ "text": "hello", "audience": { "all": true } });
    let first = owner.accepts(&body).await;
    first_after(&crowd, 0).await;
    // The second instance has work in the same lane, and waits for it.
    let second = waiting.accepts(&body).await;

    let mut claims = Vec::new();
    let seen = kill(owner, &crowd, dice.moment()).await;
    claims.push(first_after(&crowd, seen).await);
    let seen = kill(waiting, &crowd, dice.moment()).await;
    let third = instance(&container).await;
    claims.push(first_after(&crowd, seen).await);
    let seen = kill(third, &crowd, dice.moment()).await;
    let last = instance(&container).await;
    claims.push(first_after(&crowd, seen).await);
    for claims in &claims {
        assert!(*claims <= LEASE + Duration::from_secs(10), "{claims:?}");
    }

    let mut accounted = 0;
    for id in [&first, &second] {
        let status = wait::within(Duration::from_secs(60), "the notification ends", async || {
            let status = last.status(id).await;
            (status["state"] == "finished").then_some(status)
        })
        .await;
        assert_eq!(status["total"], PEOPLE, "{status}");
        assert_eq!(status["counts"]["delivered"], PEOPLE, "{status}");
        accounted += u64::from(PEOPLE) + status["resent"].as_u64().unwrap();
        proved(&container, id, &status).await;
    }
    assert_eq!(crowd.missing(2), 0, "everyone has both messages");
    assert!(
        crowd.accepted() <= accounted,
        "{} accepted, {accounted} accounted for",
        crowd.accepted()
    );
    // Two that posted together would have half of their requests refused.
    let refused = crowd.refused();
    assert!(refused <= accounted / 50, "{refused} of {accounted} refused");
    assert!(
        crowd.fastest_second() <= RATE as usize,
        "{} in a second",
        crowd.fastest_second()
    );
}

/// The operator's proof says what the status says.
async fn proved(container: &str, id: &str, status: &Value) {
    let settings = settings(container);
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let proof = run(
        &Room::new(),
        &["notification", "verify", id, "--json"],
        &settings,
        "",
    )
    .await;
    let proof: Value = serde_json::from_str(&proof.success().stdout).unwrap();
    assert_eq!(proof["verified"], true, "{proof}");
    assert_eq!(
        (&proof["total"], &proof["resent"]),
        (&status["total"], &status["resent"])
    );
}
