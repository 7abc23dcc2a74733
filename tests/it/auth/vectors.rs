//! Every way to be refused, through the running binary.

use super::Bot;
use crate::support::{
    activities::{BOT, OTHER_BOT, SECRET, TENANT, personal},
    entra::{ISSUER, SCOPE},
    jwt::now,
    references::conversations,
    rsa,
};
use serde_json::{Value, json};

/// Nothing of what was refused is stored.
#[track_caller]
fn nothing_stored(bot: &Bot) {
    assert_eq!(conversations(&bot.handler.room), Vec::<String>::new());
}

#[tokio::test]
async fn a_good_token_gets_in() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    let token = bot.token().signed();
    assert_eq!(bot.status(&install, &token).await, 200);
    for scheme in ["bearer", "BEARER"] {
        let answer = bot
            .handler
            .receives_with(&install, &format!("{scheme} {token}"))
            .await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
    // The id may be written in another case.
    assert_eq!(
        bot.status(&install, &bot.token().claim("aud", BOT.to_uppercase()).signed())
            .await,
        200
    );
    assert_eq!(conversations(&bot.handler.room), [personal(1)]);
}

#[tokio::test]
async fn without_a_bearer_token_it_is_401() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    bot.handler.receives(&install).await.expect(401);
    let token = bot.token().signed();
    let bad = [
        "Basic x",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        &format!("Bearer {token} more"),
        &token,
        &format!("Bearer  {token}x"),
    ];
    for authorization in bad {
        let answer = bot.handler.receives_with(&install, authorization).await;
        assert_eq!(answer.status, 401, "{authorization}");
    }
    nothing_stored(&bot);
}

#[tokio::test]
async fn only_rs256_by_the_published_key_is_a_signature() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    let token = bot.token();
    let mut tampered: Vec<_> = token.signed().split('.').map(str::to_owned).collect();
    tampered[1] = token
        .clone()
        .claim("more", "rights")
        .signed()
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned();
    let forgeries = [
        ("none", token.clone().unsigned()),
        (
            "HS256 with the key's DER",
            token.clone().hs256(rsa::CONNECTOR.public_der()),
        ),
        (
            "HS256 with the key's PEM",
            token.clone().hs256(rsa::CONNECTOR.public_pem().as_bytes()),
        ),
        (
            "HS256 with the modulus",
            token
                .clone()
                .hs256(rsa::CONNECTOR.jwk(&[])["n"].as_str().unwrap().as_bytes()),
        ),
        ("RS512", token.clone().rs512()),
        ("another's key", token.signed_by(&rsa::FOREIGN)),
        ("an unknown key", token.clone().kid("nobody-s").signed()),
        ("a changed claim", tampered.join(".")),
        (
            "no signature",
            token
                .signed()
                .rsplit_once('.')
                .map(|(text, _)| format!("{text}."))
                .unwrap(),
        ),
    ];
    for (what, forged) in forgeries {
        assert_eq!(bot.status(&install, &forged).await, 401, "{what}");
    }
    nothing_stored(&bot);
}

#[tokio::test]
async fn issuer_audience_and_time_are_checked() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    let good = || bot.token();
    let cases: [(&str, String, u16); 12] = [
        (
            "a trailing slash on the issuer",
            good().claim("iss", format!("{ISSUER}/")).signed(),
            401,
        ),
        (
            "the public cloud's issuer",
            good().claim("iss", "https://api.botframework.com").signed(),
            401,
        ),
        ("no issuer", good().without("iss").signed(), 401),
        (
            "another bot's audience",
            good().claim("aud", OTHER_BOT).signed(),
            401,
        ),
        (
            "the connector as audience",
            good().claim("aud", SCOPE.trim_end_matches("/.default")).signed(),
            401,
        ),
        ("no audience", good().without("aud").signed(), 401),
        (
            "expired within the leeway",
            good().claim("exp", now() - 240).signed(),
            200,
        ),
        (
            "expired beyond it",
            good().claim("exp", now() - 310).signed(),
            401,
        ),
        ("no expiry", good().without("exp").signed(), 401),
        (
            "not yet valid, within the leeway",
            good().claim("nbf", now() + 240).signed(),
            200,
        ),
        (
            "not yet valid, beyond it",
            good().claim("nbf", now() + 360).signed(),
            401,
        ),
        (
            "an audience among others",
            good().claim("aud", json!([OTHER_BOT, "x"])).signed(),
            401,
        ),
    ];
    for (what, token, wanted) in cases {
        assert_eq!(bot.status(&install, &token).await, wanted, "{what}");
    }
}

