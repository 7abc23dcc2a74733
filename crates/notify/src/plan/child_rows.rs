//! The rows of a child notification: a chunk of its parent, and what the ledger says of it. No port is used here.

use crate::{
    outcome::Outcome,
    ports::Continuation,
    recipient::{PreResolved, Recipient},
    store::audience::Next,
    store::ledger::{RowLog, RowState},
};

/// A chunk's recipients that have, or may have, a message.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    pub(super) rows: Vec<Recipient>,
    pub(super) posts: ParentPosts,
}

/// Whether the parent's posts all have an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParentPosts {
    Settled,
    UnderWay,
}

/// The child's rows of a chunk, numbered from `first`.
pub(super) fn of(chunk: Vec<Recipient>, logs: Vec<RowLog>, first: u32) -> Found {
    let mut found = Found {
        rows: Vec::new(),
        posts: ParentPosts::Settled,
    };
    for (mut row, log) in chunk.into_iter().zip(logs) {
        let (activity, conversation) = match log.state {
            RowState::Settled(settled) if settled.activity.is_some() => {
                (settled.activity, settled.conversation)
            }
            RowState::Settled(settled)
                if log.ambiguous_attempts > 0
                    || matches!(settled.outcome, Outcome::Delivered | Outcome::Uncertain) =>
            {
                (None, settled.conversation)
            }
            // No outcome since: the message may have arrived.
            RowState::Intended => {
                found.posts = ParentPosts::UnderWay;
                (None, None)
            }
            RowState::Waiting(_) if log.ambiguous_attempts > 0 => (None, None),
            _ => continue,
        };
        row.n = first + u32::try_from(found.rows.len()).unwrap_or(u32::MAX);
        row.settled = activity.is_none().then_some(PreResolved::NoActivityId);
        row.activity = activity;
        if let Some(conversation) = conversation {
            row.root = row.root.or(Some(row.conversation));
            row.conversation = conversation;
        }
        found.rows.push(row);
    }
    found
}

/// The parent's chunk that a planner looks at next. It travels in the place of the listing's continuation.
pub(super) fn next_chunk(trailer: Option<&Next>, chunks: u32) -> u32 {
    match trailer {
        None => 0,
        Some(Next::Listing(Continuation(next))) => next.parse().unwrap_or(0),
        Some(Next::ListingEnd | Next::NamesEnd) => chunks,
    }
}

/// The trailer of a child's chunk, before the parent's chunk `number`.
pub(super) fn trailer(number: u32, chunks: u32) -> Next {
    if number >= chunks {
        Next::ListingEnd
    } else {
        Next::Listing(Continuation(number.to_string()))
    }
}

#[cfg(test)]
mod tests;
