//! Buttons on our cards (`Action.Execute`): which code a verb runs, and what that may answer. The answer is what the
//! person sees, so it is given within the request.

use crate::{
    bot::NotificationBot,
    hooks::{ErrorPlace, Handler, Hooks, failing},
    message::Message,
    origin::Origin,
    reply, signed_buttons,
};
use custom_handler::Failure;
use notify::{
    content::{Body, Content},
    ids::{ActivityId, NotificationId},
    ports::Connector,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use teams::{
    activity::Activity,
    invoke::{ActionTrigger, Reply, card_action},
};

/// Teams waits some 15 s for the answer to an invoke; the edit of a message must leave time for it.
const EDIT_LIMIT: Duration = Duration::from_secs(8);

/// A pressed button. `Debug` prints no data.
#[derive(Clone, PartialEq)]
pub struct Action {
    /// Where it was pressed, and by whom.
    pub origin: Origin,
    /// The message that the card is in.
    pub message: Option<ActivityId>,
    /// The notification that the card came with: only where this bot signed it, so nobody can make one up.
    pub notification: Option<NotificationId>,
    /// Whether somebody pressed, or the card refreshed itself.
    pub started: Started,
    pub(crate) data: Map<String, Value>,
}

/// What started an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// A person pressed.
    ByPerson,
    /// The card's `refresh`.
    ByRefresh,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Action({}, notification {:?})",
            self.origin.conversation(),
            self.notification
        )
    }
}

impl Action {
    /// The action's data and the card's inputs. Never to be logged.
    pub fn data(&self) -> &Map<String, Value> {
        &self.data
    }

    /// The same, as a type of your own.
    ///
    /// # Errors
    /// When the data have another shape; the text names none of them.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(Value::Object(self.data.clone()))
            .map_err(|_| Failure::new("the action's data have another shape than expected"))
    }
}

/// The answer to a pressed button. `Debug` prints no text.
#[derive(Clone)]
pub struct ActionReply(Kind);

impl std::fmt::Debug for ActionReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Text(text) => write!(f, "ActionReply(text of {} bytes)", text.len()),
            Kind::Card(message) => write!(f, "ActionReply(card: {message:?})"),
            Kind::EditForAll(message) => write!(f, "ActionReply(edit for all: {message:?})"),
        }
    }
}

#[derive(Clone)]
enum Kind {
    Text(String),
    Card(Message),
    EditForAll(Message),
}

impl ActionReply {
    /// Shows a text to the person who pressed.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(Kind::Text(text.into()))
    }

    /// Replaces the card for the person who pressed.
    #[must_use]
    pub fn card(card: Message) -> Self {
        Self(Kind::Card(card))
    }

    /// Replaces the card for everybody in the conversation.
    #[must_use]
    pub fn edit_for_all(card: Message) -> Self {
        Self(Kind::EditForAll(card))
    }
}

/// The known verbs.
#[derive(Default)]
pub(crate) struct Actions(Vec<(&'static str, OnAction)>);

type OnAction = Handler<Action, Result<ActionReply, Failure>>;

impl Actions {
    pub(crate) fn add(&mut self, verb: &'static str, handler: Handler<Action, Result<ActionReply, Failure>>) {
        self.0.push((verb, handler));
    }

    /// Answers an invoke; one that nobody handles is answered as such.
    pub(crate) async fn answer(
        &self,
        bot: &NotificationBot,
        hooks: &Arc<Hooks>,
        activity: &Activity,
    ) -> Reply {
        let pressed = match card_action(activity) {
            Ok(pressed) => pressed,
            Err(problem) => return Reply::to(problem),
        };
        let verb = pressed.verb.unwrap_or_default();
        let known = self.0.iter().find(|(known, _)| verb.eq_ignore_ascii_case(known));
        let (Some((verb, handler)), Some(origin)) = (known, Origin::of(bot, activity)) else {
            return Reply::Unhandled;
        };
        let mut data = pressed
            .data
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let action = Action {
            notification: signed_buttons::take(bot.signing_key(), &mut data).await,
            message: pressed.message.map(Into::into),
            started: match pressed.trigger {
                ActionTrigger::Manual => Started::ByPerson,
                ActionTrigger::Automatic => Started::ByRefresh,
            },
            origin,
            data,
        };
        tracing::info!(
            verb,
            notification_id = action.notification.as_ref().map(NotificationId::as_str),
            "card action"
        );
        let replied = match failing(|| handler(bot.clone(), action.clone())).await {
            Ok(reply) => reply.make(bot, &action).await,
            Err(failure) => Err(failure),
        };
        match replied {
            Ok(reply) => reply,
            Err(failure) => {
                hooks.failed(bot, ErrorPlace::Action((*verb).to_owned()), failure);
                Reply::Failed("That did not work just now. Please try again.".to_owned())
            }
        }
    }
}

impl ActionReply {
    async fn make(self, bot: &NotificationBot, action: &Action) -> Result<Reply, Failure> {
        let (message, for_all) = match self.0 {
            Kind::Text(text) => return Ok(Reply::Message(text)),
            Kind::Card(message) => (message, None),
            Kind::EditForAll(message) => (message, action.message.clone()),
        };
        let content = message
            .fill(bot, &action.origin, action.notification.as_ref())
            .await?;
        if let Some(message) = for_all {
            edit(bot, action, message, &content).await?;
        }
        match &content.body {
            Body::Card(card) => Ok(Reply::Card(serde_json::from_str(card)?)),
            Body::Text(text) => Ok(Reply::Message(text.to_string())),
        }
    }
}

async fn edit(
    bot: &NotificationBot,
    action: &Action,
    message: ActivityId,
    content: &Content,
) -> Result<(), Failure> {
    let mut to = action.origin.recipient();
    to.activity = Some(message);
    let editing = bot.connector().update(&to, content);
    let answer = tokio::time::timeout(EDIT_LIMIT, editing)
        .await
        .map_err(|_| Failure::new("Teams took too long to edit the message"))?;
    reply::delivered(&answer, "Teams did not edit the message")
}
