//! Notifications as text for a terminal.

use crate::commands::word;
use notify::{
    ids::NotificationId,
    outcome::Outcome,
    request::NotificationKind,
    service::ServiceError,
    status::{NotificationState, Planning, Status},
};
use std::fmt::Write as _;

/// Names of the columns of [`line()`].
pub(super) const HEADER: &str =
    "ID                                    STATE         TOTAL DELIVERED   PENDING  ACCEPTED";

/// One notification in a list.
pub(super) fn line(status: &Status) -> String {
    format!(
        "{:<36}  {:<9} {:>9} {:>9} {:>9}  {:.0}",
        status.notification.id.as_str(),
        state(status.state),
        status.total,
        status.counts.of(Outcome::Delivered),
        status.pending,
        status.notification.created_at
    )
}

/// One that this version can't read.
pub(super) fn quarantined(id: &NotificationId, error: &ServiceError) -> String {
    format!("{:<36}  quarantined: {error}", id.as_str())
}

/// The public word of a state.
fn state(state: NotificationState) -> String {
    word(&state)
}

/// One notification in full.
pub(super) fn whole(status: &Status) -> String {
    let notification = &status.notification;
    let mut text = String::new();
    let mut row = |name: &str, value: &dyn std::fmt::Display| {
        // Writing to a text can't fail.
        let _ = writeln!(text, "{name:<12} {value}");
    };
    row("id", &notification.id);
    row("state", &state(status.state));
    if let Some(reason) = status.reason {
        row("reason", &reason);
    }
    for wait in &status.waiting {
        let waiting = &wait.waiting;
        let code = waiting
            .code
            .as_deref()
            .map(|code| format!(" ({code})"))
            .unwrap_or_default();
        let (tenant, cause) = (&wait.tenant, waiting.cause.public_message());
        let (since, next) = (waiting.since, waiting.next);
        row(
            "waits",
            &format!("{tenant} since {since}, next try {next}: {cause}{code}"),
        );
    }
    match &notification.kind {
        NotificationKind::Send => {}
        NotificationKind::Update(of) => row("replaces", of),
        NotificationKind::Delete(of) => row("recalls", of),
    }
    row("accepted", &notification.created_at);
    row("expires", &notification.expires_at);
    if let Some(at) = &notification.cancelled_at {
        row("cancelled", at);
    }
    if let Some(at) = &notification.finished_at {
        row("finished", at);
    }
    let so_far = match status.planned {
        Planning::Complete => "",
        Planning::Open => " so far",
    };
    row("recipients", &format!("{}{so_far}", status.total));
    for outcome in Outcome::ALL {
        let count = status.counts.of(outcome);
        if count > 0 {
            row(&format!("  {}", outcome.as_str()), &count);
        }
    }
    if status.pending > 0 {
        row("  pending", &status.pending);
    }
    if status.resent > 0 {
        row("resent", &status.resent);
    }
    text
}
