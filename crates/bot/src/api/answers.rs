//! The JSON that tells where notifications stand. These types are what is answered and what the API's description is
//! made from; their doc comments are its texts.

use super::{PublicPath, warnings::Warning};
use notify::{
    accept::Progress,
    ids::NotificationId,
    notification::{Operation, OperationKind},
    outcome::{Counts, Outcome},
    request::NotificationKind,
    service::{Item, Summary},
    status::{NotificationState, Planning, Status, TenantWait},
};
use schemars::JsonSchema;
use serde::Serialize;

/// Where to go on from here.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Links {
    /// The notification's status.
    #[serde(rename = "self")]
    own: String,
    /// Its report.
    report: String,
}

impl Links {
    fn of(id: &NotificationId, base: &PublicPath) -> Self {
        let own = base.of(id);
        Self {
            report: format!("{own}/report"),
            own,
        }
    }
}

/// Where a notification stands: `queued` (stored, nothing planned yet), `planning` (its recipients are being put
/// together), `sending`, `stopped` (stands still for a reason; can be resumed), `finished` (every recipient has an
/// outcome), `cancelled` (what was not posted is not going to be). In a list also `quarantined`: written by a newer
/// version of the program, or damaged, and left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum StateName {
    Queued,
    Planning,
    Sending,
    Stopped,
    Finished,
    Cancelled,
    Quarantined,
}

impl From<NotificationState> for StateName {
    fn from(state: NotificationState) -> Self {
        match state {
            NotificationState::Queued => Self::Queued,
            NotificationState::Planning => Self::Planning,
            NotificationState::Stopped => Self::Stopped,
            NotificationState::Finished => Self::Finished,
            NotificationState::Cancelled => Self::Cancelled,
            // A state of a newer domain is on its way for all that this version can say.
            _ => Self::Sending,
        }
    }
}

/// What an edit or a recall does to the messages of its parent: replaces or deletes them.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) enum ChildKind {
    Update,
    Delete,
}

/// The answer to whoever asked for something to be done.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AcceptedAnswer {
    /// The notification's id; for an edit or a recall its own, not that of the notification it is about.
    #[schemars(extend("format" = "uuid"))]
    id: String,
    state: StateName,
    /// Recipients planned so far.
    total: u64,
    /// Whether `total` is all.
    planned: bool,
    /// What was probably not meant so, the first 20: it is sent all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    warnings: Vec<Warning>,
    links: Links,
}

impl AcceptedAnswer {
    /// The same, with what is odd about the request.
    pub(super) fn with(self, warnings: Vec<Warning>) -> Self {
        Self { warnings, ..self }
    }

    pub(super) fn of(status: &Status, base: &PublicPath) -> Self {
        let id = &status.notification.id;
        Self {
            id: id.to_string(),
            state: status.state.into(),
            total: status.total,
            planned: status.planned == Planning::Complete,
            warnings: Vec::new(),
            links: Links::of(id, base),
        }
    }

    /// The same of a notification that was accepted here.
    pub(super) fn new(id: &NotificationId, progress: Progress, base: &PublicPath) -> Self {
        Self {
            id: id.to_string(),
            state: progress.state.into(),
            total: progress.total,
            planned: progress.planned == Planning::Complete,
            warnings: Vec::new(),
            links: Links::of(id, base),
        }
    }

    /// The same when nothing but the acceptance is known.
    pub(super) fn just(id: &NotificationId, base: &PublicPath) -> Self {
        Self {
            id: id.to_string(),
            state: StateName::Queued,
            total: 0,
            planned: false,
            warnings: Vec::new(),
            links: Links::of(id, base),
        }
    }
}

/// Recipients by outcome. Their sum is `total` at every moment.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CountsAnswer {
    /// Teams took the message.
    delivered: u64,
    /// The person or an administrator blocked the app.
    blocked: u64,
    /// The app is not installed there any more.
    uninstalled: u64,
    /// The conversation, or the message to edit, is not there any more.
    gone: u64,
    /// The content or the target was refused.
    rejected: u64,
    /// Any other final answer.
    failed: u64,
    /// It may have arrived, and was not posted again.
    uncertain: u64,
    /// Not attempted after a cancel.
    cancelled: u64,
    /// Not attempted: opted out, expired, nothing to edit.
    skipped: u64,
    /// Without an outcome yet.
    pending: u64,
}

impl CountsAnswer {
    fn of(counts: &Counts, pending: u64) -> Self {
        Self {
            delivered: counts.of(Outcome::Delivered),
            blocked: counts.of(Outcome::Blocked),
            uninstalled: counts.of(Outcome::Uninstalled),
            gone: counts.of(Outcome::Gone),
            rejected: counts.of(Outcome::Rejected),
            failed: counts.of(Outcome::Failed),
            uncertain: counts.of(Outcome::Uncertain),
            cancelled: counts.of(Outcome::Cancelled),
            skipped: counts.of(Outcome::Skipped),
            pending,
        }
    }
}

