//! How a slice ends, and what the next owner finds.

use super::*;
use crate::{
    ports::LeaseError,
    store::ledger::Certainty,
    worker::state::{AfterNote, LeftAt, Noted, Ownership, Release, Unlisted, WorkItem},
};

fn release(rig: Rig) -> Release {
    let now = rig.now();
    rig.state.release(now)
}

/// Renewals fail from now on.
fn lose_the_store(rig: &mut Rig) {
    rig.store = Store::HoldsAppends;
}

#[test]
fn an_empty_lane_is_released_at_once() {
    let mut rig = Rig::new();
    rig.run();
    assert!(rig.state.has_ended());
    assert_eq!(release(rig).ownership, Ownership::Held);
}

#[test]
fn a_lane_with_work_is_held_until_a_second_after_the_last_post() {
    let mut rig = Rig::to(1);
    rig.run();
    let posted = rig.at;
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    let part = rig.effect(|effect| match effect {
        Effect::EndPart { part, .. } => Some(*part),
        _ => None,
    });
    rig.take(Event::PartEnded {
        part: part.unwrap(),
        result: Ok(()),
    });
    rig.pass(Duration::from_millis(1_000));
    assert!(!rig.state.has_ended());
    rig.pass(Duration::from_millis(10));
    assert!(rig.state.has_ended());
    assert!(rig.at - posted >= Duration::from_millis(1_005));
}

#[test]
fn at_the_end_of_a_slice_what_was_not_posted_is_certain_again() {
    let mut rig = Rig::to(60_000);
    rig.at = SLICE - Duration::from_millis(500);
    rig.run();
    let posted = rig.calls.len();
    rig.pass(Duration::from_millis(600));
    rig.answer_all(Verdict::Delivered(None));
    assert!(rig.calls.is_empty());
    rig.pass(Duration::from_secs(2));
    assert!(rig.state.has_ended());
    let rows = rig.replay("one").rows;
    assert!(rows.iter().all(|row| row.state != RowState::Intended));
    assert!(posted > 0);
}

#[test]
fn answers_are_waited_for_but_not_for_ever() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.take(Event::ProcessEnding);
    rig.pass(Duration::from_secs(12));
    assert!(!rig.state.has_ended());
    rig.pass(Duration::from_millis(100));
    assert!(rig.state.has_ended());
}

#[test]
fn the_successor_is_woken_ten_seconds_ahead_once() {
    let mut rig = Rig::to(60_000);
    rig.at = SLICE - Duration::from_secs(11);
    rig.run();
    let notice = |rig: &mut Rig| {
        rig.effect(|effect| {
            matches!(
                effect,
                Effect::WriteNote {
                    then: AfterNote::WakeSuccessor,
                    ..
                }
            )
            .then_some(())
        })
    };
    assert!(notice(&mut rig).is_none());
    rig.pass(Duration::from_secs(2));
    assert!(notice(&mut rig).is_some());
    rig.pass(Duration::from_secs(2));
    assert!(notice(&mut rig).is_none());
}

#[test]
fn what_must_wait_long_is_handed_over_with_its_wait() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotNow {
        retry_after: Some(Duration::from_secs(300)),
    }));
    rig.pass(Duration::from_secs(3));
    assert!(rig.state.has_ended());
    let wait = release(rig).wait.unwrap();
    assert!(
        wait > Duration::from_secs(295) && wait <= Duration::from_secs(300),
        "{wait:?}"
    );
}

#[test]
fn what_expires_sooner_than_it_may_be_sent_is_not_waited_for_longer() {
    let mut rig = Rig::new();
    let short = Notification {
        expires_at: Timestamp::from_second(60).unwrap(),
        ..notification("one", 1)
    };
    rig.add(short, vec![recipient(0)]);
    rig.run();
    rig.answer(of(Verdict::NotNow {
        retry_after: Some(Duration::from_secs(300)),
    }));
    rig.pass(Duration::from_secs(3));
    assert!(release(rig).wait.unwrap() <= Duration::from_secs(60));
}

