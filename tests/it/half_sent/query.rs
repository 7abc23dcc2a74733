//! Long query strings cost nothing before route and key, and little after.

use crate::support::{
    handler::{Handler, LOCAL_KEY, serve},
    http::{Answer, client},
    room::Room,
};
use reqwest::Method;
use std::time::Duration;

/// A query of about 60,000 bytes.
fn long(pair: impl Fn(usize) -> String) -> String {
    let mut query = String::new();
    for n in 0.. {
        query.push_str(&pair(n));
        if query.len() > 60_000 {
            return query;
        }
        query.push('&');
    }
    query
}

async fn ask(handler: &Handler, method: Method, path: &str) -> Answer {
    Answer::to(client().request(method, handler.url(path))).await
}

#[tokio::test]
async fn a_long_query_is_refused_for_next_to_nothing() {
    // Forwarding is the mode that takes queries apart.
    let handler = serve(Room::new())
        .set(
            "AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest",
            "false",
        )
        .start()
        .await;
    let before = handler.processor_time();
    for query in [
        long(|n| format!("k{n}")),
        long(|_| "k=v".to_owned()),
        long(|n| format!("%C3%BC{n}=%2B")),
        long(|n| format!("+{n}=++")),
        long(|n| format!("{n};a;b=;")),
    ] {
        let path = |path: &str| format!("{path}?{query}");
        ask(&handler, Method::GET, &path("/api/nowhere"))
            .await
            .expect(404);
        ask(&handler, Method::POST, &path("/api/notification"))
            .await
            .expect(401);
        ask(&handler, Method::POST, &path("/api/notification?code=wrong"))
            .await
            .expect(401);
        let problem = ask(&handler, Method::POST, &path("/api/messages"))
            .await
            .problem(414);
        assert!(problem["detail"].as_str().unwrap().contains("8192"), "{problem}");
        let keyed = format!("/api/notification/none?{query}&code={LOCAL_KEY}");
        ask(&handler, Method::GET, &keyed).await.problem(414);
    }
    let spent = handler.processor_time() - before;
    assert!(
        spent < Duration::from_secs(10),
        "25 requests took {spent:?} of the processor"
    );

    // The longest that is taken, with the key at its end.
    let key = format!("code={LOCAL_KEY}");
    let fits = &long(|n| format!("k{n}"))[..8191 - key.len()];
    let path = format!("/api/notification/none?{fits}&{key}");
    ask(&handler, Method::GET, &path).await.problem(404);
}
