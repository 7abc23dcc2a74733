//! Answers to people, posted after their activity is acknowledged. They are no notifications: no ledger,
//! and only an answer that was certainly not taken is tried again, a few times. They are outside the worker; the worker
//! backs off when Teams throttles them.

use crate::{bot::NotificationBot, message::Message, origin::Origin};
use custom_handler::Failure;
use notify::{
    content::Content,
    ports::{Answer, Verdict},
};
use std::time::Duration;
use teams::activity::Activity;

/// Posts of one answer at most.
const MAX_POSTS: u32 = 5;
/// Whoever asked has gone by then.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Fills a message for whoever an activity came from, and posts it there.
pub(crate) async fn send(
    bot: &NotificationBot,
    activity: &Activity,
    origin: &Origin,
    message: Message,
) -> Result<(), Failure> {
    let content = message.fill(bot, origin, None).await?;
    let answer = post(bot, activity, &content).await;
    delivered(&answer, "Teams did not take the answer")
}

/// Succeeds if Teams delivered; `failed` says what it didn't do otherwise.
pub(crate) fn delivered(answer: &Answer, failed: &str) -> Result<(), Failure> {
    match answer.verdict {
        Verdict::Delivered(_) => Ok(()),
        _ => Err(Failure::new(format!(
            "{failed}: status {}, code {}",
            answer
                .status
                .map_or_else(|| "none".to_owned(), |status| status.to_string()),
            answer.code.as_deref().unwrap_or("none"),
        ))),
    }
}

/// Posts an answer, again when Teams throttles it or can't take it now.
async fn post(bot: &NotificationBot, activity: &Activity, content: &Content) -> Answer {
    let clock = bot.clock();
    let mut posts = 1;
    loop {
        let answer = bot.connector().reply(activity, content).await;
        let (Verdict::Throttled { retry_after } | Verdict::NotNow { retry_after }) = &answer.verdict else {
            return answer;
        };
        let wait = retry_after.unwrap_or(Duration::from_secs(1 << posts));
        if posts == MAX_POSTS || wait > LONGEST_WAIT {
            return answer;
        }
        posts += 1;
        clock.sleep_until(clock.now().after(wait)).await;
    }
}
