//! Whom an audience lets in, and the row of an installation.

use crate::{
    ports::Listed,
    recipient::{Certainty, Fallback, PreResolved, Recipient},
    request::Audience,
    target::DeliveryStatus,
};

/// Whether `scopes` and `tenants` let an installation in.
pub(super) fn narrows(audience: &Audience, listed: &Listed) -> bool {
    let target = &listed.target;
    target.key.has_tenant()
        && (audience.scopes.is_empty() || audience.scopes.contains(&target.scope))
        && (audience.tenants.is_empty() || audience.tenants.contains(&target.key.tenant))
}

/// The row of an installation.
pub(super) fn recipient(listed: Listed, n: u32) -> Recipient {
    let Listed { target, version } = listed;
    let conversation = target.conversation().clone();
    Recipient {
        n,
        root: (conversation != target.key.root).then_some(target.key.root),
        fallback: Fallback::None,
        conversation,
        tenant: target.key.tenant,
        service_url: target.service_url,
        scope: target.scope,
        user: target.user,
        entra: target.entra,
        team: target.team,
        name: target.name,
        locale: target.locale,
        version: Some(version),
        certainty: match target.doubt {
            None => Certainty::Known,
            Some(_) => Certainty::Doubtful,
        },
        activity: None,
        settled: match target.delivery_status {
            DeliveryStatus::Active => None,
            DeliveryStatus::Blocked => Some(PreResolved::KnownBlocked),
            DeliveryStatus::Suspended => Some(PreResolved::Suspended),
            DeliveryStatus::OptedOut => Some(PreResolved::OptedOut),
        },
    }
}
