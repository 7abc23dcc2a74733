//! Who opts out while they are being sent to.

use super::*;
use crate::{person::PersonKey, recipient::BlockMark};

/// Row `n` opts out, and the lane's signal changes.
fn opt_out(rig: &mut Rig, n: u32) {
    let id = recipient(n).user.unwrap();
    rig.opt_outs = OptOuts::of([PersonKey::of(id.as_str()).hash()]);
    rig.signal = SignalVersion::of(&Etag(format!("signal {n}").into()));
}

#[test]
fn whoever_opted_out_since_they_were_planned_gets_nothing() {
    let mut rig = Rig::to(400);
    rig.teams = Some(Verdict::Delivered(None));
    rig.pass(Duration::from_secs(1));
    opt_out(&mut rig, 399);
    rig.pass(Duration::from_secs(20));
    assert_eq!(rig.outcome(399), Some(("skipped", "opted-out".to_owned(), 0)));
    assert_eq!(rig.outcome(398), Some(("delivered", String::new(), 1)));
}

#[test]
fn an_opt_out_reaches_those_who_are_intended_already() {
    let mut rig = Rig::to(60);
    rig.run();
    assert!(
        !rig.calls.is_empty() && rig.calls.len() < 60,
        "some are intended and not posted"
    );
    opt_out(&mut rig, 59);
    rig.teams = Some(Verdict::Delivered(None));
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.outcome(59), Some(("skipped", "opted-out".to_owned(), 0)));
}

#[test]
fn who_may_have_got_it_before_they_opted_out_is_uncertain() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::Ambiguous));
    opt_out(&mut rig, 0);
    rig.pass(Duration::from_secs(20));
    assert_eq!(rig.outcome(0), Some(("uncertain", "opted-out".to_owned(), 1)));
}

#[test]
fn an_opt_out_does_not_keep_a_message_from_being_edited() {
    let mut edit = notification("one", 1);
    edit.kind = NotificationKind::Update("parent".into());
    let mut rig = Rig::new();
    rig.add(edit, vec![recipient(0)]);
    opt_out(&mut rig, 0);
    rig.answer_all(Verdict::Delivered(None));
    assert_eq!(rig.outcome(0), Some(("delivered", String::new(), 1)));
}

#[test]
fn nobody_is_posted_to_while_it_is_not_known_who_opted_out() {
    let mut rig = Rig::to(1_000);
    rig.teams = Some(Verdict::Delivered(None));
    rig.pass(Duration::from_secs(2));
    rig.store = Store::Unreadable;
    rig.pass(Duration::from_secs(6));
    let posted = |rig: &Rig| {
        rig.replay("one")
            .rows
            .iter()
            .filter(|row| row.attempts > 0)
            .count()
    };
    let before = posted(&rig);
    rig.pass(Duration::from_secs(10));
    assert_eq!(posted(&rig), before, "the signal was read last more than 3 s ago");
    rig.store = Store::Quick;
    rig.pass(Duration::from_secs(5));
    assert!(posted(&rig) > before, "it goes on");
}

#[test]
fn a_marked_person_who_gets_the_message_is_no_longer_marked() {
    let marked = Recipient {
        block: BlockMark::Set,
        ..recipient(0)
    };
    let mut rig = Rig::new();
    rig.add(notification("one", 2), vec![marked, recipient(1)]);
    rig.answer_all(Verdict::Delivered(None));
    let update = |rig: &mut Rig| {
        rig.effect(|effect| match effect {
            Effect::UpdateReference {
                recipient, update, ..
            } => Some((recipient.n, update.clone())),
            _ => None,
        })
    };
    let unblocked = crate::worker::state::effect::ReferenceUpdate::Unblocked;
    assert_eq!(update(&mut rig), Some((0, unblocked)));
    assert_eq!(update(&mut rig), None);
}
