use super::*;
use crate::{
    ids::{ActivityId, ConversationId},
    plan::sample::{place, row},
    store::ledger::Settled,
};

fn chunk(rows: usize) -> Vec<Recipient> {
    (0..rows).map(|n| row(n as u32)).collect()
}

fn log(state: RowState, ambiguous_attempts: u32) -> RowLog {
    RowLog {
        state,
        attempts: 1,
        ambiguous_attempts,
    }
}

fn settled(outcome: Outcome, activity: Option<&str>) -> RowState {
    RowState::Settled(Box::new(Settled {
        n: 0,
        outcome,
        attempts: 1,
        status: None,
        code: None,
        activity: activity.map(ActivityId::from),
        conversation: None,
        at: 0,
    }))
}

#[test]
fn who_has_a_message_or_may_have_one_is_in_and_numbered_anew() {
    let logs = vec![
        log(settled(Outcome::Delivered, Some("1:a")), 0),
        log(settled(Outcome::Blocked, None), 0),
        log(settled(Outcome::Delivered, None), 0),
        log(settled(Outcome::Uncertain, None), 1),
        log(settled(Outcome::Failed, None), 1),
        log(settled(Outcome::Failed, None), 0),
        log(RowState::Waiting(0), 1),
        log(RowState::Waiting(0), 0),
        log(RowState::Fresh, 0),
    ];
    let found = of(chunk(9), logs, 40);
    assert_eq!(found.posts, ParentPosts::Settled);
    let rows: Vec<(u32, &str, Option<&str>, Option<PreResolved>)> = found
        .rows
        .iter()
        .map(|row| {
            let activity = row.activity.as_ref().map(ActivityId::as_str);
            (row.n, row.conversation.as_str(), activity, row.settled)
        })
        .collect();
    let without_id = Some(PreResolved::NoActivityId);
    assert_eq!(
        rows,
        [
            (40, "a:000000", Some("1:a"), None),
            (41, "a:000002", None, without_id),
            (42, "a:000003", None, without_id),
            (43, "a:000004", None, without_id),
            (44, "a:000006", None, without_id),
        ]
    );
}

#[test]
fn a_post_without_an_outcome_is_under_way() {
    let logs = vec![
        log(settled(Outcome::Delivered, Some("1:a")), 0),
        log(RowState::Intended, 0),
    ];
    let found = of(chunk(2), logs, 0);
    assert_eq!(found.posts, ParentPosts::UnderWay);
    assert_eq!(found.rows.len(), 2, "it may have arrived");
    assert_eq!(found.rows[1].settled, Some(PreResolved::NoActivityId));
}

#[test]
fn a_message_that_went_to_another_chat_is_edited_there() {
    let RowState::Settled(mut moved) = settled(Outcome::Delivered, Some("1:a")) else {
        unreachable!("it is settled")
    };
    moved.conversation = Some(ConversationId::from("a:new"));
    let found = of(chunk(1), vec![log(RowState::Settled(moved), 0)], 0);
    let row = &found.rows[0];
    assert_eq!(row.conversation.as_str(), "a:new");
    assert_eq!(row.root.as_ref().map(ConversationId::as_str), Some("a:000000"));
}

#[test]
fn a_planner_goes_on_where_a_trailer_says() {
    for number in 1..4 {
        let trailer = trailer(number, 4);
        assert_eq!(next_chunk(Some(&trailer), 4), number, "{trailer:?}");
    }
    assert_eq!(trailer(4, 4), Next::ListingEnd);
    assert_eq!(next_chunk(None, 4), 0);
    assert_eq!(next_chunk(Some(&Next::ListingEnd), 4), 4);
    assert_eq!(next_chunk(Some(&Next::NamesEnd), 4), 4);
    assert_eq!(next_chunk(Some(&Next::Listing(place("2"))), 4), 2);
}
