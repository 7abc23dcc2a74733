//! Identifiers as newtypes, so that a team id can't be passed where a tenant id is meant. No parsing of other things.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the identifier as it came, untouched.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }
            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }
    };
}

id! {
    /// The bot's app (client) id, lower-case; empty in local development without a registration.
    BotId
}
id! {
    /// An Entra tenant id.
    TenantId
}
id! {
    /// A Teams conversation: `a:…` (personal), `19:…@thread.v2` (group chat), `19:…@thread.tacv2` (channel).
    ConversationId
}
id! {
    /// A user as this bot sees them: `29:…`, another for every bot.
    UserId
}
id! {
    /// A user's Entra object id.
    EntraId
}
id! {
    /// A team: the same text as the conversation id of its General channel.
    TeamId
}
id! {
    /// A notification, as the API names it.
    NotificationId
}
id! {
    /// A message that Teams accepted; unique only within its conversation.
    ActivityId
}
id! {
    /// Base address of the connector for a conversation, as Teams last gave it.
    ServiceUrl
}
