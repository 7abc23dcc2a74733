//! What a part's answers say of the references that it was planned with, written at its end and from its ledgers: doubt, no
//! doubt any more, and a removal where there is proof. An answer alone removes nothing.

use super::{Context, reference_updates::key_of};
use crate::{
    evidence::{numbers, since},
    notification::Notification,
    outcome::Outcome,
    ports::{Expected, Read, ReadIf, StoreError, WriteError},
    recipient::{Certainty, Recipient},
    request::NotificationKind,
    store::audience,
    store::keys,
    store::ledger::{Replay, RowState, Settled, Sums},
    target::{Doubt, Installation, ReferenceRecord, Scope, Tombstone},
    worker::state::Marks,
};
use futures::future::join_all;
use jiff::{Timestamp, tz::TimeZone};

/// References written at a time.
const AT_ONCE: usize = 16;
/// Attempts at a reference that others write too.
const ATTEMPTS: u32 = 5;

/// What an answer says of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    NotThere,
    There,
}

/// Writes what the answers of a part say. What can't be written is logged: the next notification meets the same answer.
pub(super) async fn write(
    context: &Context,
    notification: &Notification,
    marks: Marks,
    sums: &Sums,
) -> Result<(), StoreError> {
    let counts = &sums.counts;
    let not_there = counts.gone + counts.uninstalled > 0;
    let plan = notification.plan.as_ref();
    let part = plan.and_then(|plan| plan.part(&context.lane));
    let Some(part) = part
        .filter(|_| notification.kind == NotificationKind::Send && (not_there || marks == Marks::Perhaps))
    else {
        return Ok(());
    };
    let tried = counts.settled() - counts.skipped - counts.cancelled;
    let proof = match counts.delivered * 2 >= tried {
        true => Proof::OthersDelivered,
        false => Proof::None,
    };
    let objects = &*context.env.ports.objects;
    for number in 0..part.chunks {
        let chunk = audience::read(objects, &notification.id, &context.lane, number).await?;
        let ledger = keys::ledger(&notification.id, &context.lane, number);
        let Read::Found(ledger) = objects.read(&ledger, ReadIf::Any).await? else {
            continue;
        };
        let replay = Replay::read(&ledger.body, chunk.first, chunk.rows.len())?;
        let mut found: Vec<(&Recipient, i64, Presence)> = Vec::new();
        for (recipient, log) in chunk.rows.iter().zip(&replay.rows) {
            if let RowState::Settled(settled) = &log.state
                && let Some(presence) = presence(recipient, settled)
            {
                found.push((recipient, settled.at, presence));
            }
        }
        for some in found.chunks(AT_ONCE) {
            let mut writes = Vec::with_capacity(AT_ONCE);
            for (recipient, at, presence) in some {
                writes.push(record(context, recipient, *at, *presence, proof));
            }
            join_all(writes).await;
        }
    }
    Ok(())
}

fn presence(recipient: &Recipient, settled: &Settled) -> Option<Presence> {
    match settled.outcome {
        // A channel that answers so says nothing of its team.
        Outcome::Gone | Outcome::Uninstalled if is_of_a_channel(recipient, settled) => None,
        Outcome::Gone | Outcome::Uninstalled if settled.attempts > 0 => Some(Presence::NotThere),
        Outcome::Delivered if recipient.certainty == Certainty::Doubtful => Some(Presence::There),
        _ => None,
    }
}

fn is_of_a_channel(recipient: &Recipient, settled: &Settled) -> bool {
    let root = recipient.root.as_ref().unwrap_or(&recipient.conversation);
    let place = settled.conversation.as_ref().unwrap_or(&recipient.conversation);
    recipient.scope == Scope::Team && place != root
}

/// Whether a run can confirm that somebody is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Half of whom it tried got it: Teams knows the tenant.
    OthersDelivered,
    None,
}

async fn record(context: &Context, recipient: &Recipient, at: i64, found: Presence, proof: Proof) {
    let key = key_of(&context.env.settings, recipient);
    let references = &context.env.ports.references;
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    for _ in 0..ATTEMPTS {
        let written = async {
            let Some(stored) = references.read(&key).await? else {
                return Ok(());
            };
            let ReferenceRecord::Installed(known) = stored.record else {
                return Ok(());
            };
            let Some(record) = decide(&known, at, found, proof) else {
                return Ok(());
            };
            if matches!(record, ReferenceRecord::Removed(_)) {
                tracing::info!(tenant_id = %key.tenant, conversation_id = %key.root, "a reference is removed: Teams has not known the place for days, and others got their messages");
            }
            let version = Expected::Version(stored.version);
            references.write(&key, &record, &version).await.map(drop)
        };
        match written.await {
            Ok(()) => return,
            Err(WriteError::Conflict) => {}
            Err(WriteError::Store(error)) => {
                tracing::warn!(tenant_id = %key.tenant, conversation_id = %key.root, %error, "a doubtful reference could not be marked");
                return;
            }
        }
    }
}

