//! Rows that can't be reached as they were planned: General in the place of a channel, another address for a wrong one.

use super::*;
use crate::{
    ids::{ConversationId, ServiceUrl},
    recipient::Fallback,
    store::ledger::Settled,
    worker::state::{NewestAddresses, effect::ReferenceUpdate, event::Call},
};

const CHANNEL: &str = "19:alerts@thread.tacv2";
const GENERAL: &str = "19:general@thread.tacv2";
const WRONG: &str = "https://smba.trafficmanager.net/emea/";
const RIGHT: &str = "https://smba.trafficmanager.net/de/";

/// A team's selected channel.
fn channel(fallback: Fallback) -> Recipient {
    Recipient {
        conversation: CHANNEL.into(),
        root: Some(GENERAL.into()),
        fallback,
        scope: Scope::Team,
        user: None,
        ..recipient(0)
    }
}

/// Time for a permit.
fn soon(rig: &mut Rig) {
    rig.pass(Duration::from_millis(500));
}

/// The first post to one recipient is under way.
fn posting(recipient: Recipient) -> Rig {
    let mut rig = Rig::new();
    rig.add(notification("one", 1), vec![recipient]);
    soon(&mut rig);
    rig
}

/// The oldest call: what, to where, by which address.
fn call(rig: &Rig) -> (Call, &ConversationId, &ServiceUrl) {
    let slot = &rig.calls[0].0;
    (
        slot.call,
        &slot.recipient.conversation,
        &slot.recipient.service_url,
    )
}

fn is_posting_to(rig: &Rig, conversation: &str) -> bool {
    rig.calls.len() == 1 && call(rig).0 == Call::Post && call(rig).1.as_str() == conversation
}

fn settled(rig: &Rig) -> Settled {
    match &rig.replay("one").rows[0].state {
        RowState::Settled(settled) => (**settled).clone(),
        other => panic!("no outcome: {other:?}"),
    }
}

fn update(rig: &mut Rig) -> Option<(ReferenceUpdate, Arc<Recipient>)> {
    rig.effect(|effect| match effect {
        Effect::UpdateReference {
            update, recipient, ..
        } => Some((update.clone(), recipient.clone())),
        _ => None,
    })
}

#[test]
fn general_takes_the_message_of_a_selected_channel_that_is_not_there() {
    for verdict in [Verdict::NotFound, Verdict::Uninstalled] {
        let mut rig = posting(channel(Fallback::General));
        assert!(is_posting_to(&rig, CHANNEL));
        rig.answer(of(verdict));
        soon(&mut rig);
        assert!(is_posting_to(&rig, GENERAL), "at once");
        assert_eq!(rig.replay("one").rows[0].ambiguous_attempts, 0);
        rig.answer(of(Verdict::Delivered(Some("17".into()))));
        soon(&mut rig);
        let settled = settled(&rig);
        assert_eq!((settled.outcome.as_str(), settled.attempts), ("delivered", 2));
        // Where edits and recalls find it.
        assert_eq!(settled.conversation, Some(GENERAL.into()));
        assert_eq!(settled.activity, Some("17".into()));
        let (update, of) = update(&mut rig).unwrap();
        assert_eq!(update, ReferenceUpdate::ChannelAbsent);
        assert_eq!(of.root, Some(GENERAL.into()));
    }
}

#[test]
fn a_channel_that_the_request_named_is_tried_once_more_and_gone() {
    let mut rig = posting(channel(Fallback::None));
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(14));
    assert!(rig.calls.is_empty());
    rig.pass(Duration::from_secs(2));
    assert!(is_posting_to(&rig, CHANNEL));
    rig.answer(of(Verdict::NotFound));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("gone", String::new(), 2)));
    assert_eq!(settled(&rig).conversation, None);
    assert!(update(&mut rig).is_none());
}

