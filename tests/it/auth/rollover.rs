//! Keys come and go, and the metadata may be down.

use super::Bot;
use crate::support::{activities::personal, references::conversations, rsa};

#[tokio::test]
async fn keys_are_read_once_for_many_requests() {
    let bot = Bot::start().await;
    let token = bot.token().signed();
    let requests = (1..=40).map(|n| {
        let activity = bot.teams.personal_install(n, 0);
        let (bot, token) = (&bot, &token);
        async move { bot.status(&activity, token).await }
    });
    let statuses = futures::future::join_all(requests).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!((bot.entra.metadata_reads(), bot.entra.key_reads()), (1, 1));
}

/// A key that was not there at the first read is known soon, or after the pause between reads: never by hammering.
#[tokio::test]
async fn unknown_keys_do_not_make_it_hammer_the_metadata() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    assert_eq!(bot.status(&install, &bot.token().signed()).await, 200);
    for n in 0..30 {
        assert_eq!(
            bot.status(&install, &bot.token().kid(&format!("made-up-{n}")).signed())
                .await,
            401
        );
    }
    assert!(bot.entra.key_reads() <= 2, "{} reads", bot.entra.key_reads());
    assert_eq!(
        bot.status(&install, &bot.token().signed()).await,
        200,
        "the known key goes on"
    );
}

#[tokio::test]
async fn after_a_restart_the_new_key_is_the_key() {
    let bot = Bot::start().await;
    bot.entra.publish(vec![rsa::ROLLED.jwk(&["msteams"])]);
    let install = bot.teams.personal_install(1, 0);
    let rolled = bot.token().kid(rsa::ROLLED.id).signed_by(&rsa::ROLLED);
    assert_eq!(bot.status(&install, &rolled).await, 200);
    assert_eq!(
        bot.status(&install, &bot.token().signed()).await,
        401,
        "the old key is gone"
    );
}

#[tokio::test]
async fn both_keys_are_good_while_both_are_published() {
    let bot = Bot::start().await;
    bot.entra.publish(vec![
        rsa::CONNECTOR.jwk(&["msteams"]),
        rsa::ROLLED.jwk(&["msteams"]),
    ]);
    let install = bot.teams.personal_install(1, 0);
    let rolled = bot.token().kid(rsa::ROLLED.id).signed_by(&rsa::ROLLED);
    assert_eq!(bot.status(&install, &rolled).await, 200);
    assert_eq!(bot.status(&install, &bot.token().signed()).await, 200);
}

#[tokio::test]
async fn metadata_that_is_down_is_503_without_keys_and_no_matter_with_them() {
    let bot = Bot::start().await;
    let install = bot.teams.personal_install(1, 0);
    bot.entra.set_outage(true);
    assert_eq!(
        bot.status(&install, &bot.token().signed()).await,
        503,
        "nothing is known yet: come again"
    );
    assert_eq!(conversations(&bot.handler.room), Vec::<String>::new());
    // What needs no key is still refused for good.
    bot.handler.receives(&install).await.expect(401);

    bot.entra.set_outage(false);
    crate::support::wait::until("the metadata is read again", async || {
        (bot.status(&install, &bot.token().signed()).await == 200).then_some(())
    })
    .await;
    bot.entra.set_outage(true);
    assert_eq!(
        bot.status(&bot.teams.personal_install(2, 0), &bot.token().signed())
            .await,
        200
    );
    assert_eq!(conversations(&bot.handler.room), [personal(1), personal(2)]);
}
