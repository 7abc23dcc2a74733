//! What an activity says of its conversation beside the conversation itself. What that means is the domain's
//! ([`notify::reference`]).

use crate::{activity::Activity, identity::Identity};
use notify::reference::{Conversation, Origin};

impl Activity {
    /// Where the activity's conversation comes from: the team and the tenant of its `channelData`, and the bot's home.
    pub(crate) fn origin<'a>(&'a self, me: &'a Identity) -> Origin<'a> {
        Origin {
            home_tenant: me.home_tenant.as_ref(),
            ..self.named_origin()
        }
    }

    /// The same, as far as the activity itself tells it.
    pub(crate) fn named_origin(&self) -> Origin<'_> {
        let data = self.channel_data();
        Origin {
            team: data.team(),
            tenant: data.tenant(),
            home_tenant: None,
        }
    }

    /// The conversation that the activity is in.
    pub(crate) fn place(&self) -> Conversation<'_> {
        Conversation::new(self.conversation())
    }
}
