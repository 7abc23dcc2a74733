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
        (Verdict::MessageGone, "gone"),
        (Verdict::Rejected, "rejected"),
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
        Verdict::Uninstalled,
        Verdict::OnceMore,
        Verdict::Unauthorized,
        Verdict::Disallowed,
        Verdict::WrongBot,
        Verdict::Failed,
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
    rig.pass(Duration::from_secs(14));
    assert_eq!((rig.outcome(0), rig.calls.len()), (None, 0));
    rig.pass(Duration::from_secs(2));
    rig.answer(of(Verdict::NotFound));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("gone", String::new(), 3)));
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
    rig.pass(Duration::from_secs(16));
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(1));
    opened(&mut rig, Err(of(Verdict::Rejected)));
    assert_eq!(rig.outcome(0).unwrap().0, "gone");
}

#[test]
fn channels_are_not_opened_again_but_tried_once_more() {
    let mut rig = Rig::new();
    let channel = Recipient {
        scope: Scope::Team,
        ..recipient(0)
    };
    rig.add(notification("one", 1), vec![channel]);
    rig.run();
    rig.answer(of(Verdict::NotFound));
    rig.pass(Duration::from_secs(16));
    assert_eq!(rig.calls[0].0.call, Call::Post);
    rig.answer(of(Verdict::NotFound));
    rig.run();
    assert_eq!(rig.outcome(0), Some(("gone", String::new(), 2)));
}

#[test]
fn ids_of_another_bot_are_opened_by_the_entra_id_and_that_counts() {
    let mut rig = Rig::new();
    let person = Recipient {
        entra: Some("11111111-0000-4000-8000-000000000001".into()),
        ..recipient(0)
    };
    rig.add(notification("one", 1), vec![person]);
    rig.run();
    rig.answer(of(Verdict::WrongBot));
    rig.pass(Duration::from_secs(1));
    assert_eq!(
        (rig.calls[0].0.call, &rig.calls[0].0.recipient.user),
        (Call::Open, &None)
    );
    opened(&mut rig, Ok(Reopened::Chat("a:new".into())));
    rig.answer(of(Verdict::Delivered(None)));
    rig.run();
    assert_eq!(rig.outcome(0).unwrap().0, "delivered");
}
