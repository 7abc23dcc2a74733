//! Who waits for keys, how many may, and who never does.

use super::{
    rollover::{HOUR, timeless},
    *,
};
use futures::future::join_all;
use tokio::sync::Semaphore;

/// A validator whose key endpoint answers only as often as it is let.
struct Slow {
    validator: Arc<Validator>,
    clock: Arc<TestClock>,
    server: Server,
    let_go: Arc<Semaphore>,
}

impl Slow {
    async fn start() -> Self {
        let let_go = Arc::new(Semaphore::new(0));
        let gate = Arc::clone(&let_go);
        let server = Server::start(move |request: Request, _| {
            let gate = Arc::clone(&gate);
            async move {
                let base = format!("http://{}", request.header("host").unwrap());
                if request.uri.path() == "/metadata" {
                    return Scripted::json(
                        200,
                        &json!({"issuer": ISSUER, "jwks_uri": format!("{base}/keys")}),
                    );
                }
                gate.acquire().await.unwrap().forget();
                Scripted::json(200, &json!({"keys": [KEY.jwk()]}))
            }
        })
        .await;
        let mut settings = settings();
        settings.cloud.metadata = format!("{}/metadata", server.base);
        let clock = TestClock::new();
        let validator = Validator::new(&settings, &http(), Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            validator: Arc::new(validator),
            clock,
            server,
            let_go,
        }
    }

    async fn authenticate(&self, token: &str) -> Result<Caller, Denied> {
        let header = format!("Bearer {token}");
        self.validator.authenticate(&[header.as_bytes()]).await
    }

    /// As many requests with forged tokens, whose claims are perfect; returns when the endpoint is asked.
    async fn crowd(
        &self,
        forger: &TestKey,
        count: u64,
    ) -> Vec<tokio::task::JoinHandle<Result<Caller, Denied>>> {
        let asked = self.server.seen().len();
        let good = timeless(forger, 0);
        let (message, _) = good.rsplit_once('.').unwrap();
        let tasks = (0..count).map(|n| {
            use base64::Engine;
            let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD
                .encode([&n.to_be_bytes()[..], &[7; 248]].concat());
            let header = format!("Bearer {message}.{signature}");
            let validator = Arc::clone(&self.validator);
            tokio::spawn(async move { validator.authenticate(&[header.as_bytes()]).await })
        });
        let tasks = tasks.collect();
        let enough = async {
            while self.server.seen().len() < asked + 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), enough)
            .await
            .unwrap();
        tasks
    }
}

#[tokio::test]
async fn a_good_token_finds_a_place_among_a_thousand_forged_ones() {
    let slow = Slow::start().await;
    let forged = slow.crowd(&KEY, 1000).await;
    let token = timeless(&KEY, 1);
    let (good, ()) = tokio::join!(slow.authenticate(&token), async {
        slow.let_go.add_permits(1);
    });
    assert_eq!(good.unwrap().caller_kind(), CallerKind::Connector);
    for refused in join_all(forged).await {
        assert_eq!(refused.unwrap().unwrap_err(), Denied::Signature);
    }
    assert_eq!(slow.server.seen().len(), 2, "one look serves all");
}

#[tokio::test]
async fn more_than_may_wait_are_asked_to_try_again_and_places_come_free() {
    let slow = Slow::start().await;
    let many = slow.crowd(&KEY, 5000).await;
    assert_eq!(
        slow.authenticate(&timeless(&KEY, 1)).await.unwrap_err(),
        Denied::TooManyWaiting
    );
    assert_eq!(Denied::TooManyWaiting.status(), 503);
    slow.let_go.add_permits(1);
    let outcomes: Vec<Denied> = join_all(many)
        .await
        .into_iter()
        .map(|outcome| outcome.unwrap().unwrap_err())
        .collect();
    let waited = outcomes
        .iter()
        .filter(|denied| **denied == Denied::Signature)
        .count();
    assert!((500..5000).contains(&waited), "{waited} waited");
    assert!(slow.authenticate(&timeless(&KEY, 1)).await.is_ok());
    // An hour later another name is worth a look: all places are free again.
    slow.clock.advance(HOUR);
    let stray = TestKey::generate("k9");
    let again = slow.crowd(&stray, waited as u64).await;
    slow.let_go.add_permits(1);
    for outcome in join_all(again).await {
        assert_eq!(outcome.unwrap().unwrap_err(), Denied::UnknownKey);
    }
}

