//! The report: one row a recipient, audience joined with ledger chunk by chunk, in constant memory.

use crate::{
    env::Env,
    ids::{ActivityId, ConversationId, TenantId},
    lane::Lane,
    notification::{Notification, PlannedPart},
    outcome::Outcome,
    ports::{Read, ReadIf, StoreError},
    store::audience,
    store::keys,
    store::ledger::{Replay, RowState, Sums},
    store::waits::TenantWait,
    target::Scope,
};
use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// One recipient in a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRow {
    /// Number within the tenant's part.
    pub n: u32,
    /// The tenant.
    pub tenant: TenantId,
    /// Where it went.
    pub conversation_id: ConversationId,
    /// Kind of conversation.
    pub scope: Scope,
    /// `pending`, or the outcome.
    pub outcome: &'static str,
    /// The message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity_id: Option<ActivityId>,
    /// Posts made.
    pub attempts: u32,
    /// HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Code of the last answer, or ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Arc<str>>,
    /// When it got its outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What a pending recipient waits for, in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

impl ReportRow {
    /// Says of a pending recipient what its tenant waits for.
    fn explain(&mut self, waits: &[TenantWait]) {
        let pending = self.outcome == PENDING;
        let wait = waits.iter().find(|wait| pending && wait.tenant == self.tenant);
        if let Some(TenantWait { waiting, .. }) = wait {
            let code = waiting.code.clone();
            self.code = Some(code.unwrap_or_else(|| waiting.cause.as_str().into()));
            let (since, why) = (waiting.since, waiting.cause.public_message());
            self.reason = Some(format!("waits since {since}: {why}").into());
        }
    }
}

/// Instead of an outcome.
const PENDING: &str = "pending";

/// What a chunk's audience and ledger say together.
pub(crate) struct Joined {
    pub(crate) rows: Vec<ReportRow>,
    /// Counted from the lines, not from their sums.
    pub(crate) counted: Sums,
}

/// Joins one chunk.
pub(crate) async fn join(
    env: &Env,
    notification: &Notification,
    lane: &Lane,
    number: u32,
) -> Result<Joined, StoreError> {
    let objects = &*env.ports.objects;
    let audience = audience::read(objects, &notification.id, lane, number).await?;
    let name = keys::ledger(&notification.id, lane, number);
    let body = match objects.read(&name, ReadIf::Any).await? {
        Read::Found(object) => object.body,
        Read::Missing | Read::Unchanged => Bytes::new(),
    };
    let replay = Replay::read(&body, audience.first, audience.rows.len())
        .map_err(|error| StoreError::Damaged(format!("{name}: {error}")))?;
    let counted = replay.counted;
    let rows = audience.rows.into_iter().zip(replay.rows);
    let rows = rows
        .map(|(recipient, log)| {
            let mut row = ReportRow {
                n: recipient.n,
                tenant: recipient.tenant,
                conversation_id: recipient.conversation,
                scope: recipient.scope,
                outcome: PENDING,
                activity_id: None,
                attempts: log.attempts,
                status: None,
                code: None,
                at: None,
                reason: None,
            };
            if let RowState::Settled(settled) = log.state {
                row.outcome = Outcome::as_str(settled.outcome);
                row.activity_id = settled.activity;
                row.status = settled.status;
                row.code = settled.code;
                row.at = Timestamp::from_millisecond(settled.at).ok();
                if let Some(conversation) = settled.conversation {
                    row.conversation_id = conversation;
                }
            }
            row
        })
        .collect();
    Ok(Joined { rows, counted })
}

/// Every chunk of a planned notification, in order.
fn chunks(notification: &Notification) -> impl Iterator<Item = (Lane, u32)> + use<> {
    let parts: Vec<PlannedPart> = notification
        .plan
        .iter()
        .flat_map(|plan| plan.parts.clone())
        .collect();
    parts
        .into_iter()
        .flat_map(|part| (0..part.chunks).map(move |number| (part.lane(), number)))
}

/// The rows of a notification as they are read, chunk by chunk.
pub(crate) fn report(
    env: Arc<Env>,
    notification: Notification,
    waits: Vec<TenantWait>,
) -> impl Stream<Item = Result<ReportRow, StoreError>> + Send + 'static {
    let chunks = chunks(&notification);
    let (notification, waits) = (Arc::new(notification), Arc::new(waits));
    stream::iter(chunks.map(Ok::<_, StoreError>))
        .and_then(move |(lane, number)| {
            let (env, notification, waits) = (env.clone(), notification.clone(), waits.clone());
            async move {
                let mut joined = join(&env, &notification, &lane, number).await?;
                joined.rows.iter_mut().for_each(|row| row.explain(&waits));
                Ok(stream::iter(joined.rows.into_iter().map(Ok::<_, StoreError>)))
            }
        })
        .try_flatten()
}

/// What audience and ledgers prove, without any stored counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Recipients in the audience.
    pub total: u64,
    /// Their outcomes, counted.
    pub counted: Sums,
    /// Recipients without an outcome.
    pub pending: u64,
}

/// Counts a notification from audience and ledgers.
pub(crate) async fn verify(env: &Env, notification: &Notification) -> Result<Verification, StoreError> {
    let mut proof = Verification::default();
    for (lane, number) in chunks(notification) {
        let joined = join(env, notification, &lane, number).await?;
        proof.total += joined.rows.len() as u64;
        proof.counted.merge(&joined.counted);
        let pending = joined.rows.iter().filter(|row| row.outcome == PENDING);
        proof.pending += pending.count() as u64;
    }
    Ok(proof)
}
