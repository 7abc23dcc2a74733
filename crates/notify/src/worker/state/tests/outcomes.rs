//! What each answer makes of its recipient.

use super::*;
use crate::worker::state::{
    effect::ReferenceUpdate,
    event::{Call, Reopened},
};

/// One recipient, one answer: its outcome, if that is an end.
fn alone(verdict: Verdict) -> Option<(&'static str, String, u32)> {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(verdict));
    rig.run();
    rig.outcome(0)
}

#[test]
fn answers_that_are_an_end() {
    for (verdict, outcome) in [
        (Verdict::Delivered(Some("1".into())), "delivered"),
        (Verdict::Blocked, "blocked"),
        (Verdict::Disallowed, "blocked"),
        (Verdict::Uninstalled, "uninstalled"),
        (Verdict::MessageGone, "gone"),
        (Verdict::Rejected, "rejected"),
        (Verdict::Failed, "failed"),
    ] {
        assert_eq!(
            alone(verdict.clone()),
            Some((outcome, String::new(), 1)),
            "{verdict:?}"
        );
    }
}

#[test]
fn answers_that_are_not() {
    for verdict in [
        Verdict::Throttled { retry_after: None },
        Verdict::NotNow { retry_after: None },
        Verdict::Ambiguous,
        Verdict::NotFound,
        Verdict::OnceMore,
        Verdict::Unauthorized,
    ] {
        assert_eq!(alone(verdict.clone()), None, "{verdict:?}");
    }
}

#[test]
fn an_ambiguous_post_is_an_end_where_the_request_says_report() {
    let mut rig = Rig::new();
    let report = Notification {
        on_uncertain: OnUncertain::Report,
        ..notification("one", 1)
    };
    rig.add(report, vec![recipient(0)]);
    rig.run();
    rig.answer(of(Verdict::Ambiguous));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("uncertain", String::new(), 1)));
}

#[test]
fn an_ambiguous_edit_is_made_again_all_the_same() {
    let mut rig = Rig::new();
    let edit = Notification {
        on_uncertain: OnUncertain::Report,
        kind: NotificationKind::Update("parent".into()),
        ..notification("one", 1)
    };
    rig.add(edit, vec![recipient(0)]);
    rig.run();
    assert_eq!(rig.calls[0].0.call, Call::Update);
    rig.answer(of(Verdict::Ambiguous));
    rig.pass(Duration::from_secs(30));
    assert_eq!(rig.calls.len(), 1);
}

#[test]
fn after_five_ambiguous_posts_it_stays_uncertain_and_repeats_are_counted() {
    let mut rig = Rig::to(1);
    for attempt in 1..=5 {
        rig.pass(Duration::from_secs(60));
        assert_eq!(rig.calls.len(), 1, "attempt {attempt}");
        rig.answer(of(Verdict::Ambiguous));
    }
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.outcome(0), Some(("uncertain", String::new(), 5)));
    assert_eq!(rig.ended().unwrap().resent, 4);
}

#[test]
fn what_was_to_be_recalled_and_is_gone_is_recalled() {
    let mut rig = Rig::new();
    let recall = Notification {
        kind: NotificationKind::Delete("parent".into()),
        ..notification("one", 1)
    };
    rig.add(recall, vec![recipient(0)]);
    rig.run();
    assert_eq!(rig.calls[0].0.call, Call::Delete);
    rig.answer(of(Verdict::MessageGone));
    rig.run();
    assert_eq!(rig.outcome(0).unwrap().0, "delivered");
}

#[test]
fn a_block_is_stored_before_the_part_ends() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::Blocked));
    rig.run();
    assert!(rig.ended().is_none());
    let part = rig.effect(|effect| match effect {
        Effect::UpdateReference {
            part,
            update: ReferenceUpdate::Blocked,
            ..
        } => Some(*part),
        _ => None,
    });
    rig.take(Event::ReferenceUpdated { part: part.unwrap() });
    rig.run();
    assert_eq!(rig.ended().unwrap().counts.blocked, 1);
}

