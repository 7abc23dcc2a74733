//! Opens a part that was planned a moment ago by this process: nothing of it has to be read.

use super::Context;
use crate::{
    ports::{Created, StoreError},
    store::keys,
    store::ledger::Sums,
    worker::{
        FreshPart,
        state::{Part, Rebuild, event::Stored, rebuild},
    },
};

/// Creates the ledger of a fresh part. `None` when it is there: then somebody else works on it, or has, and what the
/// ledger says must be read.
pub(in crate::worker) async fn open_fresh(
    context: &Context,
    fresh: FreshPart,
) -> Result<Option<Part>, StoreError> {
    let env = &context.env;
    let notification = fresh.notification;
    let ledger = keys::ledger(&notification.id, &context.lane, 0);
    if env.ports.objects.create_append(&ledger).await? == Created::AlreadyThere {
        return Ok(None);
    }
    let from = Rebuild {
        number: 0,
        first: 0,
        rows: fresh.rows,
        ledger,
        version: notification.version,
        on_uncertain: notification.on_uncertain,
        base: Sums::default(),
    };
    let chunk = rebuild(from, b"", context.now())?;
    let work_item = keys::work_item(
        &env.settings.bot,
        &context.lane,
        notification.priority,
        notification.created_at,
        &notification.id,
    );
    let stored = Stored {
        notification: Box::new(notification),
        version: fresh.version,
    };
    let mut part = Part::new(work_item, stored, 1).without_work_item();
    part.opened(chunk);
    Ok(Some(part))
}
