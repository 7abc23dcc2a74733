//! The one table of the forms that ids in a conversation reference have: what an id names, which scope its
//! conversation has, and where a thread's part begins. Nobody else looks at prefixes and endings.
//!
//! Government clouds write the same forms as the public one as far as it is documented; where a cloud is known to write
//! its own, it has a row.

use crate::{
    ids::{ConversationId, TeamId},
    target::Scope,
};

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// The chat of one person, with the bot or with themselves.
    PersonalChat,
    /// A group chat.
    GroupChat,
    /// The chat of a meeting.
    MeetingChat,
    /// A channel, or the team that it is General of.
    Channel,
    /// A person as one bot sees them (`29:…`).
    Person,
    /// A person of the directory: the Entra object id stands after the prefix.
    EntraPerson,
    /// A person without an Entra id: a visitor, a consumer.
    OtherPerson,
    /// A bot: its app id stands after the prefix.
    Bot,
    /// None of these.
    Opaque,
}

/// How a thread is written behind an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// Everything behind the first `;` is parameters, `messageid` among them.
    Any,
    /// Only `;messageid=` is one: the id is opaque, and another `;` belongs to it.
    MessageIdOnly,
}

/// How sure a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Documented, or recorded from Teams or its test clients.
    Documented,
    /// Ours. What a reference says itself (`isGroup`) stands above it.
    Guess,
}

/// One row: the ids with this prefix and this ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdShape {
    prefix: &'static str,
    suffix: &'static str,
    /// What such an id names.
    pub kind: IdKind,
    /// Scope of the conversation, where nothing but the id is known.
    pub scope: Scope,
    /// How a thread is written behind it.
    pub parameters: Parameters,
    /// How sure that is.
    pub evidence: Evidence,
}

