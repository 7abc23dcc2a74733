//! When a recipient comes back, and what that uses up.

use super::*;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// The first call is answered so; how long it takes until the next.
fn waits(verdict: Verdict) -> Duration {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(verdict));
    for _ in 0..100_000 {
        rig.pass(Duration::from_millis(10));
        if !rig.calls.is_empty() {
            return rig.at;
        }
    }
    panic!("it never came back");
}

#[test]
fn retry_after_is_obeyed_exactly() {
    for after in [1, 5, 17] {
        let retry_after = Some(secs(after));
        for verdict in [
            Verdict::Throttled { retry_after },
            Verdict::NotNow { retry_after },
        ] {
            let waited = waits(verdict.clone());
            let late = waited.checked_sub(secs(after));
            assert!(
                late.is_some_and(|late| late < Duration::from_millis(100)),
                "{verdict:?}: {waited:?}"
            );
        }
    }
}

#[test]
fn throttles_and_absences_use_up_no_attempt() {
    let mut rig = Rig::to(1);
    for _ in 0..20 {
        rig.pass(secs(3));
        rig.answer(of(Verdict::NotNow {
            retry_after: Some(secs(2)),
        }));
    }
    for _ in 0..20 {
        rig.pass(secs(3));
        rig.answer(of(Verdict::Throttled {
            retry_after: Some(secs(2)),
        }));
    }
    rig.pass(secs(3));
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("delivered", String::new(), 41)));
    assert_eq!(rig.ended().unwrap().resent, 0);
}

#[test]
fn once_more_is_once_more_after_five_seconds() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::OnceMore));
    rig.pass(Duration::from_millis(4_900));
    assert!(rig.calls.is_empty());
    rig.pass(Duration::from_millis(200));
    rig.answer(of(Verdict::OnceMore));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("failed", String::new(), 2)));
}

#[test]
fn a_throttled_tenant_gets_nothing_until_it_may() {
    let mut rig = Rig::to(100);
    rig.pass(Duration::from_millis(200));
    let in_flight = rig.calls.len();
    rig.answer(of(Verdict::Throttled {
        retry_after: Some(secs(10)),
    }));
    rig.pass(Duration::from_millis(9_700));
    assert_eq!(rig.calls.len(), in_flight - 1);
    // What was intended and not posted is certain again: a kill now would make nobody uncertain.
    let rows = rig.replay("one").rows;
    let open = rows.iter().filter(|row| row.state == RowState::Intended).count();
    assert_eq!(open, in_flight - 1);
    rig.pass(secs(1));
    assert!(rig.calls.len() > in_flight);
}

#[test]
fn a_retry_does_not_hold_up_the_next_window() {
    let mut rig = Rig::to(120);
    rig.pass(secs(1));
    rig.answer(of(Verdict::NotNow {
        retry_after: Some(secs(30)),
    }));
    rig.answer_all(Verdict::Delivered(None));
    assert!(rig.at < secs(5), "{:?}", rig.at);
    let delivered = |rig: &Rig| rig.replay("one").counted.counts.delivered;
    assert_eq!(delivered(&rig), 119);
}