#[test]
fn nobody_is_posted_to_when_the_lease_may_have_ended() {
    let mut rig = Rig::to(60_000);
    rig.run();
    // The lease was asked for at 0 and lasts for 30 s; renewals are asked for and not answered.
    let first = rig.calls.len();
    rig.at = LEASE - Duration::from_secs(10);
    let now = rig.now();
    rig.state.plan_work(now);
    assert!(matches!(rig.state.next_call(now), NextCall::None));
    assert!(first > 0);
}

#[test]
fn a_lost_lease_or_another_owner_s_line_ends_it_at_once() {
    let mut lost = Rig::to(100);
    lost.run();
    lost.take(Event::Renewed {
        started: lost.now().at,
        result: Err(LeaseError::Lost),
    });
    let mut fenced = Rig::to(100);
    lose_the_store(&mut fenced);
    fenced.run();
    fenced.take(Event::Appended {
        part: 0,
        chunk: 0,
        started: fenced.now().at,
        end: AppendEnd::Fenced,
    });
    for mut rig in [lost, fenced] {
        let before = rig.calls.len();
        rig.pass(Duration::from_millis(100));
        assert!(rig.state.has_ended());
        assert_eq!(rig.calls.len(), before);
        assert_eq!(release(rig).ownership, Ownership::Lost);
    }
}

#[test]
fn the_next_owner_keeps_a_pause_of_the_tenant() {
    let mut rig = Rig::to(100);
    rig.run();
    rig.answer(of(Verdict::Throttled {
        retry_after: Some(Duration::from_secs(15)),
    }));
    let known = release(rig).rate_limiter;
    let mut next = Rig::after(known);
    next.add(notification("one", 100), (0..100).map(recipient).collect());
    next.pass(Duration::from_secs(14));
    assert!(next.calls.is_empty());
    next.pass(Duration::from_secs(2));
    assert!(!next.calls.is_empty());
}

