//! Notifications that stand still, and what is known of changes to them.

use super::*;
use crate::notification::{Stop, StopReason};
use crate::store::record::RecordError;

fn paused(id: &str, rows: u32) -> Notification {
    let mut paused = notification(id, rows);
    paused.stops.push(Stop {
        tenant: None,
        reason: StopReason::Paused,
        at: Timestamp::UNIX_EPOCH,
    });
    paused
}

fn refreshed(rig: &mut Rig, result: Result<Option<Stored>, StoreError>) {
    rig.take(Event::Refreshed { part: 0, result });
}

/// How many of the first notification were posted to, by its ledger.
fn tried(rig: &Rig) -> usize {
    let rows = rig.replay("one").rows;
    rows.iter().filter(|row| row.attempts > 0).count()
}

#[test]
fn what_a_paused_part_intended_comes_back_and_others_go_on() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    let posted = rig.calls.len();
    refreshed(&mut rig, Ok(Some(stored(paused("one", 200)))));
    rig.pass(Duration::from_millis(200));
    assert_eq!(rig.calls.len(), posted, "nothing more is posted");
    rig.answer_all(Verdict::Delivered(None));
    let log = rig.replay("one").rows;
    assert!(log.iter().all(|row| row.state != RowState::Intended));
    assert_eq!(
        log[posted].ambiguous_attempts, 0,
        "what was taken back is certain"
    );
    assert!(
        rig.effect(|effect| matches!(effect, Effect::Retire { .. }).then_some(()))
            .is_some()
    );
}

#[test]
fn nothing_is_posted_while_the_notifications_cannot_be_read_again() {
    let mut rig = Rig::to(1_000);
    rig.pass(Duration::from_millis(500));
    rig.store = Store::HoldsReadings;
    rig.signal = SignalVersion::of(&Etag("changed".into()));
    rig.teams = Some(Verdict::Delivered(None));
    // The signal changed and its reading was answered by nobody: three seconds later what is known is too old.
    rig.pass(Duration::from_secs(6));
    let posted = tried(&rig);
    rig.pass(Duration::from_secs(3));
    let later = tried(&rig);
    assert_eq!(later, posted);
    refreshed(&mut rig, Ok(Some(stored(notification("one", 1_000)))));
    rig.pass(Duration::from_secs(3));
    let now = tried(&rig);
    assert!(now > posted);
}

#[test]
fn a_record_of_a_newer_version_ends_the_sending_here() {
    let mut rig = Rig::to(200);
    rig.pass(Duration::from_millis(500));
    let posted = rig.calls.len();
    refreshed(&mut rig, Err(RecordError::UnknownVersion(9).into()));
    rig.answer_all(Verdict::Delivered(None));
    assert_eq!(tried(&rig), posted);
    assert!(
        rig.effect(|effect| matches!(effect, Effect::Retire { .. }).then_some(()))
            .is_some(),
        "it leaves memory"
    );
}

#[test]
fn what_was_claimed_before_a_change_is_read_again_before_it_is_sent() {
    let mut rig = Rig::to(5);
    rig.pass(Duration::from_millis(200));
    rig.store = Store::HoldsReadings;
    rig.add(notification("two", 5), (0..5).map(recipient).collect());
    let item = rig.parts.keys().next().unwrap().clone();
    let part = rig.parts.remove(&item).unwrap();
    // It is listed, and claimed by a job that takes its time.
    rig.take(Event::Signalled);
    rig.effects.clear();
    let asked: Vec<Effect> = rig.state.effects().collect();
    assert!(asked.iter().any(|effect| matches!(effect, Effect::ListWorkItems)));
    rig.take(Event::WorkItems(Ok(vec![item.clone()])));
    let now = rig.now();
    rig.state.plan_work(now);
    let claim = |effect: &Effect| matches!(effect, Effect::Claim { .. });
    assert!(rig.state.effects().any(|effect| claim(&effect)));
    // Meanwhile the lane is told of a change.
    rig.take(Event::Signalled);
    let _ = rig.state.effects().count();
    rig.take(Event::WorkItems(Ok(vec![item.clone()])));
    let _ = rig.state.effects().count();
    rig.take(Event::Claimed {
        work_item: item,
        result: Ok(Claimed::Part(Box::new(part))),
    });
    rig.teams = Some(Verdict::Delivered(None));
    rig.pass(Duration::from_millis(800));
    assert!(rig.replay("two").rows.iter().all(|row| row.attempts == 0));
    let key = rig
        .effect(|effect| match effect {
            Effect::Refresh { part, id } if id.as_str() == "two" => Some(*part),
            _ => None,
        })
        .unwrap();
    rig.take(Event::Refreshed {
        part: key,
        result: Ok(Some(stored(paused("two", 5)))),
    });
    rig.pass(Duration::from_secs(2));
    assert!(rig.replay("two").rows.iter().all(|row| row.attempts == 0));
}
