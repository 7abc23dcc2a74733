//! The target that a reference describes: all that sending needs, as far as a reference can hold it.

use super::{ConversationReference, Origin};
use crate::{
    ids::{BotId, EntraId, ServiceUrl, TeamId, UserId},
    target::{ChannelState, DeliveryStatus, Scope, Target},
};
use jiff::Timestamp;

/// Why a reference is no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It names no conversation.
    #[error("it has no conversation.id")]
    NoConversation,
    /// It doesn't say where to send to.
    #[error("it has no serviceUrl")]
    NoServiceUrl,
}

impl ConversationReference {
    /// The target that the reference describes, an installation of `bot`.
    ///
    /// The time of its event is unknown and taken as 1970, so that anything heard later is newer.
    ///
    /// # Errors
    /// [`Unusable`] when it lacks what sending needs.
    pub fn target(&self, bot: BotId, origin: &Origin<'_>) -> Result<Target, Unusable> {
        let origin = self.named_in(origin);
        let conversation = self.conversation();
        let key = conversation.key(bot, &origin).ok_or(Unusable::NoConversation)?;
        let scope = conversation.scope(&origin);
        let service_url = self.service_url().ok_or(Unusable::NoServiceUrl)?;
        Ok(Target {
            team: (scope == Scope::Team).then(|| TeamId::from(key.root.as_str())),
            key,
            scope,
            service_url: ServiceUrl::from(service_url),
            user: self.user().map(UserId::from),
            entra: self.entra(scope).map(EntraId::from),
            name: self.name(scope).map(str::to_owned),
            preferred_channel: None,
            preferred_channel_state: ChannelState::Present,
            preferred_channel_kind: None,
            preferred_channel_absent_at: None,
            locale: self.locale().map(str::to_owned),
            time_zone: None,
            delivery_status: DeliveryStatus::Active,
            doubt: None,
            event_at: Timestamp::UNIX_EPOCH,
        })
    }

    /// References of other software may hold the activity's `channelData`; its tenant stands above that of a key.
    fn named_in<'a>(&'a self, origin: &Origin<'a>) -> Origin<'a> {
        Origin {
            tenant: self.at(&["channelData", "tenant", "id"]).or(origin.tenant),
            ..*origin
        }
    }
}