/// An edit or a recall of a notification.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationAnswer {
    /// Its own id: it is a notification too.
    id: String,
    kind: ChildKind,
    /// When it was asked for.
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
}

impl OperationAnswer {
    fn of(operation: &Operation) -> Self {
        Self {
            id: operation.id.to_string(),
            kind: match operation.kind {
                OperationKind::Update => ChildKind::Update,
                OperationKind::Delete => ChildKind::Delete,
            },
            created_at: operation.created_at.to_string(),
        }
    }
}

/// A tenant that waits: nothing goes to it but now and then a probe, until one is delivered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitAnswer {
    tenant: String,
    /// `credentials`, `not-allowed`, `wrong-bot`, `refused`, `service` or `network`.
    reason: &'static str,
    /// The code of Teams or Entra (as `invalid_client/AADSTS7000222`), or ours (as `tls`, `connect`).
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// In plain words, with what to do.
    detail: &'static str,
    #[schemars(extend("format" = "date-time"))]
    since: String,
    /// When the next probe is due.
    #[schemars(extend("format" = "date-time"))]
    next_try_at: String,
}

impl WaitAnswer {
    fn of(wait: &TenantWait) -> Self {
        let waiting = &wait.waiting;
        Self {
            tenant: wait.tenant.to_string(),
            reason: waiting.cause.as_str(),
            code: waiting.code.as_deref().map(str::to_owned),
            detail: waiting.cause.public_message(),
            since: waiting.since.to_string(),
            next_try_at: waiting.next.to_string(),
        }
    }
}

/// A notification's status.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusAnswer {
    #[schemars(extend("format" = "uuid"))]
    id: String,
    state: StateName,
    /// Why it stands still, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// For an edit or a recall: which of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<ChildKind>,
    /// For an edit or a recall: the notification that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// Recipients planned so far.
    total: u64,
    /// Whether `total` is all.
    planned: bool,
    counts: CountsAnswer,
    /// Messages posted again although an earlier post may have arrived.
    resent: u64,
    /// Tenants that wait, at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<WaitAnswer>,
    /// Its edits and recalls, the newest hundred.
    operations: Vec<OperationAnswer>,
    /// When it was accepted.
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    /// When the last recipient had an outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    finished_at: Option<String>,
    links: Links,
}

impl StatusAnswer {
    /// The whole status, linked to where the API is mounted.
    pub(crate) fn of(status: &Status, base: &PublicPath) -> Self {
        let notification = &status.notification;
        let child = child(&notification.kind);
        Self {
            id: notification.id.to_string(),
            state: status.state.into(),
            reason: status.reason,
            kind: child.as_ref().map(|(kind, _)| *kind),
            of: child.map(|(_, of)| of),
            total: status.total,
            planned: status.planned == Planning::Complete,
            counts: CountsAnswer::of(&status.counts, status.pending),
            resent: status.resent,
            waiting: status.waiting.iter().map(WaitAnswer::of).collect(),
            operations: notification.operations.iter().map(OperationAnswer::of).collect(),
            created_at: notification.created_at.to_string(),
            finished_at: notification.finished_at.map(|at| at.to_string()),
            links: Links::of(&notification.id, base),
        }
    }
}

fn child(kind: &NotificationKind) -> Option<(ChildKind, String)> {
    match kind {
        NotificationKind::Send => None,
        NotificationKind::Update(of) => Some((ChildKind::Update, of.to_string())),
        NotificationKind::Delete(of) => Some((ChildKind::Delete, of.to_string())),
    }
}

/// A notification in short.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListItem {
    #[schemars(extend("format" = "uuid"))]
    id: String,
    state: StateName,
    /// For an edit or a recall: which of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<ChildKind>,
    /// For an edit or a recall: the notification that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// Recipients planned so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<CountsAnswer>,
    /// When it was accepted.
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    /// When the last recipient had an outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    finished_at: Option<String>,
    links: Links,
}

impl ListItem {
    pub(super) fn of(item: &Item, base: &PublicPath) -> Self {
        match item {
            Item::Known(summary) => Self::known(summary, base),
            Item::Quarantined { id, created_at } => Self {
                id: id.to_string(),
                state: StateName::Quarantined,
                kind: None,
                of: None,
                total: None,
                counts: None,
                created_at: created_at.to_string(),
                finished_at: None,
                links: Links::of(id, base),
            },
        }
    }

    fn known(summary: &Summary, base: &PublicPath) -> Self {
        let child = child(&summary.kind);
        Self {
            id: summary.id.to_string(),
            state: summary.state.into(),
            kind: child.as_ref().map(|(kind, _)| *kind),
            of: child.map(|(_, of)| of),
            total: Some(summary.total),
            counts: Some(CountsAnswer::of(&summary.counts, summary.pending)),
            created_at: summary.created_at.to_string(),
            finished_at: summary.finished_at.map(|at| at.to_string()),
            links: Links::of(&summary.id, base),
        }
    }
}

/// A page of notifications, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListAnswer {
    pub(super) notifications: Vec<ListItem>,
    /// Give this as `after` for the next page. A page may be short, also empty, and still have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}
