//! The emulator's tokens: out by default, and in only when they are for the bot and from the bot.

use super::*;

fn opted_in(settings: &mut BotSettings) {
    settings.emulator = EmulatorTokens::Accepted;
    settings.cloud.hosts = settings.cloud.hosts.clone().and_loopback();
}

fn v1() -> Value {
    let issuer = format!("https://sts.windows.net/{TENANT}/");
    json!({"iss": issuer, "aud": APP, "ver": "1.0", "appid": APP, "nbf": TestClock::START, "exp": TestClock::START + 3600})
}

fn v2() -> Value {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    json!({"iss": issuer, "aud": format!("api://{APP}"), "ver": "2.0", "azp": APP, "nbf": TestClock::START, "exp": TestClock::START + 3600})
}

fn local() -> Value {
    with(
        with(activity(), "serviceUrl", json!("http://localhost:9000/")),
        "channelId",
        json!("emulator"),
    )
}

#[tokio::test]
async fn by_default_they_are_refused() {
    let rig = Rig::new().await;
    assert_eq!(rig.check(&KEY.sign(&v1()), &local()).await, Err(Denied::Issuer));
}

#[tokio::test]
async fn by_opt_in_both_versions_come_in() {
    let rig = Rig::with(vec![without(KEY.jwk(), "endorsements")], opted_in).await;
    for token in [v1(), v2(), with(v1(), "ver", json!(""))] {
        assert_eq!(
            rig.check(&KEY.sign(&token), &local()).await,
            Ok(CallerKind::Emulator)
        );
    }
    // Teams' own tokens come in as before, and bound as before.
    assert!(rig.check(&KEY.sign(&claims()), &activity()).await.is_ok());
    assert_eq!(
        rig.check(&KEY.sign(&claims()), &local()).await,
        Err(Denied::ServiceUrlClaim)
    );
}

#[tokio::test]
async fn the_bots_own_outgoing_token_does_not_come_back_in() {
    let rig = Rig::with(vec![without(KEY.jwk(), "endorsements")], opted_in).await;
    let outgoing = with(v1(), "aud", json!("https://api.botframework.com"));
    assert_eq!(
        rig.check(&KEY.sign(&outgoing), &local()).await,
        Err(Denied::Audience)
    );
}

#[tokio::test]
async fn other_callers_versions_and_tenants_stay_out() {
    let rig = Rig::with(vec![without(KEY.jwk(), "endorsements")], opted_in).await;
    let check = async |token: Value| rig.check(&KEY.sign(&token), &local()).await.unwrap_err();
    assert_eq!(check(with(v1(), "appid", json!("other"))).await, Denied::Audience);
    assert_eq!(check(without(v2(), "azp")).await, Denied::Audience);
    assert_eq!(check(with(v1(), "ver", json!("3.0"))).await, Denied::Malformed);
    assert_eq!(check(without(v1(), "ver")).await, Denied::Malformed);
    assert_eq!(
        check(with(v1(), "iss", json!("https://sts.windows.net/evil/"))).await,
        Denied::Issuer
    );
}
