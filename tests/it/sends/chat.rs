//! What the bot answers to those who type to it.

use super::Told;
use crate::support::{activities::personal, connector::Reply, wait};

#[tokio::test]
async fn a_throttled_answer_to_a_command_comes_after_what_teams_asks() {
    let told = Told::with_people(1, &[]).await;
    let throttled = Reply::error(429, "TooManyRequests").with("retry-after", "1");
    told.connector.script(&personal(1), [throttled]);
    told.tell(&told.teams.personal_message(1, "help", 60)).await;
    wait::until("the answer is taken", async || {
        (told.connector.messages().len() == 1).then_some(())
    })
    .await;
    let times: Vec<_> = told.connector.calls().iter().map(|call| call.at).collect();
    let gap = times[times.len() - 1] - times[times.len() - 2];
    assert!(gap >= std::time::Duration::from_secs(1), "{gap:?}");
}
