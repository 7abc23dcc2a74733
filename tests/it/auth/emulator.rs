//! The emulator's tokens: refused by default, and by opt-in only with the bot as their audience.

use super::Bot;
use crate::support::{
    activities::{BOT, TENANT},
    entra::SCOPE,
    jwt::Token,
    rsa,
};

/// As the emulator gets it from Entra with the bot's own id and secret.
fn token(bot: &Bot) -> Token {
    bot.token()
        .kid(rsa::ENTRA.id)
        .without("serviceurl")
        .claim("iss", format!("{}/{TENANT}/v2.0", bot.entra.base()))
        .claim("aud", BOT)
        .claim("azp", BOT)
        .claim("ver", "2.0")
}

#[tokio::test]
async fn by_default_they_are_refused() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    assert_eq!(
        bot.status(&install, &token(&bot).signed_by(&rsa::ENTRA)).await,
        401
    );
}

#[tokio::test]
async fn by_opt_in_they_are_accepted_for_this_bot_only() {
    let bot = Bot::with(&[("BOT_ALLOW_EMULATOR", "true")]).await;
    let install = bot.teams.personal_install(1, 0);
    let good = || token(&bot);
    assert_eq!(bot.status(&install, &good().signed_by(&rsa::ENTRA)).await, 200);
    let refused = [
        (
            "its own outgoing token",
            good().claim("aud", SCOPE.trim_end_matches("/.default")),
        ),
        (
            "another app's token",
            good().claim("azp", "0b07a111-1111-4111-8111-0000000000aa"),
        ),
        ("an unknown version", good().claim("ver", "3.0")),
        (
            "another tenant's issuer",
            good().claim(
                "iss",
                format!("{}/0b07a111-1111-4111-8111-0000000000aa/v2.0", bot.entra.base()),
            ),
        ),
    ];
    for (what, token) in refused {
        assert_eq!(
            bot.status(&install, &token.signed_by(&rsa::ENTRA)).await,
            401,
            "{what}"
        );
    }
    assert_eq!(
        bot.status(&install, &good().signed_by(&rsa::CONNECTOR)).await,
        401,
        "another key"
    );
    // The connector's own tokens still count.
    assert_eq!(bot.status(&install, &bot.token().signed()).await, 200);
}
