//! Where a row is tried that could not be reached as it was planned: another conversation, another connector address, each
//! once. The ledger says it of ended rows only: a new owner begins where the row was planned.

use super::effect::ReferenceUpdate;
use crate::{
    ids::{ConversationId, ServiceUrl},
    recipient::Recipient,
};
use std::sync::Arc;

/// What is different from the plan.
#[derive(Default)]
pub(super) struct Detour {
    conversation: Option<OtherConversation>,
    address: Option<OtherAddress>,
}

/// The conversation in the place of the planned one.
#[derive(Clone)]
pub(super) enum OtherConversation {
    /// The personal chat, which was opened again.
    Reopened(ConversationId),
    /// The team's General channel, as the selected channel was not there.
    General(ConversationId),
}

/// The connector address in the place of the planned one.
pub(super) enum OtherAddress {
    /// The answer named it.
    Named(ServiceUrl),
    /// Others of the tenant are reached there lately.
    OfOthers(ServiceUrl),
}

impl OtherAddress {
    fn service_url(&self) -> &ServiceUrl {
        match self {
            Self::Named(service_url) | Self::OfOthers(service_url) => service_url,
        }
    }
}

impl OtherConversation {
    fn id(&self) -> &ConversationId {
        match self {
            Self::Reopened(id) | Self::General(id) => id,
        }
    }
}

impl Detour {
    pub(super) fn conversation(&self) -> Option<&ConversationId> {
        self.conversation.as_ref().map(OtherConversation::id)
    }

    pub(super) fn has_other_address(&self) -> bool {
        self.address.is_some()
    }

    /// Whether what is not found there may be somewhere else.
    pub(super) fn is_at_others_address(&self) -> bool {
        matches!(self.address, Some(OtherAddress::OfOthers(_)))
    }

    pub(super) fn go_to(&mut self, conversation: OtherConversation) {
        self.conversation = Some(conversation);
    }

    pub(super) fn go_by(&mut self, address: OtherAddress) {
        self.address = Some(address);
    }

    /// The recipient where it is tried now.
    pub(super) fn addressed(&self, planned: Arc<Recipient>) -> Arc<Recipient> {
        if self.conversation.is_none() && self.address.is_none() {
            return planned;
        }
        let mut recipient = match self.conversation() {
            Some(conversation) => planned.moved_to(conversation.clone()),
            None => (*planned).clone(),
        };
        if let Some(address) = &self.address {
            recipient.service_url = address.service_url().clone();
        }
        Arc::new(recipient)
    }

    /// What a delivery says of the reference; the recipient that was delivered to says at which address.
    pub(super) fn reference_update(&self) -> Option<ReferenceUpdate> {
        match (&self.conversation, &self.address) {
            (Some(OtherConversation::Reopened(id)), _) => Some(ReferenceUpdate::Moved(id.clone())),
            (Some(OtherConversation::General(_)), _) => Some(ReferenceUpdate::ChannelAbsent),
            (None, Some(_)) => Some(ReferenceUpdate::Readdressed),
            (None, None) => None,
        }
    }
}
