//! Whom an audience lets in, and the row of an installation.

use crate::{
    persons::ChatStatus,
    ports::Listed,
    recipient::{BlockMark, Certainty, Fallback, PreResolved, Recipient},
    request::Audience,
    target::{DeliveryStatus, Target},
};

/// Whether `scopes` and `tenants` let an installation in.
pub(super) fn narrows(audience: &Audience, listed: &Listed) -> bool {
    let target = &listed.target;
    target.key.has_tenant()
        && (audience.scopes.is_empty() || audience.scopes.contains(&target.scope))
        && (audience.tenants.is_empty() || audience.tenants.contains(&target.key.tenant))
}

/// How a recipient came into an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// With everybody else.
    Listed,
    /// By name: whoever blocked the bot is asked whether they still do.
    Named,
}

/// An installation that is planned.
pub(super) struct Admitted {
    listed: Listed,
    settled: Option<PreResolved>,
    block: BlockMark,
}

impl Admitted {
    pub(super) fn target(&self) -> &Target {
        &self.listed.target
    }
}

/// What is planned of an installation whose person stands so; `None` where it is none any more. Of several chats any one
/// will do here.
pub(super) fn admitted(listed: Listed, status: ChatStatus, naming: Naming) -> Option<Admitted> {
    let mut block = BlockMark::None;
    let settled = match (status, naming) {
        (ChatStatus::Removed, _) => return None,
        (ChatStatus::OptedOut, _) => Some(PreResolved::OptedOut),
        (ChatStatus::Blocked, Naming::Listed) => Some(PreResolved::KnownBlocked),
        (ChatStatus::Blocked, Naming::Named) | (ChatStatus::BlockedPerhaps, _) => {
            block = BlockMark::Set;
            None
        }
        (ChatStatus::Free, _) => {
            let suspended = listed.target.delivery_status == DeliveryStatus::Suspended;
            suspended.then_some(PreResolved::Suspended)
        }
    };
    Some(Admitted {
        listed,
        settled,
        block,
    })
}

/// The row of an installation.
pub(super) fn recipient(admitted: Admitted, n: u32) -> Recipient {
    let Admitted {
        listed,
        settled,
        block,
    } = admitted;
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
        settled,
        block,
    }
}
