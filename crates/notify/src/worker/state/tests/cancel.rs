//! Recipients that end without an attempt, and notifications that stand still.

use super::*;
use crate::notification::{Stop, StopReason};

/// The store says that the first part's notification is now this.
fn refresh(rig: &mut Rig, change: impl FnOnce(&mut Notification)) {
    let mut changed = notification("one", 200);
    change(&mut changed);
    rig.take(Event::Refreshed {
        part: 0,
        result: Ok(Some(stored(changed))),
    });
    // Within two seconds it is written, whether Teams answers or not.
    rig.pass(Duration::from_millis(2_001));
}

#[test]
fn a_cancel_spares_whoever_was_not_posted_to() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    let posted = rig.calls.len();
    refresh(&mut rig, |one| one.cancelled_at = Some(Timestamp::UNIX_EPOCH));
    assert_eq!(rig.outcome(199), Some(("cancelled", "cancelled".to_owned(), 0)));
    // Intended, and not posted: certainly not sent.
    assert_eq!(
        rig.outcome(posted),
        Some(("cancelled", "cancelled".to_owned(), 0))
    );
    assert_eq!(rig.outcome(0), None, "Teams has not answered yet");
    rig.answer_all(Verdict::Delivered(None));
    rig.pass(Duration::from_secs(3));
    let sums = rig.ended().unwrap();
    let delivered = u64::try_from(posted).unwrap();
    assert_eq!(
        (sums.counts.delivered, sums.counts.cancelled),
        (delivered, 200 - delivered)
    );
}

#[test]
fn who_may_have_got_it_is_not_cancelled_but_uncertain() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    rig.answer(of(Verdict::Ambiguous));
    refresh(&mut rig, |one| one.cancelled_at = Some(Timestamp::UNIX_EPOCH));
    assert_eq!(rig.outcome(0), Some(("uncertain", "cancelled".to_owned(), 1)));
}

#[test]
fn what_expires_is_skipped() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    let posted = rig.calls.len();
    refresh(&mut rig, |one| {
        one.expires_at = Timestamp::from_second(1).unwrap()
    });
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.outcome(199), Some(("skipped", "expired".to_owned(), 0)));
    assert!(posted < 100);
}

#[test]
fn a_message_that_cannot_be_made_is_rejected_for_all() {
    let mut rig = Rig::to(3);
    let now = rig.now();
    rig.state.plan_work(now);
    let effects: Vec<Effect> = rig.state.effects().collect();
    assert!(matches!(effects[0], Effect::ReadChangeSignal { known: None }));
    rig.take(Event::ChangeSignal(Ok(Some(rig.signal.clone()))));
    rig.perform(Effect::ListWorkItems);
    let work_item = rig.parts.keys().next().unwrap().clone();
    rig.perform(Effect::Claim { work_item });
    rig.take(Event::Composed {
        part: 0,
        result: Err(ContentError::TooLarge { bytes: 2, limit: 1 }),
    });
    rig.effects.clear();
    let _ = rig.state.effects().count();
    rig.run();
    assert!(rig.calls.is_empty());
    assert_eq!(rig.outcome(2), Some(("rejected", "too-large".to_owned(), 0)));
}

fn stop() -> Stop {
    Stop {
        tenant: None,
        reason: StopReason::Unauthorized,
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_notification_that_an_earlier_version_stopped_leaves_memory_when_nothing_of_it_is_open() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    let retired = |rig: &mut Rig| rig.effect(|effect| matches!(effect, Effect::Retire { .. }).then_some(()));
    refresh(&mut rig, |known| known.stops.push(stop()));
    assert!(retired(&mut rig).is_none(), "Teams has not answered all");
    rig.answer_all(Verdict::Delivered(None));
    rig.pass(Duration::from_secs(3));
    assert!(retired(&mut rig).is_some());
    let rows = rig.replay("one").rows;
    assert!(
        rows.iter().all(|row| row.state != RowState::Intended),
        "it can be resumed"
    );
}

#[test]
fn what_a_newer_run_superseded_is_skipped() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    refresh(&mut rig, |known| {
        known.superseded_at = Some(Timestamp::UNIX_EPOCH)
    });
    rig.answer_all(Verdict::Delivered(None));
    assert_eq!(rig.outcome(199), Some(("skipped", "superseded".to_owned(), 0)));
    assert!(rig.ended().is_some());
}