/// At the hour (another name) and at the day (old keys) the endpoint is asked while good tokens go on coming in.
#[tokio::test]
async fn a_token_whose_key_is_known_never_waits() {
    let slow = Slow::start().await;
    slow.let_go.add_permits(1);
    assert!(slow.authenticate(&timeless(&KEY, 0)).await.is_ok());
    for wait in [HOUR, 24 * HOUR] {
        slow.clock.advance(wait);
        let stray = TestKey::generate("k9");
        let crowd = slow.crowd(&stray, 3000).await;
        // The endpoint is asked and silent. A token that was seen before, and new ones of the known key, come in.
        for mark in 0..20 {
            assert!(slow.authenticate(&timeless(&KEY, mark)).await.is_ok());
        }
        slow.let_go.add_permits(1);
        for outcome in join_all(crowd).await {
            let denied = outcome.unwrap().unwrap_err();
            assert!(
                [Denied::UnknownKey, Denied::TooManyWaiting].contains(&denied),
                "{denied}"
            );
        }
    }
}

#[tokio::test]
async fn who_goes_away_does_not_end_the_look_that_others_wait_for() {
    let slow = Slow::start().await;
    let first = slow.crowd(&KEY, 1).await;
    first.iter().for_each(tokio::task::JoinHandle::abort);
    let token = timeless(&KEY, 1);
    let (good, ()) = tokio::join!(slow.authenticate(&token), async {
        slow.let_go.add_permits(1);
    });
    assert!(good.is_ok());
    assert_eq!(slow.server.seen().len(), 2, "the look that was begun goes on");
}

/// Nothing is fetched, and nobody waits, for what no key could make good.
#[tokio::test]
async fn what_no_key_could_make_good_is_refused_at_once() {
    let slow = Slow::start().await;
    let refused = async |token: &str| slow.authenticate(token).await.unwrap_err();
    let now = TestClock::START;
    for (claim, value, denied) in [
        ("exp", json!(now - 301), Denied::Expired),
        ("nbf", json!(now + 301), Denied::NotYet),
        ("aud", json!("another"), Denied::Audience),
        ("iss", json!("https://evil.example"), Denied::Issuer),
        ("serviceurl", Value::Null, Denied::ServiceUrlClaim),
        (
            "serviceurl",
            json!("https://evil.trafficmanager.net/"),
            Denied::ServiceHost(crate::cloud::Untrusted::Host),
        ),
    ] {
        assert_eq!(refused(&OTHER.sign(&with(claims(), claim, value))).await, denied);
    }
    let rs256 = |kid: Value| KEY.sign_with(&json!({"alg": "RS256", "kid": kid}), &claims(), Algorithm::RS256);
    for kid in [json!(""), json!("k".repeat(129)), json!("two words"), json!(7)] {
        assert_eq!(refused(&rs256(kid)).await, Denied::UnknownKey);
    }
    let good = KEY.sign(&claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    for signature in ["AAAA".to_owned(), "A".repeat(1400), "*".repeat(342)] {
        assert_eq!(
            refused(&format!("{message}.{signature}")).await,
            Denied::Signature
        );
    }
    assert_eq!(slow.server.seen().len(), 0);
}

/// The key that proved it is withdrawn: the proof ends with it.
#[tokio::test]
async fn a_remembered_token_does_not_outlive_its_key() {
    let rig = Rig::with(vec![KEY.jwk(), OTHER.jwk()], |_| {}).await;
    let token = timeless(&KEY, 0);
    assert!(rig.check(&token, &activity()).await.is_ok());
    *rig.keys.lock().unwrap() = vec![OTHER.jwk()];
    rig.clock.advance(25 * HOUR);
    // Kept keys serve until newer ones are there.
    assert!(rig.check(&timeless(&OTHER, 0), &activity()).await.is_ok());
    rig.looked(2).await;
    let gone = async {
        while rig.check(&token, &activity()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
    assert_eq!(rig.check(&token, &activity()).await, Err(Denied::UnknownKey));
}