/// The record after an answer of that time; `None` when it stays as it is.
fn decide(known: &Installation, at: Timestamp, found: Presence, proof: Proof) -> Option<ReferenceRecord> {
    let target = &known.target;
    // What happened there since is newer than the answer.
    if target.event_at > at {
        return None;
    }
    let doubt = match (found, target.doubt) {
        (Presence::There, None) => return None,
        (Presence::There, Some(_)) => None,
        (Presence::NotThere, None) => Some(Doubt {
            since: at,
            last: at,
            days: 1,
        }),
        (Presence::NotThere, Some(doubt)) => Some(Doubt {
            since: doubt.since,
            last: doubt.last.max(at),
            days: doubt.days.saturating_add(u8::from(day(at) > day(doubt.last))),
        }),
    };
    let proven = proof == Proof::OthersDelivered
        && doubt.is_some_and(|doubt| {
            doubt.days >= numbers::DOUBT_DAYS && since(doubt.since, at) >= numbers::DOUBT_AGE
        });
    if proven {
        return Some(ReferenceRecord::Removed(Tombstone {
            key: target.key.clone(),
            event_at: at,
            recorded_at: at,
        }));
    }
    let mut next = known.clone();
    next.target.doubt = doubt;
    (next != *known).then(|| ReferenceRecord::Installed(Box::new(next)))
}

fn day(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::sample;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400 + 3_600).unwrap()
    }

    fn known() -> Installation {
        Installation {
            target: sample::person(1).target,
            reference: Default::default(),
        }
    }

    /// The record after answers on these days, each in a run with or without proof.
    fn after(answers: &[(i64, Presence, Proof)]) -> ReferenceRecord {
        let mut record = ReferenceRecord::Installed(Box::new(known()));
        for (day, found, proof) in answers {
            let ReferenceRecord::Installed(known) = &record else {
                panic!("an answer after the removal");
            };
            if let Some(next) = decide(known, at(*day), *found, *proof) {
                record = next;
            }
        }
        record
    }

    fn is_removed(answers: &[(i64, Presence, Proof)]) -> bool {
        matches!(after(answers), ReferenceRecord::Removed(_))
    }

    const GONE: Presence = Presence::NotThere;
    const OTHERS: Proof = Proof::OthersDelivered;

    #[test]
    fn a_reference_is_removed_on_proof_only() {
        assert!(!is_removed(&[(1, GONE, OTHERS)]));
        assert!(
            !is_removed(&[(1, GONE, OTHERS), (2, GONE, OTHERS), (7, GONE, OTHERS)]),
            "six days"
        );
        assert!(
            !is_removed(&[(1, GONE, OTHERS), (8, GONE, OTHERS)]),
            "on two days"
        );
        assert!(
            !is_removed(&[(1, GONE, OTHERS), (3, GONE, OTHERS), (8, GONE, Proof::None)]),
            "nobody got it"
        );
        assert!(is_removed(&[
            (1, GONE, Proof::None),
            (3, GONE, Proof::None),
            (8, GONE, OTHERS)
        ]));
    }

    #[test]
    fn a_delivery_ends_a_doubt() {
        let there = Presence::There;
        assert!(!is_removed(&[
            (1, GONE, OTHERS),
            (3, GONE, OTHERS),
            (5, there, OTHERS),
            (9, GONE, OTHERS)
        ]));
        let ReferenceRecord::Installed(known) = after(&[(1, GONE, OTHERS), (3, there, OTHERS)]) else {
            panic!("it is there");
        };
        assert_eq!(known.target.doubt, None);
    }

    #[test]
    fn what_happened_since_is_newer_than_an_answer() {
        let mut known = known();
        known.target.event_at = at(5);
        assert_eq!(decide(&known, at(4), GONE, OTHERS), None);
        assert!(decide(&known, at(6), GONE, OTHERS).is_some());
    }

    #[test]
    fn several_answers_of_a_day_are_one_day() {
        let ReferenceRecord::Installed(known) =
            after(&[(1, GONE, OTHERS), (1, GONE, OTHERS), (2, GONE, OTHERS)])
        else {
            panic!("kept");
        };
        assert_eq!(known.target.doubt.unwrap().days, 2);
    }
}
