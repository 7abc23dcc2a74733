//! Installations with invented names, for the tests of the planner's parts.

use super::rows::{Admitted, Naming, admitted, recipient};
use crate::{
    ids::{BotId, ConversationId, EntraId, ServiceUrl, TenantId, UserId},
    persons::ChatStatus,
    ports::{Continuation, Listed, Page, Version},
    recipient::Recipient,
    target::{ChannelState, DeliveryStatus, Scope, Target, TargetKey},
};
use jiff::Timestamp;

pub(crate) fn tenant() -> TenantId {
    TenantId::from("7e4a2222-2222-4222-8222-000000000002")
}

/// Person `n` of the tenant.
pub(crate) fn person(n: usize) -> Listed {
    Listed {
        target: Target {
            key: TargetKey {
                bot: BotId::from("0b07a111-1111-4111-8111-000000000001"),
                tenant: tenant(),
                root: ConversationId::from(format!("a:{n:06}").as_str()),
            },
            scope: Scope::Personal,
            service_url: ServiceUrl::from("https://smba.example/emea/"),
            user: Some(UserId::from(format!("29:{n}").as_str())),
            entra: Some(EntraId::from(format!("e47a0000-0000-4000-8000-{n:012}").as_str())),
            name: None,
            team: None,
            preferred_channel: None,
            preferred_channel_state: ChannelState::Present,
            preferred_channel_kind: None,
            preferred_channel_absent_at: None,
            locale: None,
            time_zone: None,
            delivery_status: DeliveryStatus::Active,
            doubt: None,
            event_at: Timestamp::UNIX_EPOCH,
        },
        version: Version(format!("v{n}").into()),
    }
}

/// The row of person `n`, with that number.
pub(crate) fn row(n: u32) -> Recipient {
    recipient(free(person(n as usize)), n)
}

/// An installation that is planned as it is.
pub(super) fn free(listed: Listed) -> Admitted {
    admitted(listed, ChatStatus::Free, Naming::Listed).unwrap()
}

/// A page of persons, and where the next one begins.
pub(crate) fn page(persons: impl IntoIterator<Item = usize>, next: Option<&str>) -> Page {
    Page {
        targets: persons.into_iter().map(person).collect(),
        next: next.map(place),
    }
}

pub(crate) fn place(at: &str) -> Continuation {
    Continuation(at.to_owned())
}
