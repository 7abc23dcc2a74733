//! Writing references out. Tombstones stay behind: they matter only where late events can arrive.

use super::{AT_ONCE, Cause, Format, TransferError};
use crate::references::line;
use futures::{StreamExt, TryStreamExt, stream};
use notify::{
    ports::{ReferenceStore, Selection, StoreError},
    reference::teamsfx,
    target::ReferenceRecord,
};
use std::io::Write;

/// Writes the references of a selection; returns how many.
///
/// # Errors
/// [`TransferError`] when the store or the output fails; what was written until then is whole lines or entries.
pub async fn export(
    store: &dyn ReferenceStore,
    selection: &Selection,
    format: Format,
    out: &mut (dyn Write + Send),
) -> Result<u64, TransferError> {
    let (mut count, mut from) = (0, None);
    let io = |error: std::io::Error| Cause::Io(format!("the export can't be written: {error}"));
    if format == Format::TeamsFx {
        out.write_all(b"{").map_err(io)?;
    }
    loop {
        let page = store.list(selection, from.as_ref()).await?;
        let mut records = stream::iter(page.targets)
            .map(|listed| async move {
                Ok::<_, StoreError>(store.read(&listed.target.key).await?.map(|s| s.record))
            })
            .buffered(AT_ONCE);
        while let Some(record) = records.try_next().await? {
            let Some(ReferenceRecord::Installed(_)) = &record else {
                continue;
            };
            let Some(record) = record else { continue };
            let text = match format {
                Format::JsonLines => {
                    let mut text = line(&record)?;
                    text.push(b'\n');
                    text
                }
                Format::TeamsFx => entry(&record, count).map_err(StoreError::Refused)?,
            };
            out.write_all(&text).map_err(io)?;
            count += 1;
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    if format == Format::TeamsFx {
        out.write_all(if count == 0 { b"}\n" } else { b"\n}\n" })
            .map_err(io)?;
    }
    out.flush().map_err(io)?;
    Ok(count)
}

/// One entry of TeamsFx's object, as it prints it.
fn entry(record: &ReferenceRecord, before: u64) -> Result<Vec<u8>, String> {
    let ReferenceRecord::Installed(whole) = record else {
        return Ok(Vec::new());
    };
    let key = serde_json::to_string(&teamsfx::store_key(&whole.target.key)).map_err(|e| e.to_string())?;
    let text = serde_json::to_string_pretty(&whole.reference).map_err(|e| e.to_string())?;
    let comma = if before == 0 { "" } else { "," };
    Ok(format!("{comma}\n  {key}: {}", text.replace('\n', "\n  ")).into_bytes())
}
