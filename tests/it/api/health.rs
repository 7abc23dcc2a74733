//! `GET /api/health`.

use super::served;
use crate::support::{
    azurite::Azurite,
    handler::serve,
    http::{Answer, client},
    room::Room,
    wait,
};
use serde_json::json;

#[tokio::test]
async fn it_is_anonymous_and_says_nothing_more() {
    let (handler, _connector) = served(0).await;
    let answer = Answer::to(client().get(handler.url("/api/health")))
        .await
        .expect(200);
    assert_eq!(answer.json(), json!({ "status": "ok" }));
    Answer::to(client().get(handler.url("/api/Health/")))
        .await
        .expect(200);
    Answer::to(client().post(handler.url("/api/health")))
        .await
        .problem(405);
}

/// Within two seconds, and as soon as a kept answer is out of date.
#[tokio::test]
async fn a_store_that_is_gone_is_unhealthy() {
    let azurite = Azurite::start();
    let handler = serve(Room::new())
        .set("AzureWebJobsStorage", azurite.connection_string())
        .set("NOTIFICATION_CONTAINER", Azurite::container())
        .start()
        .await;
    Answer::to(client().get(handler.url("/api/health")))
        .await
        .expect(200);
    drop(azurite);
    let answer = wait::until("the health check sees it", async || {
        let answer = Answer::to(client().get(handler.url("/api/health"))).await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    assert_eq!(answer.expect(503).json(), json!({ "status": "unavailable" }));
}
