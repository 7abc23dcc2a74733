//! What is stored of a person, whichever chats they have with the bot: what they want, whether they blocked the bot, when
//! they removed it, and which chat is written to when there are several. Only who differs from the default has a record:
//! `persons/{bot}/{tenant}/{hash of an id}`.
//!
//! A person's record stands under their Entra id, or under the other id where that is not known. When it becomes known,
//! the record moves there, and what was under the other id points to it.

mod inbound;
mod preference;
mod record;
mod status;
mod store;
mod upkeep;

pub use inbound::{Added, removed, seen, stored_chat};
pub use preference::set_preference;
pub use record::{Block, Chat, Dated, PersonRecord, Preference};
pub use status::{ChatStatus, OptOuts, TenantPersons};
pub(crate) use status::{hashes_of, hashes_of_row};
pub use store::update;
pub(crate) use store::{read_by_hash, readable};
pub(crate) use upkeep::erase;
pub use upkeep::{forget_removals, lift_blocks};

use crate::{
    ids::{BotId, ConversationId, EntraId, TenantId, UserId},
    person::PersonKey,
    ports::{ReferenceStore, StoreError},
    recipient::Recipient,
    target::{Scope, Target, TargetKey},
};

/// A person as far as their ids are known. `Debug` prints ids only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// Whose ids these are: another bot knows the person by another `29:…`.
    pub bot: BotId,
    /// Their tenant.
    pub tenant: TenantId,
    /// The id that the record stands under.
    key: PersonKey,
    /// The id whose record points there.
    other: Option<PersonKey>,
}

impl Person {
    /// A person by the ids that are known; `None` without any.
    pub fn by_ids(
        bot: &BotId,
        tenant: &TenantId,
        user: Option<&UserId>,
        entra: Option<&EntraId>,
    ) -> Option<Self> {
        let user = user.map(|user| PersonKey::of(user.as_str()));
        let entra = entra.map(|entra| PersonKey::of(entra.as_str()));
        let (key, other) = match (entra, user) {
            (Some(entra), user) => (entra, user),
            (None, user) => (user?, None),
        };
        Some(Self {
            bot: bot.clone(),
            tenant: tenant.clone(),
            other: other.filter(|other| *other != key),
            key,
        })
    }

    /// The person of a personal chat; where it names nobody, the chat stands for them. `None` in other scopes.
    pub fn of(target: &Target) -> Option<Self> {
        let (user, entra) = (target.user.as_ref(), target.entra.as_ref());
        (target.scope == Scope::Personal).then(|| Self::in_chat(&target.key, user, entra))
    }

    /// The person of this personal chat, by their ids as far as they are known.
    pub fn in_chat(chat: &TargetKey, user: Option<&UserId>, entra: Option<&EntraId>) -> Self {
        Self::by_ids(&chat.bot, &chat.tenant, user, entra)
            .unwrap_or_else(|| Self::by_chat(&chat.bot, &chat.tenant, &chat.root))
    }

    /// The person that a row of an audience is for; `None` in other scopes.
    pub(crate) fn of_recipient(bot: &BotId, recipient: &Recipient) -> Option<Self> {
        let tenant = &recipient.tenant;
        let root = recipient.root.as_ref().unwrap_or(&recipient.conversation);
        (recipient.scope == Scope::Personal).then(|| {
            Self::by_ids(bot, tenant, recipient.user.as_ref(), recipient.entra.as_ref())
                .unwrap_or_else(|| Self::by_chat(bot, tenant, root))
        })
    }

    fn by_chat(bot: &BotId, tenant: &TenantId, root: &ConversationId) -> Self {
        Self {
            bot: bot.clone(),
            tenant: tenant.clone(),
            key: PersonKey::of(root.as_str()),
            other: None,
        }
    }

    /// Their ids.
    fn keys(&self) -> impl Iterator<Item = &PersonKey> {
        std::iter::once(&self.key).chain(&self.other)
    }

    /// The chats of theirs that are stored, as far as they are found without a listing.
    async fn chats(&self, references: &dyn ReferenceStore) -> Result<Vec<Target>, StoreError> {
        let mut chats: Vec<Target> = Vec::new();
        for key in self.keys() {
            for listed in references.find_person(&self.bot, &self.tenant, key).await? {
                if !chats.iter().any(|known| known.key == listed.target.key) {
                    chats.push(listed.target);
                }
            }
        }
        Ok(chats)
    }
}