/// Learnt at fifty a second; a share of 0.5 of likely delays counts.
fn bold() -> Snapshot {
    serde_json::from_str(r#"{"learnt":{"rate":50,"step":2}}"#).unwrap()
}

/// The note of what the rate limiter knows, if one is asked for.
fn lessons_noted(rig: &mut Rig) -> Option<String> {
    rig.effect(|effect| match effect {
        Effect::WriteNote {
            note,
            then: AfterNote::Nothing,
        } => serde_json::to_string(&note.rate_limiter).ok(),
        _ => None,
    })
}

#[test]
fn what_a_429_taught_is_noted_at_once_one_note_at_a_time() {
    let mut rig = Rig::after(bold());
    rig.add(notification("one", 300), (0..300).map(recipient).collect());
    let throttled = || {
        of(Verdict::Throttled {
            retry_after: Some(Duration::from_secs(1)),
        })
    };
    rig.pass(Duration::from_millis(500));
    assert_eq!(lessons_noted(&mut rig), None);
    rig.answer(throttled());
    rig.run();
    let first = lessons_noted(&mut rig).unwrap();
    assert!(first.contains(r#""step":1,"refused":[0,0,1,0]"#), "{first}");
    // Those who were under way then say nothing of the new step.
    rig.teams = Some(Verdict::Throttled {
        retry_after: Some(Duration::from_secs(1)),
    });
    rig.pass(Duration::from_millis(600));
    assert_eq!(rig.state.rate_limiter.lessons(), 1);
    rig.teams = None;
    rig.pass(Duration::from_millis(1_500));
    rig.answer(throttled());
    rig.run();
    assert_eq!(lessons_noted(&mut rig), None, "the first is still being written");
    rig.take(Event::Noted);
    rig.run();
    let second = lessons_noted(&mut rig).unwrap();
    assert!(second.contains(r#""step":0,"refused":[0,1,1,0]"#), "{second}");
}

/// The ledger of an owner that died with 3 people intended, of whom one was answered.
fn interrupted() -> Vec<u8> {
    let mut rig = Rig::to(3);
    rig.pass(Duration::from_secs(1));
    rig.answer(of(Verdict::Delivered(None)));
    rig.pass(Duration::from_secs(3));
    rig.ledgers.remove("ledger of one").unwrap()
}

#[test]
fn what_a_dead_owner_left_is_uncertain_and_posted_again() {
    let mut rig = Rig::new();
    rig.add_with(
        notification("one", 3),
        (0..3).map(recipient).collect(),
        &interrupted(),
    );
    rig.pass(Duration::from_secs(1));
    assert_eq!(
        rig.calls.iter().map(|(slot, _)| slot.n).collect::<Vec<_>>(),
        [1, 2]
    );
    rig.answer_all(Verdict::Delivered(None));
    let sums = rig.ended().unwrap();
    assert_eq!((sums.counts.delivered, sums.resent), (3, 2));
}

#[test]
fn what_a_dead_owner_left_is_an_end_where_the_request_says_report() {
    let mut rig = Rig::new();
    let report = Notification {
        on_uncertain: OnUncertain::Report,
        ..notification("one", 3)
    };
    rig.add_with(report, (0..3).map(recipient).collect(), &interrupted());
    rig.run();
    assert!(rig.calls.is_empty());
    assert_eq!(rig.outcome(1), Some(("uncertain", "interrupted".to_owned(), 1)));
    assert_eq!(rig.ended().unwrap().counts.uncertain, 2);
}

#[test]
fn a_wait_that_lies_beyond_an_hour_is_a_clock_that_was_set_back() {
    let mut dead = Rig::to(2);
    dead.run();
    dead.answer(of(Verdict::NotNow {
        retry_after: Some(Duration::from_secs(3 * 3600)),
    }));
    dead.answer_all(Verdict::NotNow {
        retry_after: Some(Duration::from_secs(60)),
    });
    dead.pass(Duration::from_secs(3));
    let lines = dead.lines();
    assert!(
        lines
            .iter()
            .flat_map(|line| &line.returned)
            .all(|row| row.certainty == Certainty::Certain)
    );
    let ledger = dead.ledgers.remove("ledger of one").unwrap();
    let mut rig = Rig::new();
    rig.add_with(notification("one", 2), (0..2).map(recipient).collect(), &ledger);
    rig.run();
    assert_eq!(rig.calls.iter().map(|(slot, _)| slot.n).collect::<Vec<_>>(), [0]);
}

/// A part that its planner brings into an empty lane.
fn fresh() -> Rig {
    let mut planned = Rig::to(1);
    let part = planned.parts.pop_first().unwrap().1.without_work_item();
    let work = Work::Only {
        part: Box::new(part),
        signal: SignalVersion::of(&Etag("7".into())),
        planned: Moment::at(Duration::ZERO),
    };
    let mut rig = Rig::with(Snapshot::default(), work);
    rig.signal = SignalVersion::of(&Etag("7".into()));
    rig.ledgers = planned.ledgers;
    rig
}

/// The part's end is written.
fn end(rig: &mut Rig) -> WorkItem {
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    let (part, work_item) = rig
        .effect(|effect| match effect {
            Effect::EndPart { part, work_item, .. } => Some((*part, work_item.clone())),
            _ => None,
        })
        .unwrap();
    rig.take(Event::PartEnded { part, result: Ok(()) });
    rig.pass(Duration::from_secs(2));
    work_item
}

#[test]
fn a_fresh_part_is_sent_without_a_look_at_the_lane() {
    let mut rig = fresh();
    let now = rig.now();
    rig.state.plan_work(now);
    let asked = rig.state.effects().collect::<Vec<_>>();
    assert!(matches!(asked[..], [Effect::Compose { .. }]));
    for effect in asked {
        rig.perform(effect);
    }
    rig.run();
    assert_eq!(end(&mut rig), WorkItem::None);
    assert!(rig.state.has_ended());
    let left = release(rig);
    assert_eq!(left.left, LeftAt::Nothing(SignalVersion::of(&Etag("7".into()))));
    assert_eq!(left.unlisted, Unlisted::None);
}

#[test]
fn a_fresh_part_that_was_announced_meanwhile_has_a_work_item_to_delete() {
    let mut rig = fresh();
    rig.run();
    let item = "lanes/bot/tenant/work/1-000000000000000-one".to_owned();
    rig.take(Event::Signalled);
    rig.run_with_items(vec![item.clone()]);
    assert_eq!(end(&mut rig), WorkItem::Stored(item));
}

#[test]
fn a_fresh_part_that_is_not_ended_is_left_to_be_announced() {
    let mut rig = fresh();
    rig.run();
    rig.take(Event::ProcessEnding);
    rig.pass(Duration::from_secs(13));
    assert!(rig.state.has_ended());
    assert_eq!(release(rig).unlisted, Unlisted::Left);
}

#[test]
fn what_is_left_is_known_only_at_the_version_that_was_read_before_the_listing() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotNow {
        retry_after: Some(Duration::from_secs(300)),
    }));
    rig.signal = SignalVersion::of(&Etag("8".into()));
    rig.take(Event::ProcessEnding);
    rig.pass(Duration::from_secs(3));
    assert_eq!(release(rig).left, LeftAt::Work(SignalVersion::never()));
}

/// A lane in which one has to wait for five minutes.
fn throttled() -> Rig {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotNow {
        retry_after: Some(Duration::from_secs(300)),
    }));
    rig
}