#[test]
fn where_general_is_not_there_either_its_answers_count() {
    let mut rig = posting(channel(Fallback::General));
    rig.answer(of(Verdict::NotFound));
    soon(&mut rig);
    rig.answer(of(Verdict::Uninstalled));
    rig.pass(Duration::from_secs(14));
    assert!(rig.calls.is_empty());
    rig.pass(Duration::from_secs(2));
    assert!(is_posting_to(&rig, GENERAL), "General is tried once more");
    rig.answer(of(Verdict::Uninstalled));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("uninstalled", String::new(), 3)));
    assert!(update(&mut rig).is_none(), "the channel is not to blame");
}

#[test]
fn other_answers_of_a_channel_do_not_lead_to_general() {
    for verdict in [Verdict::Rejected, Verdict::Blocked] {
        let mut rig = posting(channel(Fallback::General));
        rig.answer(of(verdict));
        soon(&mut rig);
        assert!(rig.calls.is_empty());
        assert_eq!(settled(&rig).conversation, None);
    }
}

#[test]
fn an_edit_of_a_message_in_a_channel_stays_there() {
    let mut rig = Rig::new();
    let edit = Notification {
        kind: NotificationKind::Update("parent".into()),
        ..notification("one", 1)
    };
    rig.add(edit, vec![channel(Fallback::General)]);
    soon(&mut rig);
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(16));
    assert_eq!((call(&rig).0, call(&rig).1.as_str()), (Call::Update, CHANNEL));
}

fn wrong(status: u16, named: Option<&str>) -> Answer {
    Answer {
        verdict: Verdict::WrongAddress {
            named: named.map(ServiceUrl::from),
        },
        status: Some(status),
        code: Some("BadArgument".into()),
    }
}

fn asks_for_addresses(rig: &mut Rig) -> bool {
    rig.effect(|effect| matches!(effect, Effect::ReadAddresses).then_some(()))
        .is_some()
}

/// The tenant's references are at these addresses, the newest last.
fn addresses(rig: &mut Rig, references: &[&str]) {
    assert!(asks_for_addresses(rig));
    let mut newest = NewestAddresses::default();
    for (second, address) in references.iter().enumerate() {
        newest.add(&(*address).into(), Timestamp::from_second(second as i64).unwrap());
    }
    rig.take(Event::Addresses(Ok(newest)));
    soon(rig);
}

#[test]
fn the_address_that_an_answer_names_is_tried_and_stored() {
    let mut rig = posting(recipient(0));
    assert_eq!(call(&rig).2.as_str(), WRONG);
    rig.answer(wrong(403, Some(RIGHT)));
    soon(&mut rig);
    assert!(!asks_for_addresses(&mut rig));
    assert_eq!((call(&rig).1.as_str(), call(&rig).2.as_str()), ("a:0", RIGHT));
    rig.answer(of(Verdict::Delivered(None)));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("delivered", String::new(), 2)));
    let (update, recipient) = update(&mut rig).unwrap();
    assert_eq!(update, ReferenceUpdate::Readdressed);
    assert_eq!(recipient.service_url.as_str(), RIGHT);
}

#[test]
fn else_the_newest_other_address_of_the_tenant_is_read_once() {
    let mut rig = Rig::to(2);
    soon(&mut rig);
    rig.answer(wrong(400, Some(WRONG)));
    soon(&mut rig);
    addresses(&mut rig, &["https://smba.trafficmanager.net/uk/", RIGHT, WRONG]);
    rig.answer(wrong(400, None));
    soon(&mut rig);
    assert!(!asks_for_addresses(&mut rig), "it is known now");
    let mut by: Vec<&str> = rig
        .calls
        .iter()
        .map(|(slot, _)| slot.recipient.service_url.as_str())
        .collect();
    by.dedup();
    assert_eq!((rig.calls.len(), by), (2, vec![RIGHT]));
    for _ in 0..2 {
        rig.answer(of(Verdict::Delivered(None)));
    }
    soon(&mut rig);
    assert_eq!(rig.outcome(0).unwrap().0, "delivered");
    assert_eq!(rig.outcome(1).unwrap().0, "delivered");
}

