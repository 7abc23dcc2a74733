//! Bugs of the records: notifications and the ends of their parts.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{Clock, Etag, Ports, WriteError, WriteIf};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How late an accepted notification is stored.
const LATE: Duration = Duration::from_millis(400);

/// A notification is accepted before it is stored: its first write is answered at once and done a little later.
pub fn accepted_before_stored(ports: Ports) -> Ports {
    let clock = ports.clock.clone();
    before_objects(ports, StoredLater { clock })
}

struct StoredLater {
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Fault for StoredLater {
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        if when != WriteIf::Absent || !name.ends_with("/notification.json") {
            return store.write(name, body, metadata, when).await;
        }
        let (store, clock, name, metadata) = (
            store.clone(),
            self.clock.clone(),
            name.to_owned(),
            metadata.clone(),
        );
        tokio::spawn(async move {
            clock.sleep_until(clock.now().after(LATE)).await;
            // Whatever comes of it, the answer is given.
            let _ = store.write(&name, body, &metadata, when).await;
        });
        Ok(Etag("not yet".into()))
    }
}

/// The end of a part gets lost: its write is answered as done and nothing is there.
pub fn end_of_a_part_lost(ports: Ports) -> Ports {
    before_objects(ports, EndLost)
}

struct EndLost;

#[async_trait]
impl Fault for EndLost {
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        if name.ends_with("/done") {
            return Ok(Etag("unwritten".into()));
        }
        store.write(name, body, metadata, when).await
    }
}
