//! Opens a chunk with what its ledger says; a ledger with lines gets a fencing record, so that no earlier owner can
//! append any more.

use super::{Context, append::append};
use crate::{
    notification::Notification,
    ports::{Read, ReadIf, StoreError},
    store::audience,
    store::keys,
    store::ledger::Sums,
    worker::state::{OpenChunk, Rebuild, event::AppendEnd, rebuild},
};
use bytes::Bytes;

/// Attempts to append a fencing record while an old owner's last append comes in.
const MAX_FENCING_ATTEMPTS: u32 = 10;

/// Opens a chunk of a notification. `base` are the sums of the chunks before the previous one, where the ledger is new.
///
/// # Errors
/// When the store fails, or audience or ledger can't be read.
pub(super) async fn open(
    context: &Context,
    notification: &Notification,
    number: u32,
    base: Sums,
) -> Result<OpenChunk, StoreError> {
    let (ports, lane) = (&context.env.ports, &context.lane);
    let objects = &*ports.objects;
    let name = keys::ledger(&notification.id, lane, number);
    let ledger = async {
        match objects.read(&name, ReadIf::Any).await? {
            Read::Found(object) => Ok(object.body),
            Read::Missing | Read::Unchanged => {
                objects.create_append(&name).await?;
                Ok(Bytes::new())
            }
        }
    };
    let audience = audience::read(objects, &notification.id, lane, number);
    let (mut audience, mut body) = futures::try_join!(audience, ledger)?;
    for _ in 0..MAX_FENCING_ATTEMPTS {
        let from = Rebuild {
            number,
            first: audience.first,
            rows: audience.rows,
            ledger: name.clone(),
            version: notification.version,
            on_uncertain: notification.on_uncertain,
            base,
        };
        let mut open = rebuild(from, &body, context.now())?;
        if body.is_empty() {
            return Ok(open);
        }
        let line = open.line(&context.owner, Vec::new(), context.now())?;
        match append(ports, &line).await {
            AppendEnd::Written(length) => {
                open.written(length);
                return Ok(open);
            }
            AppendEnd::Refused => {
                return Err(StoreError::Refused(format!("{name} takes no fencing record")));
            }
            AppendEnd::Fenced => {
                // The old owner's last append came in: read again what it says.
                audience = audience::read(objects, &notification.id, lane, number).await?;
                body = match objects.read(&name, ReadIf::Any).await? {
                    Read::Found(object) => object.body,
                    Read::Missing | Read::Unchanged => Bytes::new(),
                };
            }
        }
    }
    Err(StoreError::unavailable("a ledger stayed contended"))
}
