//! Bugs of pauses.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{Etag, Object, Ports, Read, ReadIf, StoreError, WriteError, WriteIf};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

fn is_record(name: &str) -> bool {
    name.ends_with("/notification.json")
}

fn is_paused(stop: &Value) -> bool {
    stop["reason"] == "paused"
}

/// A process knows of a pause only if it was asked for it: whoever takes over forgets it.
pub fn pause_forgotten_by_others(ports: Ports) -> Ports {
    before_objects(ports, Forgotten::default())
}

#[derive(Default)]
struct Forgotten {
    /// Records that this process paused.
    own: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl Fault for Forgotten {
    async fn read(&self, store: &Behind, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        let read = store.read(name, when).await?;
        let own = self
            .own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(name);
        let Read::Found(object) = read else {
            return Ok(read);
        };
        if own || !is_record(name) {
            return Ok(Read::Found(object));
        }
        let mut record: Value = serde_json::from_slice(&object.body).unwrap_or_default();
        if let Some(stops) = record.get_mut("stops").and_then(Value::as_array_mut) {
            stops.retain(|stop| !is_paused(stop));
        }
        Ok(Read::Found(Object {
            body: record.to_string().into(),
            ..object
        }))
    }

    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        if is_record(name) {
            let record: Value = serde_json::from_slice(&body).unwrap_or_default();
            let stops = record["stops"].as_array();
            if stops.is_some_and(|stops| stops.iter().any(is_paused)) {
                let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
                own.insert(name.to_owned());
            }
        }
        store.write(name, body, metadata, when).await
    }
}
