//! Which recipients are posted to next, and what is durable before they are.

use super::*;

fn urgent(id: &str, rows: u32) -> Notification {
    Notification {
        priority: Priority::Urgent,
        ..notification(id, rows)
    }
}

#[test]
fn nobody_is_posted_to_before_the_intent_is_written() {
    let mut rig = Rig::to(3);
    rig.store = Store::HoldsAppends;
    rig.run();
    assert!(rig.calls.is_empty());
    let line = rig.effect(|effect| match effect {
        Effect::Append { part, chunk, line } => Some((*part, *chunk, line.bytes.clone())),
        _ => None,
    });
    let (part, chunk, bytes) = line.unwrap();
    let intent = Record::parse(bytes.strip_suffix(b"\n").unwrap()).unwrap().intent;
    assert_eq!(format!("{intent:?}"), "[Span(0, 2)]");
    rig.take(Event::Appended {
        part,
        chunk,
        started: rig.now().at,
        end: AppendEnd::Written(bytes.len() as u64),
    });
    rig.run();
    assert!(!rig.calls.is_empty());
}

#[test]
fn a_window_is_a_second_of_permits_and_at_most_two_are_uncertain() {
    let mut rig = Rig::to(1_000);
    rig.pass(Duration::from_secs(5));
    // Nobody answered.
    let intents = rig
        .lines()
        .iter()
        .map(|line| format!("{:?}", line.intent))
        .collect::<Vec<_>>();
    assert_eq!(intents, ["[Span(0, 49)]", "[Span(50, 99)]"]);
}

#[test]
fn outcomes_travel_with_the_next_intent() {
    let mut rig = Rig::to(1_000);
    rig.teams = Some(Verdict::Delivered(None));
    rig.pass(Duration::from_secs(10));
    let lines = rig.lines();
    assert!(
        (9..=12).contains(&lines.len()),
        "one line a window: {}",
        lines.len()
    );
    assert!(lines.iter().all(|line| !line.intent.is_empty()));
    assert!(lines[1..].iter().all(|line| !line.settled.is_empty()));
}

#[test]
fn an_urgent_notification_has_the_next_window() {
    let mut rig = Rig::to(1_000);
    rig.teams = Some(Verdict::Delivered(None));
    rig.pass(Duration::from_millis(500));
    rig.add(urgent("alert", 10), others(10));
    rig.take(Event::Signalled);
    let before = rig.lines().len();
    while untouched(&rig, "alert") > 890 {
        rig.pass(Duration::from_millis(10));
        assert!(
            rig.at < Duration::from_secs(1),
            "one window is waited for, no more"
        );
    }
    assert_eq!(rig.lines().len(), before, "the broadcast waits for its turn");
}

/// People that nobody else has, numbered from 0.
fn others(rows: u32) -> Vec<Recipient> {
    (0..rows)
        .map(|n| Recipient {
            n,
            ..recipient(5_000 + n)
        })
        .collect()
}

/// Recipients that were not intended yet.
fn untouched(rig: &Rig, id: &str) -> usize {
    let rows = rig.replay(id).rows;
    rows.iter()
        .take(900)
        .filter(|row| row.state == RowState::Fresh)
        .count()
}

#[test]
fn one_window_in_ten_is_the_lower_priority_s() {
    let mut rig = Rig::to(900);
    rig.teams = Some(Verdict::Delivered(None));
    rig.add(urgent("alert", 900), others(900));
    rig.pass(Duration::from_secs(18));
    let windows = |id| (900 - untouched(&rig, id)).div_ceil(50);
    let (low, high) = (windows("one"), windows("alert"));
    assert!(low == 1 && (16..=18).contains(&high), "{low} and {high}");
}

#[test]
fn equal_priorities_take_turns() {
    let mut rig = Rig::to(900);
    rig.teams = Some(Verdict::Delivered(None));
    rig.add(notification("two", 900), others(900));
    rig.pass(Duration::from_secs(10));
    let (one, two) = (untouched(&rig, "one"), untouched(&rig, "two"));
    assert!(one < 700 && one.abs_diff(two) <= 50, "{one} and {two}");
}

