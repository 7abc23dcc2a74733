//! Commands that people type to the bot. The answer goes out after the activity is acknowledged; it is a courtesy,
//! not a notification: no ledger, and only an answer that was certainly not taken is tried again, a few times. It is
//! outside the lane; the lane backs off when Teams throttles it.

use crate::{bot::NotificationBot, subject::Subject};
use futures::future::BoxFuture;
use notify::{
    content::{Alert, Body, Content},
    ports::{Answer, Verdict},
};
use std::{sync::Arc, time::Duration};
use teams::{activity::Activity, mention::command_text};

type Handler = Arc<dyn Fn(NotificationBot, ChatCommand) -> BoxFuture<'static, ChatReply> + Send + Sync>;

/// What somebody typed.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatCommand {
    /// What follows the command's word, as it was typed.
    pub arguments: String,
    /// Where it was typed.
    pub subject: Subject,
}

/// What the bot answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatReply(Content);

impl ChatReply {
    /// Answers with text (markdown).
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self(Content {
            body: Body::Text(text.into()),
            summary: None,
            alert: Alert::Quiet,
        })
    }
}

/// Posts of one answer at most.
const MOST_POSTS: u32 = 5;
/// Whoever typed has gone by then.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Posts an answer, again when Teams throttles it or can't take it now.
async fn deliver(bot: &NotificationBot, activity: &Activity, content: &Content) -> Answer {
    let clock = bot.clock();
    let mut posts = 1;
    loop {
        let answer = bot.connector().reply(activity, content).await;
        let (Verdict::Throttled { retry_after } | Verdict::NotNow { retry_after }) = &answer.verdict else {
            return answer;
        };
        let wait = retry_after.unwrap_or(Duration::from_secs(1 << posts));
        if posts == MOST_POSTS || wait > LONGEST_WAIT {
            return answer;
        }
        posts += 1;
        clock.sleep_until(clock.now().after(wait)).await;
    }
}

/// The known commands.
#[derive(Default)]
pub(crate) struct ChatCommands {
    commands: Vec<(&'static str, Handler)>,
}

impl ChatCommands {
    pub(crate) fn add(
        &mut self,
        word: &'static str,
        handler: impl Fn(NotificationBot, ChatCommand) -> BoxFuture<'static, ChatReply> + Send + Sync + 'static,
    ) {
        self.commands.push((word, Arc::new(handler)));
    }

    /// Answers a message in a task of its own, if it says a command.
    pub(crate) fn answer(&self, bot: &NotificationBot, activity: Activity) {
        let said = command_text(&activity, bot.identity());
        let Some((word, handler, arguments)) = self.find(&said) else {
            return;
        };
        let Some(subject) = Subject::of(bot, &activity) else {
            return;
        };
        let (bot, handler) = (bot.clone(), Arc::clone(handler));
        // The task may live for minutes.
        let activity = activity.into_address();
        tokio::spawn(async move {
            let ChatReply(content) = handler(bot.clone(), ChatCommand { arguments, subject }).await;
            let answer = deliver(&bot, &activity, &content).await;
            match answer.verdict {
                Verdict::Delivered(_) => tracing::info!(command = word, "chat command answered"),
                _ => tracing::warn!(
                    command = word,
                    status = answer.status,
                    code = answer.code.as_deref(),
                    "chat command: the answer was not taken"
                ),
            }
        });
    }

    fn find(&self, said: &str) -> Option<(&'static str, &Handler, String)> {
        let (first, arguments) = said.split_once(' ').unwrap_or((said, ""));
        let (word, handler) = self
            .commands
            .iter()
            .find(|(word, _)| first.eq_ignore_ascii_case(word))?;
        Some((word, handler, arguments.to_owned()))
    }
}