/// The answer to the call that opens the chat again.
fn opened(rig: &mut Rig, result: Result<Reopened, Answer>) {
    let (slot, started) = rig.calls.remove(0);
    assert_eq!(slot.call, Call::Open);
    rig.take(Event::Opened {
        slot,
        started,
        result,
    });
    rig.pass(Duration::from_secs(1));
}

#[test]
fn a_chat_that_is_gone_is_opened_again_once() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    opened(&mut rig, Ok(Reopened::Chat("a:new".into())));
    let slot = &rig.calls[0].0;
    assert_eq!(
        (slot.call, slot.recipient.conversation.as_str()),
        (Call::Post, "a:new")
    );
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    let moved = rig.effect(|effect| match effect {
        Effect::UpdateReference {
            update: ReferenceUpdate::Moved(to),
            ..
        } => Some(to.clone()),
        _ => None,
    });
    assert_eq!(moved, Some("a:new".into()));
    assert_eq!(rig.outcome(0), Some(("delivered", String::new(), 2)));
}

#[test]
fn a_chat_that_is_gone_twice_is_gone() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    opened(&mut rig, Ok(Reopened::Chat("a:new".into())));
    rig.answer(of(Verdict::NotFound));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("gone", String::new(), 2)));
}

#[test]
fn a_chat_of_another_row_gets_one_message() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    opened(&mut rig, Ok(Reopened::Taken));
    assert_eq!(rig.outcome(0), Some(("gone", "moved".to_owned(), 1)));
}

#[test]
fn a_chat_that_may_not_be_opened_is_gone_and_an_ambiguous_opening_is_certain() {
    let mut rig = Rig::to(1);
    rig.run();
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    opened(&mut rig, Err(of(Verdict::Ambiguous)));
    assert_eq!(rig.replay("one").rows[0].ambiguous_attempts, 0);
    rig.pass(Duration::from_secs(60));
    // It is posted to first: the chat may be there again.
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    opened(&mut rig, Err(of(Verdict::Rejected)));
    assert_eq!(rig.outcome(0).unwrap().0, "gone");
}

#[test]
fn channels_are_not_opened_again() {
    let mut rig = Rig::new();
    let channel = Recipient {
        scope: Scope::Team,
        ..recipient(0)
    };
    rig.add(notification("one", 1), vec![channel]);
    rig.run();
    rig.answer(of(Verdict::NotFound));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("gone", String::new(), 1)));
}

#[test]
fn another_bot_s_ids_are_single_cases_when_somebody_gets_it() {
    let mut rig = Rig::to(3);
    rig.pass(Duration::from_secs(1));
    rig.answer(of(Verdict::WrongBot));
    rig.answer(of(Verdict::WrongBot));
    rig.run();
    assert_eq!((rig.outcome(0), rig.outcome(1)), (None, None));
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    assert_eq!(rig.outcome(0).unwrap().0, "rejected");
    assert_eq!(rig.ended().unwrap().counts.rejected, 2);
}

#[test]
fn ten_of_another_bot_s_ids_stop_the_notification() {
    let mut rig = Rig::to(30);
    rig.pass(Duration::from_secs(1));
    for _ in 0..10 {
        rig.answer(of(Verdict::WrongBot));
    }
    rig.run();
    assert!(
        rig.effect(|effect| matches!(effect, Effect::Stop { .. }).then_some(()))
            .is_some()
    );
    assert_eq!(rig.outcome(0), None, "none of them has an end");
}

#[test]
fn three_refused_tokens_stop_the_notification_and_one_delivery_between_starts_the_count_anew() {
    let mut rig = Rig::to(10);
    rig.pass(Duration::from_secs(1));
    let stopped = |rig: &mut Rig| rig.effect(|effect| matches!(effect, Effect::Stop { .. }).then_some(()));
    for verdict in [
        Verdict::Unauthorized,
        Verdict::Unauthorized,
        Verdict::Delivered(None),
    ] {
        rig.answer(of(verdict));
    }
    for _ in 0..2 {
        rig.answer(of(Verdict::Unauthorized));
    }
    rig.run();
    assert!(stopped(&mut rig).is_none());
    rig.answer(of(Verdict::Unauthorized));
    rig.run();
    assert!(stopped(&mut rig).is_some());
}