#[test]
fn who_needs_no_attempt_has_an_end_without_one() {
    use crate::recipient::PreResolved;
    let mut rig = Rig::new();
    let reasons = [
        (PreResolved::UnknownTarget, "rejected", "unknown-target"),
        (PreResolved::KnownBlocked, "blocked", "blocked"),
        (PreResolved::OptedOut, "skipped", "opted-out"),
        (PreResolved::Suspended, "skipped", "suspended"),
        (PreResolved::NoActivityId, "skipped", "no-activity-id"),
    ];
    let rows = (0..).zip(reasons).map(|(n, (reason, ..))| Recipient {
        settled: Some(reason),
        ..recipient(n)
    });
    rig.add(notification("one", 5), rows.collect());
    rig.run();
    assert!(rig.calls.is_empty());
    for (n, (_, outcome, code)) in reasons.into_iter().enumerate() {
        assert_eq!(rig.outcome(n), Some((outcome, code.to_owned(), 0)));
    }
    assert_eq!(rig.ended().unwrap().counts.settled(), 5);
}

#[test]
fn contents_that_differ_are_made_before_they_are_intended() {
    let mut rig = Rig::to(3);
    rig.composed = Arc::new(Each);
    rig.run();
    assert!(rig.lines().is_empty());
    let (part, chunk, numbers) = rig
        .effect(|effect| match effect {
            Effect::Make {
                part,
                chunk,
                recipients,
                ..
            } => Some((
                *part,
                *chunk,
                recipients.iter().map(|to| to.n).collect::<Vec<_>>(),
            )),
            _ => None,
        })
        .unwrap();
    assert_eq!(numbers, [0, 1, 2]);
    rig.take(Event::Made {
        part,
        chunk,
        contents: vec![
            (0, Ok(content())),
            (1, Err(ContentError::TooLarge { bytes: 2, limit: 1 })),
        ],
        unmade: vec![2],
    });
    rig.run();
    assert_eq!(rig.calls.iter().map(|(slot, _)| slot.n).collect::<Vec<_>>(), [0]);
    rig.answer(of(Verdict::Delivered(None)));
    rig.pass(Duration::from_secs(3));
    assert_eq!(rig.outcome(1), Some(("rejected", "too-large".to_owned(), 0)));
    assert_eq!(rig.outcome(0), Some(("delivered", String::new(), 1)));
    assert_eq!(rig.outcome(2), None);
}

#[test]
fn nothing_is_posted_before_every_part_of_the_lane_is_claimed() {
    let mut rig = Rig::new();
    rig.take(Event::ChangeSignal(Ok(Some(rig.signal.clone()))));
    rig.take(Event::WorkItems(Ok(vec![
        "lanes/bot/tenant/work/1-000000000000000-one".to_owned(),
        "lanes/bot/tenant/work/1-000000000000000-two".to_owned(),
    ])));
    rig.add(notification("one", 1), vec![recipient(0)]);
    let claims: Vec<Effect> = rig.state.effects().collect();
    let claimed = |item: &str| {
        claims
            .iter()
            .any(|effect| matches!(effect, Effect::Claim { work_item } if work_item.ends_with(item)))
    };
    assert!(claimed("one") && claimed("two"));
    let item = "lanes/bot/tenant/work/1-000000000000000-one".to_owned();
    rig.perform(Effect::Claim { work_item: item });
    rig.pass(Duration::from_millis(100));
    assert!(
        rig.calls.is_empty(),
        "the other part may have an owner that still appends"
    );
    rig.take(Event::Claimed {
        work_item: "lanes/bot/tenant/work/1-000000000000000-two".to_owned(),
        result: Ok(Claimed::Nothing),
    });
    rig.run();
    assert_eq!(rig.calls.len(), 1);
}
