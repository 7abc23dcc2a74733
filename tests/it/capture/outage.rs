//! A store that is down: nothing is acknowledged, so that Teams comes again.

use crate::support::{
    activities::{Teams, personal},
    azurite::Azurite,
    connector::Connector,
    handler::custom,
    room::Room,
};
use serde_json::json;
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

#[tokio::test]
async fn a_stopped_account_means_503_within_ten_seconds() {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let mut azurite = Azurite::start();
    let handler = custom(Room::new())
        .set("AzureWebJobsStorage", azurite.connection_string())
        .set("NOTIFICATION_CONTAINER", Azurite::container())
        .start()
        .await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    handler.sends(&json!({ "text": "while it is up" })).await;
    assert_eq!(connector.reached(), [personal(1)]);

    azurite.stop();
    let start = Instant::now();
    handler.receives(&teams.personal_install(2, 0)).await.expect(503);
    assert!(start.elapsed() < Duration::from_secs(11), "{:?}", start.elapsed());
    // What needs no store is acknowledged even now.
    let mut typing = teams.personal_message(1, "", 1);
    typing["type"] = "typing".into();
    handler.receives(&typing).await.expect(200);
}

#[tokio::test]
async fn an_account_that_never_answers_means_503_within_ten_seconds() {
    let connector = Connector::start().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/devstoreaccount1", silent.local_addr().unwrap());
    let account = format!(
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0;BlobEndpoint={endpoint};QueueEndpoint={endpoint}"
    );
    let handler = custom(Room::new())
        .set("AzureWebJobsStorage", account)
        .start()
        .await;
    let start = Instant::now();
    handler
        .receives(&Teams::at(&connector.service_url()).personal_install(1, 0))
        .await
        .expect(503);
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
}
