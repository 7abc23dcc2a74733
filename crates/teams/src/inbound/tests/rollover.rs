//! Keys: when they are fetched, kept, looked up again, and who waits.

use super::*;

pub(super) const HOUR: u64 = 3600;

/// A token of `key` that is valid whatever the test's clock says.
pub(super) fn timeless(key: &TestKey, mark: u64) -> String {
    key.sign(&with(
        with(claims(), "exp", json!(TestClock::START + 40 * 24 * 3600)),
        "mark",
        json!(mark),
    ))
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_and_kept_for_a_day() {
    let rig = Rig::new().await;
    let tokens: Vec<_> = (0..20).map(|mark| timeless(&KEY, mark)).collect();
    let activity = activity();
    let all = futures::future::join_all(tokens.iter().map(|token| rig.check(token, &activity))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(rig.looks(), 1);
    rig.clock.advance(24 * HOUR - 1);
    assert!(rig.check(&timeless(&KEY, 100), &activity).await.is_ok());
    assert_eq!(rig.looks(), 1);
    rig.clock.advance(1);
    assert!(rig.check(&timeless(&KEY, 101), &activity).await.is_ok());
    rig.looked(2).await;
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_at_most_once_an_hour() {
    let rig = Rig::new().await;
    assert!(rig.check(&timeless(&KEY, 0), &activity()).await.is_ok());
    rig.keys.lock().unwrap().push(OTHER.jwk());
    rig.clock.advance(HOUR / 2);
    assert_eq!(
        rig.check(&timeless(&OTHER, 0), &activity()).await,
        Err(Denied::UnknownKey)
    );
    assert_eq!(rig.looks(), 1);
    rig.clock.advance(HOUR / 2 + 60);
    assert!(rig.check(&timeless(&OTHER, 0), &activity()).await.is_ok());
    assert_eq!(rig.looks(), 2);
    // Garbage names, many at once, cause one look.
    rig.clock.advance(HOUR + 1);
    let stray = TestKey::generate("k3");
    let tokens: Vec<_> = (0..10).map(|mark| timeless(&stray, mark)).collect();
    let activity = activity();
    let all = futures::future::join_all(tokens.iter().map(|token| rig.check(token, &activity))).await;
    assert!(all.iter().all(|checked| *checked == Err(Denied::UnknownKey)));
    assert_eq!(rig.looks(), 3);
}

#[tokio::test]
async fn old_keys_serve_while_the_endpoint_is_down_for_five_days() {
    let rig = Rig::new().await;
    assert!(rig.check(&timeless(&KEY, 0), &activity()).await.is_ok());
    rig.up.store(false, Ordering::SeqCst);
    rig.clock.advance(25 * HOUR);
    assert!(rig.check(&timeless(&KEY, 1), &activity()).await.is_ok());
    assert!(rig.check(&timeless(&KEY, 2), &activity()).await.is_ok());
    rig.looked(2).await;
    assert_eq!(
        rig.check(&timeless(&OTHER, 0), &activity()).await,
        Err(Denied::UnknownKey)
    );
    assert_eq!(rig.looks(), 2, "a failed look is not repeated at once");
    rig.clock.advance(96 * HOUR);
    assert_eq!(
        rig.check(&timeless(&KEY, 3), &activity()).await,
        Err(Denied::KeysUnavailable)
    );
    assert_eq!(Denied::KeysUnavailable.status(), 503);
}

#[tokio::test]
async fn without_any_keys_it_is_503_and_mends_itself() {
    let rig = Rig::new().await;
    rig.up.store(false, Ordering::SeqCst);
    assert_eq!(
        rig.check(&timeless(&KEY, 0), &activity()).await,
        Err(Denied::KeysUnavailable)
    );
    assert_eq!(
        rig.check(&timeless(&KEY, 0), &activity()).await,
        Err(Denied::KeysUnavailable)
    );
    assert_eq!(rig.looks(), 1);
    rig.up.store(true, Ordering::SeqCst);
    rig.clock.advance(2);
    assert!(rig.check(&timeless(&KEY, 0), &activity()).await.is_ok());
}

#[tokio::test]
async fn metadata_of_another_issuer_or_with_keys_elsewhere_is_not_believed() {
    for metadata in [
        json!({"issuer": "https://evil.example", "jwks_uri": "BASE/keys"}),
        json!({"issuer": ISSUER, "jwks_uri": "http://localhost:1/keys"}),
        json!({"issuer": ISSUER, "jwks_uri": "https://evil.example/keys"}),
        json!({"issuer": ISSUER}),
        json!([]),
    ] {
        let server = Server::start(move |request: Request, _| {
            let base = format!("http://{}", request.header("host").unwrap());
            let body = match request.uri.path() {
                "/metadata" => metadata.to_string().replace("BASE", &base),
                _ => json!({"keys": [KEY.jwk()]}).to_string(),
            };
            async move { Scripted(200, vec![], body) }
        })
        .await;
        let mut settings = settings();
        settings.cloud.metadata = format!("{}/metadata", server.base);
        let validator = Validator::new(&settings, &http(), TestClock::new());
        let header = format!("Bearer {}", KEY.sign(&claims()));
        let refused = validator.authenticate(&[header.as_bytes()]).await.unwrap_err();
        assert_eq!(refused, Denied::KeysUnavailable);
    }
}

#[tokio::test]
async fn keys_that_are_no_use_are_as_good_as_absent() {
    let broken = without(KEY.jwk(), "n");
    let encryption = with(with(OTHER.jwk(), "use", json!("enc")), "kid", json!("k3"));
    let rig = Rig::with(
        vec![json!(5), json!({"kty": "EC"}), broken, encryption, OTHER.jwk()],
        |_| {},
    )
    .await;
    assert_eq!(
        rig.check(&timeless(&KEY, 0), &activity()).await,
        Err(Denied::UnknownKey)
    );
    assert!(rig.check(&timeless(&OTHER, 0), &activity()).await.is_ok());
}