/// The rows; the first that fits counts. Case does not matter.
#[rustfmt::skip]
const SHAPES: &[IdShape] = &[
    // Microsoft Learn, "Conversation basics": a 1:1 chat as the Bot Framework names it. Opaque, another for every bot.
    row("a:", "", IdKind::PersonalChat, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    // Microsoft Graph, `chat`: 1:1 as `19:{user}_{bot}@unq.gbl.spaces`. BotFramework-Services#344: the Bot Framework
    // sends it too, and takes it as a conversation id.
    row("19:", "@unq.gbl.spaces", IdKind::PersonalChat, Scope::Personal, Parameters::Any, Evidence::Documented),
    // Another cloud's word for `gbl`; no document shows one.
    row("19:", ".spaces", IdKind::PersonalChat, Scope::Personal, Parameters::Any, Evidence::Guess),
    // Microsoft Graph, `onlineMeeting.chatInfo.threadId`: `19:meeting_…@thread.v2`.
    row("19:meeting_", "", IdKind::MeetingChat, Scope::GroupChat, Parameters::Any, Evidence::Documented),
    // Microsoft Learn, "Channel and group conversations": standard, private and shared channels alike; a team has the
    // id of its General channel.
    row("", "@thread.tacv2", IdKind::Channel, Scope::Team, Parameters::Any, Evidence::Documented),
    // The same before 2020; existing channels have kept theirs (pnp/cli-microsoft365#1401).
    row("", "@thread.skype", IdKind::Channel, Scope::Team, Parameters::Any, Evidence::Documented),
    // Microsoft Graph, `chat`: a group chat; `19:uni01_…` and `19:acsV1_…` are others of the kind.
    row("", "@thread.v2", IdKind::GroupChat, Scope::GroupChat, Parameters::Any, Evidence::Documented),
    // `19:` is a chat with several members in every documented form but `@unq`.
    row("19:", "", IdKind::GroupChat, Scope::GroupChat, Parameters::Any, Evidence::Guess),
    // The chat with oneself and the client's own feeds (`48:notes`, `48:notifications`); no bot is in them.
    row("48:", "", IdKind::PersonalChat, Scope::Personal, Parameters::MessageIdOnly, Evidence::Guess),
    // Microsoft Learn, "Activity from and recipient". Named as a conversation, a person is meant.
    row("29:", "", IdKind::Person, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    // Azure Communication Services, "Identifiers": raw ids of Teams apps, by cloud, and of bots of several tenants.
    row("28:orgid:", "", IdKind::Bot, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("28:gcch-global:", "", IdKind::Bot, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("28:gcch:", "", IdKind::Bot, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("28:dod-global:", "", IdKind::Bot, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("28:dod:", "", IdKind::Bot, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    // Microsoft Learn, "Activity from and recipient": `28:{app id}`.
    row("28:", "", IdKind::Bot, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    // Azure Communication Services, "Identifiers": people of the directory, by cloud.
    row("8:orgid:", "", IdKind::EntraPerson, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("8:gcch:", "", IdKind::EntraPerson, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("8:dod:", "", IdKind::EntraPerson, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    // The same document: `8:teamsvisitor:…`, `8:acs:…`; consumers have `8:live:…`.
    row("8:", "", IdKind::OtherPerson, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    // Recorded from the Microsoft 365 Agents Playground, or in its sample configuration. Its chats are bare GUIDs else.
    row("personal-chat-id", "", IdKind::PersonalChat, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("", "@test.user", IdKind::PersonalChat, Scope::Personal, Parameters::MessageIdOnly, Evidence::Documented),
    row("group-chat-id", "", IdKind::GroupChat, Scope::GroupChat, Parameters::MessageIdOnly, Evidence::Documented),
    row("team-id", "", IdKind::Channel, Scope::Team, Parameters::MessageIdOnly, Evidence::Documented),
    row("channel-", "-id", IdKind::Channel, Scope::Team, Parameters::MessageIdOnly, Evidence::Documented),
    // The Bot Framework Emulator: `{guid}|livechat`.
    row("", "|livechat", IdKind::PersonalChat, Scope::Personal, Parameters::MessageIdOnly, Evidence::Guess),
    // What other clients make up. "personal (isGroup absent/false)" is Teams' own rule for what says nothing.
    row("", "", IdKind::Opaque, Scope::Personal, Parameters::MessageIdOnly, Evidence::Guess),
];

const OPAQUE: IdShape = SHAPES[SHAPES.len() - 1];

const fn row(
    prefix: &'static str,
    suffix: &'static str,
    kind: IdKind,
    scope: Scope,
    parameters: Parameters,
    evidence: Evidence,
) -> IdShape {
    IdShape {
        prefix,
        suffix,
        kind,
        scope,
        parameters,
        evidence,
    }
}

impl IdShape {
    /// The row of an id, with or without a thread behind it.
    pub fn of(id: &str) -> Self {
        let ending = id.split(';').next().unwrap_or(id);
        let fits =
            |shape: &&Self| without_prefix(id, shape.prefix).is_some() && ends_with(ending, shape.suffix);
        SHAPES.iter().find(fits).copied().unwrap_or(OPAQUE)
    }

    /// What stands behind the prefix.
    pub(super) fn without_prefix<'a>(&self, id: &'a str) -> &'a str {
        without_prefix(id, self.prefix).unwrap_or(id)
    }

    /// How long the id is without a thread behind it.
    fn root_len(&self, id: &str) -> usize {
        let end = match self.parameters {
            Parameters::Any => id.find(';'),
            Parameters::MessageIdOnly => id.to_ascii_lowercase().find(MESSAGE),
        };
        end.unwrap_or(id.len())
    }
}

/// Names the message that a thread began with (Microsoft Learn, "Proactive messages": the thread of a channel).
const MESSAGE: &str = ";messageid=";

impl ConversationId {
    /// What the id looks like, and what follows from it.
    pub fn shape(&self) -> IdShape {
        IdShape::of(self.as_str())
    }

    /// The conversation without a thread: the channel or the chat itself. This is what installations are kept under.
    pub fn root(&self) -> Self {
        let id = self.as_str();
        match id.get(..self.shape().root_len(id)) {
            Some(root) if root.len() < id.len() => Self::from(root),
            _ => self.clone(),
        }
    }

    /// The message that the thread began with, where the id names a thread.
    pub fn thread(&self) -> Option<&str> {
        let id = self.as_str();
        let parameters = id.get(self.shape().root_len(id)..)?;
        let mut parameters = parameters.split(';').skip(1);
        parameters.find_map(|parameter| without_prefix(parameter, &MESSAGE[1..]))
    }

    /// The thread that began with a message; another thread's id is replaced.
    pub fn in_thread(&self, message: &str) -> Self {
        Self::from(format!("{}{MESSAGE}{message}", self.root()))
    }
}

impl TeamId {
    /// The team's General channel, which has the same id.
    pub fn general(&self) -> ConversationId {
        ConversationId::from(self.as_str())
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn ends_with(text: &str, suffix: &str) -> bool {
    let start = text.len().checked_sub(suffix.len());
    start
        .and_then(|start| text.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests;
