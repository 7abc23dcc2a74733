//! Blob Storage: nothing in the process, few requests, several processes.

use super::{blob, references};
use crate::support::{
    activities::{Teams, personal},
    azurite::Azurite,
    connector::Connector,
    handler::{Handler, custom},
    http::{Answer, client},
    notification::{count, to_all},
    references::{FILE, teamsfx},
    room::Room,
    wait,
};
use serde_json::json;

async fn start(container: &str) -> Handler {
    custom(Room::new()).settings(blob(container)).start().await
}

#[tokio::test]
async fn installations_outlive_process_and_folder() {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let container = Azurite::container();
    let first = start(&container).await;
    for n in 1..=3 {
        first.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
    assert!(!first.room.path(FILE).exists(), "nothing is kept in the folder");
    let room = first.kill().await;
    drop(room);

    let second = start(&container).await;
    second
        .receives(&teams.personal_update(2, "remove", 10))
        .await
        .expect(200);
    second.receives(&teams.personal_install(2, 5)).await.expect(200);
    let status = second.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
    assert_eq!(connector.reached(), [personal(1), personal(3)]);
}

#[tokio::test]
async fn two_processes_see_the_same_installations() {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let container = Azurite::container();
    let (first, second) = (start(&container).await, start(&container).await);
    let tells = (1..=20).map(|n| {
        let (handler, activity) = (
            if n % 2 == 0 { &first } else { &second },
            teams.personal_install(n, 0),
        );
        async move { handler.receives(&activity).await.expect(200) }
    });
    futures::future::join_all(tells).await;
    // The same person, reported to both at once, again and again.
    let contended = (0..20).map(|at| {
        let (handler, activity) = (
            if at % 2 == 0 { &first } else { &second },
            teams.personal_message(1, "hello", at),
        );
        async move { handler.receives(&activity).await.expect(200) }
    });
    futures::future::join_all(contended).await;
    let status = first.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 20, "{status}");
}

/// A sentinel request that ends up in the access log after all that came before it.
async fn requests_until_now(container: &str) -> Vec<String> {
    let azurite = Azurite::shared();
    let mark = format!("/{container}-mark");
    let endpoint = azurite.blob_endpoint();
    Answer::to(client().get(format!("{endpoint}{mark}"))).await;
    wait::until("the access log", async || {
        azurite
            .requests(container)
            .iter()
            .any(|request| request.contains(&mark))
            .then_some(())
    })
    .await;
    azurite.requests(container)
}

#[tokio::test]
async fn five_thousand_and_one_references_are_listed_with_two_requests() {
    let connector = Connector::start().await;
    let container = Azurite::container();
    let room = Room::new();
    room.write("import.json", &teamsfx(&connector.service_url(), 5001));
    references(&room, &["import", "import.json"], &blob(&container))
        .await
        .success();

    let before = requests_until_now(&container).await.len();
    let listed = references(&room, &["list", "--json"], &blob(&container)).await;
    assert_eq!(listed.success().stdout.lines().count(), 5001);
    let requests = requests_until_now(&container).await;
    let new = &requests[before..];
    let lists = new
        .iter()
        .filter(|request| {
            request.starts_with("GET") && request.contains("comp=list") && request.contains("references")
        })
        .count();
    assert_eq!(lists, 2, "{new:#?}");
    let reads = new
        .iter()
        .filter(|request| request.starts_with("GET") && request.contains("/references/"))
        .count();
    assert_eq!(reads, 0, "no reference is read by itself");

    let before = requests.len();
    let handler = custom(room)
        .settings(blob(&container))
        .set("NOTIFICATION_RATE", "1000000")
        .start()
        .await;
    let status = handler.sends(&to_all(json!({ "text": "hello" }))).await;
    assert_eq!(count(&status, "delivered"), 5001, "{status}");
    let requests = requests_until_now(&container).await;
    let listed = |request: &&String| {
        request.starts_with("GET") && request.contains("comp=list") && request.contains("references")
    };
    let lists: Vec<_> = requests[before..].iter().filter(listed).collect();
    // Once to see which tenants there are, once to plan: never a request a reference.
    assert!(lists.len() <= 4, "{lists:#?}");
}
