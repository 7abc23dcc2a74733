//! What the project answers people: a command's card in their language, and everything else they write.

use super::{Bot, card, texts};
use crate::support::activities::{group, personal};

#[tokio::test]
async fn a_command_answers_with_a_card_in_the_language_of_whoever_asks() {
    let bot = Bot::start().await;
    // The person's client is Italian; the group's message says no language.
    bot.acknowledges(&bot.teams.personal_message(1, "STATUS payments", 0))
        .await;
    let said = bot.says(&personal(1), 1).await;
    assert_eq!(texts(card(&said[0].body)), ["Tutto bene con payments"]);
    bot.acknowledges(&bot.teams.group_message(1, "status", 0)).await;
    let said = bot.says(&group(1), 1).await;
    assert_eq!(texts(card(&said[0].body)), ["All is well with everything"]);
}

#[tokio::test]
async fn what_is_no_command_is_a_message() {
    let bot = Bot::start().await;
    for (count, text) in [(1, "statuses"), (2, "hello")] {
        bot.acknowledges(&bot.teams.personal_message(1, text, 0)).await;
        let said = bot.says(&personal(1), count).await;
        assert_eq!(
            said[count - 1].body["text"],
            "I know the command **status**.",
            "{text}"
        );
    }
}
