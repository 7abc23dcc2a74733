//! Whose references a store holds, and what to assume where they don't tell.

use notify::{
    ids::{BotId, TenantId},
    reference::{ConversationReference, Origin, Unusable, teamsfx},
    target::{Target, TargetKey},
};

/// The bot whose references these are.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The bot; empty in local development, where every reference belongs to it.
    pub bot: BotId,
    /// Tenant of references that name none.
    pub tenant: Option<TenantId>,
}

impl Owner {
    /// The target that a reference describes; `key` is its key in TeamsFx's store, where it has one.
    ///
    /// # Errors
    /// [`Unusable`] when it lacks what sending needs.
    pub(crate) fn target(
        &self,
        key: Option<&str>,
        reference: &ConversationReference,
    ) -> Result<Target, Unusable> {
        let conversation = reference.conversation().id().unwrap_or_default();
        let origin = Origin {
            team: None,
            tenant: key.and_then(|key| teamsfx::tenant_in(key, conversation)),
            home_tenant: self.tenant.as_ref(),
        };
        reference.target(reference.bot_or(&self.bot), &origin)
    }

    /// The tenant of a key as it is now: one form for each, and known if the owner knows it.
    pub(crate) fn settle_tenant(&self, key: &mut TargetKey) {
        key.tenant = match &self.tenant {
            Some(home) if !key.has_tenant() => TenantId::canonical(home.as_str()),
            _ => TenantId::canonical(key.tenant.as_str()),
        };
    }
}

#[cfg(test)]
mod tests;