#[tokio::test]
async fn the_service_url_of_the_token_binds_the_activity() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    let url = bot.connector.service_url();
    let with = |url: &str| {
        let mut activity = install.clone();
        activity["serviceUrl"] = url.into();
        activity
    };
    let token = bot.token().signed();
    let bare = url.trim_end_matches('/');
    assert_eq!(
        bot.status(&with(bare), &token).await,
        200,
        "a slash at the end does not matter"
    );
    let elsewhere = url.replace("/emea/", "/amer/");
    assert_eq!(bot.status(&with(&elsewhere), &token).await, 403, "another path");
    assert_eq!(
        bot.status(&with("https://evil.example.com/emea/"), &token).await,
        403,
        "another host"
    );
    assert_eq!(
        bot.status(&install, &bot.token().without("serviceurl").signed())
            .await,
        403,
        "no claim"
    );
    let mut missing = install.clone();
    missing.as_object_mut().unwrap().remove("serviceUrl");
    assert_eq!(
        bot.status(&missing, &token).await,
        403,
        "no service URL in the activity"
    );
    for evil in [
        "https://evil.trafficmanager.net/emea/",
        "http://127.0.0.1:1/emea/",
        "https://user@smba.trafficmanager.net/",
    ] {
        let token = bot.token().claim("serviceurl", evil).signed();
        assert_eq!(bot.status(&with(evil), &token).await, 403, "{evil} in both");
    }
}

#[tokio::test]
async fn the_channel_must_be_endorsed() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    let channel = |id: Option<&str>| {
        let mut activity: Value = install.clone();
        match id {
            Some(id) => activity["channelId"] = id.into(),
            None => drop(activity.as_object_mut().unwrap().remove("channelId")),
        }
        activity
    };
    let token = bot.token().signed();
    assert_eq!(bot.status(&channel(Some("webchat")), &token).await, 403);
    assert_eq!(bot.status(&channel(None), &token).await, 403);

    let bot = Bot::start().await;
    bot.entra.publish(vec![rsa::CONNECTOR.jwk(&["webchat"])]);
    assert_eq!(
        bot.status(&install_at(&bot), &bot.token().signed()).await,
        403,
        "a key for other channels"
    );

    let bot = Bot::start().await;
    bot.entra.publish(vec![rsa::CONNECTOR.jwk(&[])]);
    assert_eq!(
        bot.status(&install_at(&bot), &bot.token().signed()).await,
        200,
        "a key without endorsements"
    );
}

fn install_at(bot: &Bot) -> Value {
    bot.teams.personal_install(1, 0)
}

/// Whoever receives an outgoing token must not be able to come in with it.
#[tokio::test]
async fn the_bot_s_own_outgoing_token_does_not_get_in() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    let replay = bot
        .token()
        .kid(rsa::ENTRA.id)
        .claim("iss", format!("https://sts.windows.net/{TENANT}/"))
        .claim("aud", SCOPE.trim_end_matches("/.default"))
        .claim("appid", BOT)
        .claim("ver", "1.0")
        .signed_by(&rsa::ENTRA);
    assert_eq!(bot.status(&install, &replay).await, 401);
    assert!(!bot.handler.output.text().contains(SECRET));
    nothing_stored(&bot);
}
