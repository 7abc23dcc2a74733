//! The events that can be simulated, in code and as JSON of the control API (`{"event":"install"}`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Delivery;
use crate::world::UnknownConversation;

/// Whether a message mentions the bot. In group chats and channels a bot receives only those that do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mention {
    /// Where it is required: not in personal chats.
    #[default]
    Auto,
    /// With a mention.
    With,
    /// Without a mention.
    Without,
}

/// An event in a conversation. Team and channel events are addressed by the id of a channel.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum TeamsEvent {
    /// The app is installed: `installationUpdate` and `conversationUpdate`. In a channel: in its team, with
    /// this channel selected.
    Install,
    /// The app is removed.
    Uninstall,
    /// A new version of the app keeps the bot: `installationUpdate` `add-upgrade`.
    Upgrade,
    /// A new version of the app drops the bot: `installationUpdate` `remove-upgrade`.
    RemoveUpgrade,
    /// The user blocks the bot. Teams sends no event; the next send fails.
    Block,
    /// The user unblocks the bot.
    Unblock,
    /// The tenant's administrator blocks the app.
    DisableTenant,
    /// The tenant's administrator allows the app.
    EnableTenant,
    /// A policy of the tenant forbids the app for this person, chat or channel alone. Teams sends no event; the next send
    /// fails.
    DisableApp,
    /// The policy is lifted.
    EnableApp,
    /// A person joins a group chat or team.
    MemberAdded {
        /// Any id of the person.
        member: String,
    },
    /// A person leaves a group chat or team.
    MemberRemoved {
        /// Any id of the person.
        member: String,
    },
    /// A channel is created in the team.
    ChannelCreated {
        /// Its name.
        name: String,
    },
    /// This channel is renamed.
    ChannelRenamed {
        /// The new name.
        name: String,
    },
    /// This channel is deleted.
    ChannelDeleted,
    /// This channel is restored.
    ChannelRestored,
    /// The team is renamed.
    TeamRenamed {
        /// The new name.
        name: String,
    },
    /// The team is deleted and can be restored.
    TeamDeleted,
    /// The team is permanently deleted.
    TeamHardDeleted,
    /// The team is restored.
    TeamRestored,
    /// The team becomes read-only.
    TeamArchived,
    /// The team can be written to again.
    TeamUnarchived,
    /// A person writes.
    Message {
        /// What they write, without the mention.
        text: String,
        /// Do they mention the bot?
        #[serde(default)]
        mention: Mention,
        /// Id of the root message they reply to, in channels.
        #[serde(default)]
        thread: Option<String>,
    },
    /// A person edits a message of theirs.
    MessageEdited {
        /// Its id.
        message_id: String,
        /// The new text.
        text: String,
    },
    /// A person deletes a message of theirs.
    MessageDeleted {
        /// Its id.
        message_id: String,
    },
    /// A person reacts to a message of the bot.
    ReactionAdded {
        /// The message's id.
        message_id: String,
        /// like, heart, laugh, …
        reaction: String,
    },
    /// A person removes a reaction.
    ReactionRemoved {
        /// The message's id.
        message_id: String,
        /// like, heart, laugh, …
        reaction: String,
    },
    /// `Action.Submit` of a card: a message without text, with `value`.
    Submit {
        /// The card's message.
        message_id: String,
        /// The action's data with the inputs merged in.
        #[serde(default)]
        data: Value,
    },
    /// `Action.Execute` of a card: an invoke whose answer comes back.
    Execute {
        /// The card's message.
        message_id: String,
        /// `{"verb","data","id","title"}`; `type` is added.
        #[serde(default)]
        action: Value,
    },
}

impl TeamsEvent {
    /// False for messages and clicks, which are not saved for a restart.
    pub(crate) fn changes_the_world(&self) -> bool {
        !matches!(
            self,
            Self::Message { .. }
                | Self::MessageEdited { .. }
                | Self::MessageDeleted { .. }
                | Self::ReactionAdded { .. }
                | Self::ReactionRemoved { .. }
                | Self::Submit { .. }
                | Self::Execute { .. }
                | Self::Upgrade
        )
    }
}

/// The result of an event.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventReport {
    /// Every activity posted to the bot, in order.
    pub deliveries: Vec<Delivery>,
    /// Id of the message that a person wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Id of the conversation that was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The bot's answer to an invoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<InvokeAnswer>,
    /// Why nothing was posted, if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The bot's answer to an invoke.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InvokeAnswer {
    /// HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// Body: JSON, or text as a JSON string.
    pub body: Value,
}

/// Why an event can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The conversation does not exist.
    #[error("{0}: GET /sandbox/conversations lists those that exist")]
    Conversation(#[from] UnknownConversation),
    /// The person does not exist.
    #[error("no person has the id {0:?}: use a 29:… id, an Entra object id or a user principal name")]
    Person(String),
    /// The person is not in the conversation.
    #[error("that person is not in this conversation")]
    NotAMember,
    /// The bot is not installed in the conversation.
    #[error("the bot is not installed here: install it first")]
    NotInstalled,
    /// A user who blocked a bot cannot write to it.
    #[error("the user has blocked the bot here: unblock it first")]
    Blocked,
    /// Only channels have teams.
    #[error("{0} needs the id of a channel")]
    NotAChannel(&'static str),
    /// A personal chat has one member.
    #[error("members of a personal chat cannot change")]
    NotAGroup,
    /// The message does not exist.
    #[error("no message {0:?} is stored for this conversation")]
    Message(String),
    /// General is the team itself.
    #[error("the General channel cannot be renamed, deleted or restored by itself")]
    General,
}
