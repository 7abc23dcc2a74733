//! What the bot answers to those who type to it.

use super::LocalBot;
use crate::support::{activities::personal, connector::Reply, wait};

#[tokio::test]
async fn a_throttled_answer_to_a_command_comes_after_what_teams_asks() {
    let bot = LocalBot::with_people(1, &[]).await;
    let throttled = Reply::error(429, "TooManyRequests").with("retry-after", "1");
    bot.connector.script(&personal(1), [throttled]);
    bot.acknowledges(&bot.teams.personal_message(1, "help", 60)).await;
    wait::until("the answer is taken", async || {
        (bot.connector.messages().len() == 1).then_some(())
    })
    .await;
    let times: Vec<_> = bot.connector.calls().iter().map(|call| call.at).collect();
    let gap = times[times.len() - 1] - times[times.len() - 2];
    assert!(gap >= std::time::Duration::from_secs(1), "{gap:?}");
}
