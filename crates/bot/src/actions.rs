//! Buttons on our cards (`Action.Execute`): which code a verb runs. The answer is what the person sees, so it is given
//! within the request.

use crate::{bot::NotificationBot, subject::Subject};
use futures::future::BoxFuture;
use std::sync::Arc;
use teams::{
    activity::Activity,
    invoke::{Reply, card_action},
};

type Handler = Arc<dyn Fn(NotificationBot, Pressed) -> BoxFuture<'static, Reply> + Send + Sync>;

/// A pressed button.
#[derive(Clone, Debug, PartialEq)]
pub struct Pressed {
    /// Where it was pressed.
    pub subject: Subject,
}

/// The known verbs.
#[derive(Default)]
pub(crate) struct CardActions {
    actions: Vec<(&'static str, Handler)>,
}

impl CardActions {
    pub(crate) fn add(
        &mut self,
        verb: &'static str,
        handler: impl Fn(NotificationBot, Pressed) -> BoxFuture<'static, Reply> + Send + Sync + 'static,
    ) {
        self.actions.push((verb, Arc::new(handler)));
    }

    /// Answers an invoke; one that nobody handles is told so.
    pub(crate) async fn answer(&self, bot: &NotificationBot, activity: &Activity) -> Reply {
        let action = match card_action(activity) {
            Ok(action) => action,
            Err(problem) => return Reply::to(problem),
        };
        let verb = action.verb.unwrap_or_default();
        let known = self
            .actions
            .iter()
            .find(|(known, _)| verb.eq_ignore_ascii_case(known));
        match (known, Subject::of(bot, activity)) {
            (Some((verb, handler)), Some(subject)) => {
                tracing::info!(verb, "card action");
                handler(bot.clone(), Pressed { subject }).await
            }
            _ => Reply::Unhandled,
        }
    }
}
