//! Accepting is storing: the planning item first, then the bot's change signal, then the notification If-None-Match. After
//! that it can't be lost.

use crate::{
    env::Env,
    identity::NotificationSource,
    ids::NotificationId,
    notification::Notification,
    ports::{StoreError, WriteError, WriteIf},
    request::{DEFAULT_LIFETIME, NotificationKind, Request},
    status::{NotificationState, Planning, state_of},
    store::bot_signal,
    store::keys,
    store::notifications::{self, Known, LoadError},
    store::record::RecordError,
    store::record::Version,
};
use bytes::Bytes;
use std::collections::BTreeMap;

/// A stored request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The notification.
    pub id: NotificationId,
    /// Whether this request made it.
    pub novelty: Novelty,
    /// How far it is, where this process knows that without reading anything.
    pub progress: Option<Progress>,
}

/// How far a notification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its state.
    pub state: NotificationState,
    /// Recipients planned so far.
    pub total: u64,
    /// Whether that is all.
    pub planned: Planning,
}

impl Progress {
    /// Of a notification that was accepted a moment ago.
    const QUEUED: Self = Self {
        state: NotificationState::Queued,
        total: 0,
        planned: Planning::Open,
    };

    /// Of a notification that is planned; `None` of any other.
    pub(crate) fn of(notification: &Notification) -> Option<Self> {
        let total = notification.plan.as_ref()?.total();
        Some(Self {
            state: state_of(notification, total > 0),
            total,
            planned: Planning::Complete,
        })
    }
}

/// Whether a request was the first of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// It made the notification.
    New,
    /// The same request came before.
    Repeated,
}

/// Why a request was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The key was used with another body.
    #[error(
        "this Idempotency-Key was used for another request (notification {0}); repeat that body, or use a new key"
    )]
    KeyReused(NotificationId),
    /// Without a key, the host's invocation id is the key; it came with another body.
    #[error(
        "this invocation was answered before with another body (notification {0}); give a request that is new an Idempotency-Key of its own"
    )]
    InvocationReused(NotificationId),
    /// What a child needs of its parent isn't so.
    #[error(transparent)]
    Parent(#[from] super::service::ServiceError),
    /// There is a notification of that id that this version can't read.
    #[error(transparent)]
    Quarantined(#[from] RecordError),
    /// The store failed; nothing was accepted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores a request. Returns also what is stored now, so that nobody has to read it.
pub(crate) async fn accept(
    env: &Env,
    kind: NotificationKind,
    version: Version,
    source: NotificationSource,
    request: Request,
) -> Result<(Accepted, Known), AcceptError> {
    let id = source.notification_id(&env.settings.bot);
    let now = env.ports.clock.wall();
    let expires_at = request
        .expires_at
        .unwrap_or_else(|| now.checked_add(DEFAULT_LIFETIME).unwrap_or(now));
    let notification = Notification {
        version,
        id: id.clone(),
        bot: env.settings.bot.clone(),
        kind,
        source,
        fingerprint: request.fingerprint,
        created_at: now,
        expires_at,
        priority: request.priority,
        on_uncertain: request.on_uncertain,
        message: request.message,
        audience: request.audience,
        plan: None,
        stops: Vec::new(),
        operations: Vec::new(),
        cancelled_at: None,
        superseded_at: None,
        resumed_at: None,
        finished_at: None,
    };
    mark_planning(env, &id).await?;
    // Ahead of the notification: once that is stored, the next maintenance has to find it.
    bot_signal::give(&env.ports, &env.settings.bot).await?;
    let written = env
        .ports
        .objects
        .write(
            &keys::notification(&id),
            notification.to_bytes()?,
            &BTreeMap::new(),
            WriteIf::Absent,
        )
        .await;
    match written {
        Ok(etag) => {
            log(&notification);
            let accepted = Accepted {
                id,
                novelty: Novelty::New,
                progress: Some(Progress::QUEUED),
            };
            Ok((accepted, (notification, etag)))
        }
        Err(WriteError::Conflict) => repeated(env, id, &notification).await,
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

/// Logs it for an operator. What a caller chose, as the key, is left out.
fn log(notification: &Notification) {
    let (source, function, who) = match &notification.source {
        NotificationSource::Key(_) | NotificationSource::Invocation(_) | NotificationSource::Child { .. } => {
            ("request", None, "")
        }
        NotificationSource::Timer { function, .. } => ("timer", Some(function.as_str()), "timer: "),
    };
    let kind = match &notification.kind {
        NotificationKind::Send => "send",
        NotificationKind::Update(_) => "update",
        NotificationKind::Delete(_) => "delete",
    };
    tracing::info!(
        notification_id = %notification.id,
        kind,
        parent_id = notification.kind.parent().map(NotificationId::as_str),
        source,
        function,
        "{who}notification accepted"
    );
}

async fn repeated(
    env: &Env,
    id: NotificationId,
    asked: &Notification,
) -> Result<(Accepted, Known), AcceptError> {
    let (known, etag) = match notifications::load(&*env.ports.objects, &id).await {
        Ok(known) => known,
        Err(LoadError::Record(error)) => return Err(error.into()),
        Err(error) => return Err(crate::plan::as_store_error(error).into()),
    };
    // The planning item that we wrote ahead of reading may be a planner's own: a plan that is stored is not yet announced
    // to every lane. Once the notification is over nobody needs it, and a planner that leases it at this moment deletes
    // it; otherwise the planner that is woken does.
    if known.is_over() {
        let _ = env.ports.objects.delete(&keys::planning(&id), WriteIf::Any).await;
    }
    if known.fingerprint != asked.fingerprint || known.kind != asked.kind {
        return Err(match asked.source {
            NotificationSource::Invocation(_) => AcceptError::InvocationReused(id),
            _ => AcceptError::KeyReused(id),
        });
    }
    let accepted = Accepted {
        id,
        novelty: Novelty::Repeated,
        progress: None,
    };
    Ok((accepted, (known, etag)))
}

/// Says that a notification waits for a planner.
///
/// A conflict means that a planner has the lease of the item. Nothing is lost then:
/// - Accepting: that planner deletes the item only if it has read the notification, and then our write of it conflicts,
///   as the request is a repeated one. If it came before our write, it leaves the item where it is.
/// - A repeated request: it asks for what the planner does.
/// - Cancelling: the planner's own write of the plan conflicts with the cancellation, keeps it and announces the parts;
///   the lanes end them. A planner that stops the notification instead has listed it below `stopped/`, and the
///   reconciler finds it cancelled there.
/// - Resuming: a planner deletes its item before it stores a stop, so what leases the item now began later and goes on.
pub(crate) async fn mark_planning(env: &Env, id: &NotificationId) -> Result<(), StoreError> {
    let at = env.ports.clock.wall().as_millisecond().to_string();
    let mut metadata = BTreeMap::from([("at".to_owned(), at)]);
    // Bots may share a container: another's reconciler leaves it alone.
    if !env.settings.bot.as_str().is_empty() {
        metadata.insert("bot".to_owned(), env.settings.bot.to_string());
    }
    let name = keys::planning(id);
    match env
        .ports
        .objects
        .write(&name, Bytes::new(), &metadata, WriteIf::Any)
        .await
    {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
