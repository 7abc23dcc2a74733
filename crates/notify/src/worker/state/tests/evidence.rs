//! One answer is one answer: single cases, wider faults, and a lane that waits.

use super::*;
use crate::evidence::Cause;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn coded(verdict: Verdict, code: &str) -> Answer {
    Answer {
        code: Some(code.into()),
        ..of(verdict)
    }
}

fn delivered() -> Verdict {
    Verdict::Delivered(None)
}

/// Answers all calls that are open, by the recipient's number, as long as time passes.
fn serve(rig: &mut Rig, time: Duration, answer: impl Fn(u32) -> Answer) {
    let end = rig.at + time;
    while rig.at < end && !rig.state.has_ended() {
        rig.pass(Duration::from_millis(50));
        while !rig.calls.is_empty() {
            let n = rig.calls[0].0.n;
            rig.answer(answer(n));
        }
    }
}

/// What the lane's owner leaves at the end of a run.
fn left(rig: Rig) -> (Option<Waiting>, Option<Duration>, BTreeMap<String, Vec<u8>>) {
    assert!(rig.state.has_ended(), "the lane is not given back");
    let (now, ledgers) = (rig.now(), rig.ledgers);
    let release = rig.state.release(now);
    (release.waiting, release.wait, ledgers)
}

/// The next owner of the lane of `one`, which goes to so many people.
fn next_owner(waiting: Option<Waiting>, ledgers: &BTreeMap<String, Vec<u8>>, rows: u32, at: Duration) -> Rig {
    let mut rig = Rig::waiting(waiting, at);
    rig.add_with(
        notification("one", rows),
        (0..rows).map(recipient).collect(),
        &ledgers["ledger of one"],
    );
    rig
}

#[test]
fn a_policy_for_one_person_is_that_person_s_at_once_and_other_refusals_after_three_tries() {
    for (verdict, outcome, attempts) in [
        (Verdict::Disallowed, "blocked", 1),
        (Verdict::WrongBot, "rejected", 3),
        (Verdict::Failed, "failed", 3),
        (Verdict::Unauthorized, "failed", 3),
    ] {
        let mut rig = Rig::to(300);
        serve(&mut rig, secs(60), |n| match n {
            7 => coded(verdict.clone(), "Code"),
            _ => of(delivered()),
        });
        assert_eq!(
            rig.outcome(7),
            Some((outcome, "Code".to_owned(), attempts)),
            "{verdict:?}"
        );
        assert_eq!(rig.ended().unwrap().counts.delivered, 299, "{verdict:?}");
    }
}

#[test]
fn a_person_alone_is_a_single_case_too_but_refused_credentials_are_not() {
    let mut rig = Rig::to(1);
    serve(&mut rig, secs(60), |_| of(Verdict::Disallowed));
    assert_eq!(rig.outcome(0).unwrap().0, "blocked");
    let mut rig = Rig::to(1);
    serve(&mut rig, secs(60), |_| {
        coded(Verdict::Unauthorized, "invalid_client/AADSTS7000222")
    });
    let (waiting, wait, ledgers) = left(rig);
    let waiting = waiting.unwrap();
    assert_eq!(waiting.cause, Cause::Credentials);
    assert_eq!(waiting.code.as_deref(), Some("invalid_client/AADSTS7000222"));
    assert!(wait.unwrap() <= secs(15));
    let replay = Replay::read(&ledgers["ledger of one"], 0, 1).unwrap();
    assert!(
        matches!(replay.rows[0].state, RowState::Waiting(_)),
        "it is certain, and has no outcome"
    );
}

#[test]
fn when_everybody_is_answered_so_the_tenant_waits_and_nobody_has_an_outcome() {
    for verdict in [
        Verdict::Disallowed,
        Verdict::WrongBot,
        Verdict::Failed,
        Verdict::NotNow { retry_after: None },
    ] {
        let mut rig = Rig::to(300);
        serve(&mut rig, secs(30), |_| of(verdict.clone()));
        let asked = rig.lines().iter().flat_map(|line| &line.returned).count();
        assert!(asked <= 110, "{verdict:?}: {asked} were asked");
        for n in 0..300 {
            assert_eq!(rig.outcome(n), None, "{verdict:?}");
        }
        assert!(left(rig).0.is_some(), "{verdict:?}");
    }
}

