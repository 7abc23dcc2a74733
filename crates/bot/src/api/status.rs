//! The JSON that tells where a notification stands.

use notify::{
    ids::NotificationId,
    notification::Operation,
    outcome::Outcome,
    request::NotificationKind,
    status::{Planning, Status},
};
use serde_json::{Map, Value, json};

/// Path of a notification.
pub(super) fn link(id: &NotificationId) -> String {
    format!("/api/notification/{id}")
}

fn links(id: &NotificationId) -> Value {
    let own = link(id);
    json!({ "self": own, "report": format!("{own}/report") })
}

/// The answer to whoever asked for something to be done.
pub(super) fn accepted(status: &Status) -> Value {
    json!({
        "id": status.notification.id,
        "state": status.state,
        "total": status.total,
        "planned": status.planned == Planning::Complete,
        "links": links(&status.notification.id),
    })
}

/// The same when nothing but the acceptance is known.
pub(super) fn just_accepted(id: &NotificationId) -> Value {
    json!({ "id": id, "state": "queued", "total": 0, "planned": false, "links": links(id) })
}

/// An edit or a recall of the notification.
fn operation(operation: &Operation) -> Value {
    json!({ "id": operation.id, "kind": operation.kind, "createdAt": operation.created_at })
}

/// The whole status.
pub(crate) fn body(status: &Status) -> Value {
    let notification = &status.notification;
    let mut counts: Map<String, Value> = Outcome::ALL
        .iter()
        .map(|outcome| (outcome.as_str().to_owned(), status.counts.of(*outcome).into()))
        .collect();
    counts.insert("pending".to_owned(), status.pending.into());
    let mut body = json!({
        "id": notification.id,
        "state": status.state,
        "total": status.total,
        "planned": status.planned == Planning::Complete,
        "counts": counts,
        "resent": status.resent,
        "operations": notification.operations.iter().map(operation).collect::<Vec<_>>(),
        "createdAt": notification.created_at,
        "links": links(&notification.id),
    });
    if let Some(reason) = status.reason {
        body["reason"] = reason.into();
    }
    if let Some(at) = notification.finished_at {
        body["finishedAt"] = at.to_string().into();
    }
    let of = match &notification.kind {
        NotificationKind::Send => None,
        NotificationKind::Update(of) => Some(("update", of)),
        NotificationKind::Delete(of) => Some(("delete", of)),
    };
    if let Some((kind, of)) = of {
        body["kind"] = kind.into();
        body["of"] = of.as_str().into();
    }
    body
}