#[test]
fn without_another_address_the_status_says_what_it_is() {
    for (status, outcome, attempts) in [(400, "rejected", 2), (403, "failed", 4)] {
        let mut rig = posting(recipient(0));
        rig.answer(wrong(status, None));
        soon(&mut rig);
        assert_eq!(rig.outcome(0), None);
        addresses(&mut rig, &[WRONG]);
        while rig.outcome(0).is_none() {
            rig.pass(Duration::from_secs(16));
            rig.answer(wrong(status, None));
            soon(&mut rig);
        }
        assert_eq!(
            rig.outcome(0),
            Some((outcome, "BadArgument".to_owned(), attempts))
        );
        assert!(update(&mut rig).is_none());
    }
}

#[test]
fn a_second_wrong_address_is_an_end() {
    let mut rig = posting(recipient(0));
    rig.answer(wrong(403, Some(RIGHT)));
    soon(&mut rig);
    rig.answer(wrong(403, Some("https://smba.trafficmanager.net/uk/")));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("failed", "BadArgument".to_owned(), 2)));
    assert!(!asks_for_addresses(&mut rig));
}

#[test]
fn what_is_not_found_where_others_are_is_not_gone() {
    let mut rig = posting(channel(Fallback::None));
    rig.answer(wrong(400, None));
    soon(&mut rig);
    addresses(&mut rig, &[RIGHT]);
    rig.answer(of(Verdict::NotFound));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("failed", String::new(), 2)));
    // A message that was not found there may stand.
    let mut rig = Rig::new();
    let recall = Notification {
        kind: NotificationKind::Delete("parent".into()),
        ..notification("one", 1)
    };
    rig.add(recall, vec![channel(Fallback::General)]);
    soon(&mut rig);
    rig.answer(wrong(400, None));
    soon(&mut rig);
    addresses(&mut rig, &[RIGHT]);
    rig.answer(of(Verdict::MessageGone));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("failed", String::new(), 2)));
    // Where the answer named it, it is.
    let mut rig = posting(channel(Fallback::None));
    rig.answer(wrong(400, Some(RIGHT)));
    soon(&mut rig);
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(16));
    rig.answer(of(Verdict::NotFound));
    soon(&mut rig);
    assert_eq!(rig.outcome(0), Some(("gone", String::new(), 3)));
}

#[test]
fn addresses_that_can_not_be_read_are_asked_for_again() {
    let mut rig = posting(recipient(0));
    rig.answer(wrong(400, None));
    soon(&mut rig);
    assert!(asks_for_addresses(&mut rig));
    rig.take(Event::Addresses(Err(StoreError::unavailable("down"))));
    rig.pass(Duration::from_secs(16));
    assert_eq!(call(&rig).2.as_str(), WRONG, "Teams may have come back");
    rig.answer(wrong(400, None));
    soon(&mut rig);
    addresses(&mut rig, &[RIGHT]);
    assert_eq!(call(&rig).2.as_str(), RIGHT);
}

#[test]
fn what_ended_while_addresses_were_read_has_its_end() {
    let mut rig = posting(recipient(0));
    rig.answer(wrong(400, None));
    rig.pass(Duration::from_secs(16));
    rig.answer(of(Verdict::Delivered(None)));
    soon(&mut rig);
    addresses(&mut rig, &[RIGHT]);
    assert_eq!(rig.outcome(0).unwrap().0, "delivered");
    assert!(rig.calls.is_empty());
}

#[test]
fn a_wrong_address_says_nothing_of_the_tenant() {
    let mut rig = Rig::to(30);
    rig.teams = Some(Verdict::WrongAddress { named: None });
    rig.pass(Duration::from_secs(2));
    addresses(&mut rig, &[]);
    rig.pass(Duration::from_secs(60));
    assert!(rig.state.evidence.waiting().is_none());
    assert_eq!(rig.ended().unwrap().counts.failed, 30);
}

#[test]
fn a_chat_is_opened_again_at_the_other_address_too() {
    let mut rig = posting(recipient(0));
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    let (slot, started) = rig.calls.remove(0);
    assert_eq!(slot.call, Call::Open);
    rig.take(Event::Opened {
        slot,
        started,
        result: Err(wrong(403, Some(RIGHT))),
    });
    soon(&mut rig);
    assert_eq!((call(&rig).0, call(&rig).2.as_str()), (Call::Post, RIGHT));
}