#[test]
fn three_are_enough_if_nothing_else_was_answered() {
    let mut rig = Rig::to(3);
    serve(&mut rig, secs(30), |_| of(Verdict::Disallowed));
    assert_eq!(left(rig).0.unwrap().cause, Cause::NotAllowed);
    let mut rig = Rig::to(4);
    serve(&mut rig, secs(60), |n| match n {
        0 => of(Verdict::Blocked),
        _ => of(Verdict::Disallowed),
    });
    let part = rig.effect(|effect| match effect {
        Effect::UpdateReference { part, .. } => Some(*part),
        _ => None,
    });
    rig.take(Event::ReferenceUpdated { part: part.unwrap() });
    rig.run();
    assert_eq!(rig.ended().unwrap().counts.blocked, 4, "Teams knows the others");
}

#[test]
fn deliveries_in_between_make_many_answers_single_cases() {
    let mut rig = Rig::to(300);
    serve(&mut rig, secs(90), |n| match n % 5 {
        0 => of(Verdict::Disallowed),
        _ => of(delivered()),
    });
    let counts = rig.ended().unwrap().counts;
    assert_eq!((counts.blocked, counts.delivered), (60, 240));
}

#[test]
fn a_page_of_something_in_between_is_evidence_of_nothing() {
    let mut rig = Rig::to(20);
    serve(&mut rig, secs(200), |_| Answer {
        verdict: Verdict::Ambiguous,
        status: Some(200),
        code: Some("not-teams-json".into()),
    });
    assert_eq!(rig.ended().unwrap().counts.uncertain, 20);
}

#[test]
fn a_wait_is_probed_at_another_conversation_each_time_and_ends_with_a_delivery() {
    let mut rig = Rig::to(100);
    serve(&mut rig, secs(20), |_| of(Verdict::Failed));
    let (mut waiting, mut wait, mut ledgers) = left(rig);
    let mut at = secs(20);
    let mut probed = Vec::new();
    for _ in 0..6 {
        at += wait.unwrap();
        let mut rig = next_owner(waiting, &ledgers, 100, at);
        rig.pass(secs(1));
        assert_eq!(rig.calls.len(), 1, "a probe is one recipient");
        probed.push(rig.calls[0].0.n);
        rig.answer(of(Verdict::Failed));
        rig.pass(secs(3));
        at = rig.at;
        (waiting, wait, ledgers) = left(rig);
    }
    probed.sort_unstable();
    probed.dedup();
    assert_eq!(probed.len(), 6);
    at += wait.unwrap();
    let mut rig = next_owner(waiting, &ledgers, 100, at);
    serve(&mut rig, secs(30), |_| of(delivered()));
    assert!(
        rig.effect(
            |effect| matches!(effect, Effect::WriteNote { note, .. } if note.waiting.is_none()).then_some(())
        )
        .is_some()
    );
    assert_eq!(rig.ended().unwrap().counts.delivered, 100);
}

#[test]
fn whoever_got_something_before_the_wait_is_probed_first() {
    let mut rig = Rig::to(100);
    // In the order of their numbers, so the first twenty get it; then everything is refused.
    serve(&mut rig, secs(20), |n| match n < 20 {
        true => of(delivered()),
        false => of(Verdict::Failed),
    });
    let (waiting, wait, _) = left(rig);
    let reached: Vec<String> = waiting
        .as_ref()
        .unwrap()
        .reached
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(reached, (4..20).map(|n| format!("a:{n}")).collect::<Vec<_>>());
    // Another notification, to the same people in another order.
    let at = secs(20) + wait.unwrap();
    let mut rig = Rig::waiting(waiting, at);
    let rows = (0..100).map(|n| Recipient {
        n,
        ..recipient(99 - n)
    });
    rig.add(notification("one", 100), rows.collect());
    rig.pass(secs(1));
    assert_eq!(rig.calls.len(), 1);
    assert_eq!(rig.calls[0].0.recipient.conversation.as_str(), "a:19");
}