const ALERT: &str = "lanes/bot/tenant/work/0-000000000000001-alert";

#[test]
fn a_lane_does_not_rest_over_an_alert_that_was_listed_and_not_claimed() {
    let mut rig = throttled();
    rig.signal = SignalVersion::of(&Etag("8".into()));
    rig.take(Event::Signalled);
    let _ = rig.state.effects().count();
    let known = "lanes/bot/tenant/work/1-000000000000000-one".to_owned();
    rig.take(Event::WorkItems(Ok(vec![ALERT.to_owned(), known])));
    let now = rig.now();
    rig.state.plan_work(now);
    let claims = |effect: &Effect| matches!(effect, Effect::Claim { work_item } if work_item == ALERT);
    assert!(rig.state.effects().any(|effect| claims(&effect)), "it goes on");
    // Its claim fails, and is to be tried again.
    rig.take(Event::Claimed {
        work_item: ALERT.to_owned(),
        result: Err(StoreError::unavailable("away")),
    });
    rig.take(Event::ProcessEnding);
    rig.pass(Duration::from_secs(2));
    let left = release(rig);
    assert_eq!((left.wait, left.left), (None, LeftAt::Unknown));
}

#[test]
fn a_lane_does_not_rest_over_a_change_that_it_has_not_read() {
    let mut rig = throttled();
    rig.signal = SignalVersion::of(&Etag("8".into()));
    rig.take(Event::Signalled);
    let _ = rig.state.effects().count();
    rig.take(Event::WorkItems(Ok(vec![
        "lanes/bot/tenant/work/1-000000000000000-one".to_owned(),
    ])));
    assert!(
        rig.state
            .effects()
            .any(|effect| matches!(effect, Effect::Refresh { .. }))
    );
    rig.take(Event::ProcessEnding);
    rig.pass(Duration::from_secs(13));
    let left = release(rig);
    assert_eq!((left.wait, left.left), (None, LeftAt::Unknown));
}

#[test]
fn an_owner_that_gave_notice_writes_its_note_at_the_end() {
    let mut rig = Rig::to(60_000);
    rig.at = SLICE - Duration::from_secs(9);
    rig.run();
    rig.pass(Duration::from_secs(25));
    assert_eq!(release(rig).noted, Noted::Anew);
}

#[test]
fn a_work_item_that_came_while_the_end_was_written_is_claimed_once_more() {
    let mut rig = fresh();
    rig.run();
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    let item = "lanes/bot/tenant/work/1-000000000000000-one".to_owned();
    rig.take(Event::Signalled);
    let _ = rig.state.effects().count();
    rig.take(Event::WorkItems(Ok(vec![item.clone()])));
    rig.take(Event::PartEnded {
        part: 0,
        result: Ok(()),
    });
    let now = rig.now();
    rig.state.plan_work(now);
    let claimed = rig
        .state
        .effects()
        .any(|effect| matches!(effect, Effect::Claim { work_item } if work_item == item));
    assert!(claimed, "its work item is there");
}
