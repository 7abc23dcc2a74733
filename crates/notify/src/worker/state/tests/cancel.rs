//! Recipients that end without an attempt, and notifications that stand still.

use super::*;
use crate::notification::{Stop, StopReason};

/// The store says that the first part's notification is now this.
fn refresh(rig: &mut Rig, change: impl FnOnce(&mut Notification)) {
    let mut changed = notification("one", 200);
    change(&mut changed);
    rig.take(Event::Refreshed {
        part: 0,
        asked: rig.now().at,
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

/// Three refused tokens: the store is asked to stop it, and says when it knows.
fn stopped() -> Rig {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    for _ in 0..3 {
        rig.answer(of(Verdict::Unauthorized));
    }
    rig.run();
    assert!(
        rig.effect(|effect| matches!(effect, Effect::Stop { .. }).then_some(()))
            .is_some()
    );
    rig
}

fn stop() -> Stop {
    Stop {
        tenant: None,
        reason: StopReason::Unauthorized,
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_stopped_notification_leaves_memory_when_nothing_of_it_is_open() {
    let mut rig = stopped();
    let mut known = notification("one", 200);
    known.stops.push(stop());
    rig.take(Event::Stopped {
        part: 0,
        stored: stored(known),
    });
    let retired = |rig: &mut Rig| rig.effect(|effect| matches!(effect, Effect::Retire { .. }).then_some(()));
    rig.run();
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
fn a_resume_that_came_right_after_the_stop_goes_on() {
    let mut rig = stopped();
    let before = rig.calls.len();
    let mut known = notification("one", 200);
    known.stops.push(stop());
    rig.take(Event::Stopped {
        part: 0,
        stored: stored(known),
    });
    refresh(&mut rig, |_| {});
    rig.pass(Duration::from_secs(3));
    assert!(rig.calls.len() > before);
}