#[test]
fn tries_during_a_wait_make_nobody_a_single_case() {
    let mut rig = Rig::to(3);
    serve(&mut rig, secs(20), |_| of(Verdict::Failed));
    let (mut waiting, mut wait, mut ledgers) = left(rig);
    let mut at = secs(20);
    for _ in 0..12 {
        at += wait.unwrap();
        let mut rig = next_owner(waiting, &ledgers, 3, at);
        serve(&mut rig, secs(10), |_| of(Verdict::Failed));
        assert!((0..3).all(|n| rig.outcome(n).is_none()));
        at = rig.at;
        (waiting, wait, ledgers) = left(rig);
    }
    assert_eq!(waiting.unwrap().tries, 12);
}

#[test]
fn a_lane_that_waits_asks_nobody_before_it_is_time_unless_that_is_urgent_or_resumed() {
    let waiting = || {
        Some(Waiting::begin(
            Cause::Service,
            None,
            Timestamp::from_second(1_000).unwrap(),
        ))
    };
    let asks = |change: fn(&mut Notification), from: u64| {
        let mut rig = Rig::waiting(waiting(), secs(from));
        let mut notification = notification("one", 5);
        change(&mut notification);
        rig.add(notification, (0..5).map(recipient).collect());
        rig.pass(Duration::from_millis(500));
        !rig.calls.is_empty()
    };
    assert!(!asks(|_| {}, 1_005));
    assert!(asks(|_| {}, 1_015));
    let urgent: fn(&mut Notification) = |notification| {
        notification.priority = Priority::Urgent;
        notification.created_at = Timestamp::from_second(1_004).unwrap();
    };
    assert!(!asks(urgent, 1_005), "at most one probe in 15 s");
    assert!(asks(urgent, 1_015));
    let resumed: fn(&mut Notification) =
        |notification| notification.resumed_at = Some(Timestamp::from_second(1_004).unwrap());
    assert!(asks(resumed, 1_005));
}

#[test]
fn an_urgent_notification_brings_a_late_probe_forward() {
    let mut waiting = Waiting::begin(Cause::NotAllowed, None, Timestamp::from_second(0).unwrap());
    for n in 0..8 {
        let next = waiting.next;
        waiting.failed(format!("a:{n}").into(), next);
    }
    let probed_at = waiting.probed_at.as_second() as u64;
    let mut rig = Rig::waiting(Some(waiting), secs(probed_at + 60));
    let mut urgent = notification("one", 5);
    urgent.priority = Priority::Urgent;
    urgent.created_at = Timestamp::from_second(probed_at as i64 + 59).unwrap();
    rig.add(urgent, (0..5).map(recipient).collect());
    rig.pass(Duration::from_millis(500));
    assert_eq!(rig.calls.len(), 1);
}

#[test]
fn any_word_of_teams_ends_a_wait_for_the_way_to_it_but_not_one_for_leave() {
    for (cause, over) in [
        (Cause::Network, true),
        (Cause::Credentials, true),
        (Cause::NotAllowed, false),
    ] {
        let waiting = Waiting::begin(cause, None, Timestamp::from_second(0).unwrap());
        let mut rig = Rig::waiting(Some(waiting), secs(20));
        rig.add(notification("one", 20), (0..20).map(recipient).collect());
        rig.pass(Duration::from_millis(500));
        rig.answer(of(Verdict::Rejected));
        rig.pass(secs(2));
        assert_eq!(!rig.calls.is_empty(), over, "{cause:?}");
    }
}

#[test]
fn expiry_holds_while_a_lane_waits() {
    let waiting = Waiting::begin(Cause::NotAllowed, None, Timestamp::from_second(0).unwrap());
    let mut rig = Rig::waiting(Some(waiting), secs(1));
    let short = Notification {
        expires_at: Timestamp::from_second(8).unwrap(),
        ..notification("one", 2)
    };
    rig.add(short, (0..2).map(recipient).collect());
    rig.pass(secs(1));
    let (waiting, wait, ledgers) = left(rig);
    assert!(wait.unwrap() <= secs(7));
    let mut rig = Rig::waiting(waiting, secs(8));
    let short = Notification {
        expires_at: Timestamp::from_second(8).unwrap(),
        ..notification("one", 2)
    };
    rig.add_with(short, (0..2).map(recipient).collect(), &ledgers["ledger of one"]);
    rig.pass(secs(2));
    assert_eq!(rig.outcome(1), Some(("skipped", "expired".to_owned(), 0)));
}
