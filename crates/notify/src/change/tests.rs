//! Events in any order must leave what the newest event says.

use super::*;
use crate::{
    ids::{BotId, ServiceUrl, TenantId},
    reference::ConversationReference,
    target::{Scope, Target},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn key() -> TargetKey {
    TargetKey {
        bot: BotId::from("bot"),
        tenant: TenantId::from("tenant"),
        root: ConversationId::from("19:team@thread.tacv2"),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn installation(second: i64) -> Installation {
    Installation {
        target: Target {
            key: key(),
            scope: Scope::Team,
            service_url: ServiceUrl::from(format!("https://smba.example/{second}/")),
            user: None,
            entra: None,
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
            event_at: at(second),
        },
        reference: ConversationReference::default(),
    }
}

fn reference(conversation: &Value) -> ConversationReference {
    let mut properties = Map::new();
    properties.insert("conversation".to_owned(), conversation.clone());
    ConversationReference::new(properties)
}

fn change(second: i64, event: Event) -> Change {
    Change {
        key: key(),
        at: at(second),
        event,
    }
}

fn installed(second: i64) -> Change {
    change(second, Event::Installed(Box::new(installation(second))))
}

fn seen(second: i64) -> Change {
    change(second, Event::Seen(Box::new(installation(second))))
}

fn removed(second: i64) -> Change {
    change(second, Event::Removed)
}

fn after(changes: &[Change]) -> Option<ReferenceRecord> {
    changes.iter().fold(None, |known, change| {
        decide(known.as_ref(), change, at(1_000)).or(known)
    })
}

fn is_installed(record: Option<&ReferenceRecord>) -> bool {
    matches!(record, Some(ReferenceRecord::Installed(_)))
}

#[test]
fn a_late_removal_does_not_remove_a_newer_install_and_a_late_install_does_not_resurrect() {
    assert!(is_installed(after(&[installed(10), removed(5)]).as_ref()));
    assert!(!is_installed(after(&[removed(10), installed(5)]).as_ref()));
    assert!(!is_installed(
        after(&[installed(5), removed(10), seen(7)]).as_ref()
    ));
}

#[test]
fn on_a_tie_the_removal_wins_in_either_order() {
    assert!(!is_installed(after(&[installed(5), removed(5)]).as_ref()));
    assert!(!is_installed(after(&[removed(5), installed(5)]).as_ref()));
}

#[test]
fn a_removal_of_something_unknown_is_remembered() {
    let record = after(&[removed(5)]);
    assert_eq!(
        record,
        Some(ReferenceRecord::Removed(Tombstone {
            key: key(),
            event_at: at(5),
            recorded_at: at(1_000)
        }))
    );
}

#[test]
fn a_message_clears_a_block_but_not_an_opt_out() {
    let mut blocked = installation(1);
    blocked.target.delivery_status = DeliveryStatus::Blocked;
    let delivery_status = |record: Option<ReferenceRecord>| match record {
        Some(ReferenceRecord::Installed(installation)) => Some(installation.target.delivery_status),
        _ => None,
    };
    let known = ReferenceRecord::Installed(Box::new(blocked.clone()));
    assert_eq!(
        delivery_status(decide(Some(&known), &seen(2), at(3))),
        Some(DeliveryStatus::Active)
    );
    assert_eq!(
        delivery_status(decide(Some(&known), &installed(2), at(3))),
        Some(DeliveryStatus::Active)
    );

    blocked.target.delivery_status = DeliveryStatus::OptedOut;
    let known = ReferenceRecord::Installed(Box::new(blocked));
    assert_eq!(
        delivery_status(decide(Some(&known), &seen(2), at(3))),
        Some(DeliveryStatus::OptedOut)
    );
}

#[test]
fn both_activities_of_a_team_install_keep_the_selected_channel_in_either_order() {
    let mut with_channel = installation(1);
    with_channel.target.preferred_channel = Some(ConversationId::from("19:alerts@thread.tacv2"));
    let first = change(1, Event::Installed(Box::new(with_channel)));
    for order in [
        [first.clone(), installed(2)],
        [
            installed(1),
            Change {
                at: at(2),
                ..first.clone()
            },
        ],
    ] {
        let Some(ReferenceRecord::Installed(record)) = after(&order) else {
            panic!("not installed")
        };
        assert_eq!(record.target.conversation().as_str(), "19:alerts@thread.tacv2");
    }
}

#[test]
fn a_deleted_preferred_channel_falls_back_to_general_until_it_is_restored() {
    let channel = ConversationId::from("19:alerts@thread.tacv2");
    let mut with_channel = installation(1);
    with_channel.target.preferred_channel = Some(channel.clone());
    let install = change(1, Event::Installed(Box::new(with_channel)));
    let conversation = |changes: &[Change]| match after(changes) {
        Some(ReferenceRecord::Installed(record)) => record.target.conversation().clone(),
        _ => panic!("not installed"),
    };
    let deleted = change(2, Event::ChannelDeleted(channel.clone()));
    assert_eq!(conversation(&[install.clone(), deleted.clone()]), key().root);
    assert_eq!(
        conversation(&[
            install,
            deleted,
            change(3, Event::ChannelRestored(channel.clone()))
        ]),
        channel
    );
}

#[test]
fn an_archived_team_is_suspended_until_it_is_unarchived() {
    let delivery_status = |changes: &[Change]| match after(changes) {
        Some(ReferenceRecord::Installed(record)) => record.target.delivery_status,
        _ => panic!("not installed"),
    };
    assert_eq!(
        delivery_status(&[installed(1), change(2, Event::Archived)]),
        DeliveryStatus::Suspended
    );
    assert_eq!(
        delivery_status(&[
            installed(1),
            change(2, Event::Archived),
            change(3, Event::Unarchived)
        ]),
        DeliveryStatus::Active
    );
}

#[test]
fn an_opt_out_holds_through_messages_until_it_is_taken_back() {
    let delivery_status = |changes: &[Change]| match after(changes) {
        Some(ReferenceRecord::Installed(record)) => record.target.delivery_status,
        _ => panic!("not installed"),
    };
    let out = change(2, Event::OptedOut);
    assert_eq!(
        delivery_status(&[installed(1), out.clone(), seen(3)]),
        DeliveryStatus::OptedOut
    );
    assert_eq!(
        delivery_status(&[installed(1), out, change(3, Event::OptedIn)]),
        DeliveryStatus::Active
    );
    assert_eq!(
        delivery_status(&[installed(1), change(2, Event::OptedIn)]),
        DeliveryStatus::Active
    );
}

#[test]
fn a_rename_changes_the_name_in_the_reference() {
    let mut named = installation(1);
    named.reference = reference(&json!({"id": "19:team@thread.tacv2", "name": "Ops"}));
    let install = change(1, Event::Installed(Box::new(named)));
    let Some(ReferenceRecord::Installed(record)) =
        after(&[install, change(2, Event::Renamed("Ops (EU)".into()))])
    else {
        panic!("not installed")
    };
    assert_eq!(record.reference["conversation"]["name"], "Ops (EU)");
}

#[test]
fn a_message_that_leaves_the_name_out_does_not_erase_it() {
    let with = |second: i64, conversation: &Value| {
        let mut installation = installation(second);
        installation.reference = reference(conversation);
        Box::new(installation)
    };
    let mut named = with(1, &json!({"id": "19:team@thread.tacv2", "name": "Ops"}));
    named.target.name = Some("Ops".into());
    let message = change(2, Event::Seen(with(2, &json!({"id": "19:team@thread.tacv2"}))));
    let Some(ReferenceRecord::Installed(record)) = after(&[change(1, Event::Installed(named)), message])
    else {
        panic!("not installed")
    };
    assert_eq!(record.reference["conversation"]["name"], "Ops");
    assert_eq!(record.target.name.as_deref(), Some("Ops"));
}

proptest! {
    #[test]
    fn whatever_the_order_of_arrival_the_newest_of_install_and_removal_wins(
        events in proptest::collection::vec((1i64..20, 0u8..3), 1..12).prop_shuffle(),
    ) {
        let changes: Vec<Change> = events.iter().map(|(second, kind)| match kind {
            0 => installed(*second),
            1 => seen(*second),
            _ => removed(*second),
        }).collect();
        let newest_install = changes.iter().filter(|c| c.event != Event::Removed).map(|c| c.at).max();
        let newest_removal = changes.iter().filter(|c| c.event == Event::Removed).map(|c| c.at).max();
        prop_assert_eq!(is_installed(after(&changes).as_ref()), newest_install > newest_removal);
    }
}

fn with_channel(second: i64, channel: &str) -> Change {
    let mut installation = installation(second);
    installation.target.preferred_channel = Some(channel.into());
    change(second, Event::Installed(Box::new(installation)))
}

fn absent_at(changes: &[Change]) -> Option<Timestamp> {
    match after(changes) {
        Some(ReferenceRecord::Installed(installation)) => installation.target.preferred_channel_absent_at,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_bot_may_leave_the_selected_channel_and_come_back() {
    let alerts = "19:alerts@thread.tacv2";
    let left = |second, channel: &str| change(second, Event::ChannelLeft(channel.into()));
    let restored = |second| change(second, Event::ChannelRestored(alerts.into()));
    let selected = || with_channel(1, alerts);
    assert_eq!(absent_at(&[selected(), left(2, alerts)]), Some(at(2)));
    assert_eq!(absent_at(&[selected(), left(2, "19:other@thread.tacv2")]), None);
    assert_eq!(absent_at(&[selected(), left(2, alerts), restored(3)]), None);
    // A message in General and a reinstall that names no channel say nothing of the channel.
    let later = [seen(3), installed(4)];
    assert_eq!(
        absent_at(&[&[selected(), left(2, alerts)], &later[..]].concat()),
        Some(at(2))
    );
    // One that picks a channel does.
    assert_eq!(
        absent_at(&[selected(), left(2, alerts), with_channel(5, alerts)]),
        None
    );
}
