//! What object references guarantee beyond the suite: requests, large records, records of other versions.

use super::*;
use crate::{
    conformance::{self, Counted, ShortPages, installation, key, removal},
    local::DirectoryObjects,
};
use bytes::Bytes;
use notify::ports::{Appended, Created, Lease, LeaseError, Listing};
use std::{collections::BTreeMap, time::Duration};

fn directory() -> (tempfile::TempDir, Arc<dyn ObjectStore>) {
    let folder = tempfile::tempdir().unwrap();
    let objects = DirectoryObjects::open(folder.path()).unwrap();
    (folder, Arc::new(objects))
}

fn selection() -> Selection {
    Selection {
        bot: "bot-1".into(),
        tenant: None,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_over_a_directory_whole_and_with_short_pages() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::sync::atomic::AtomicU32::new(0);
    let objects = || -> Arc<dyn ObjectStore> {
        let n = made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let objects = DirectoryObjects::open(folder.path().join(n.to_string())).unwrap();
        Arc::new(objects)
    };
    conformance::references(&|| Arc::new(ObjectReferences::new(objects()))).await;
    conformance::references(&|| Arc::new(ObjectReferences::new(Arc::new(ShortPages::new(objects()))))).await;
}

#[tokio::test]
async fn a_listing_reads_no_bodies() {
    let (_folder, objects) = directory();
    let counted = Arc::new(Counted::new(objects));
    let store = ObjectReferences::new(counted.clone());
    for n in 0..20 {
        let key = key("bot-1", "t", &format!("a:{n}"));
        let record = match n % 2 {
            0 => ReferenceRecord::Installed(Box::new(installation(&key, at(1)))),
            _ => removal(&key, at(1)),
        };
        store.write(&key, &record, &Expected::Absent).await.unwrap();
    }
    let before = counted.requests();
    assert_eq!(store.list(&selection(), None).await.unwrap().targets.len(), 10);
    let after = counted.requests();
    assert_eq!(
        (after.list - before.list, after.read - before.read),
        (1, 0),
        "tombstones are skipped unread"
    );
}

#[tokio::test]
async fn a_target_too_large_for_metadata_is_listed_from_its_body() {
    let (_folder, objects) = directory();
    let store = ObjectReferences::new(objects.clone());
    let key = key("bot-1", "t", &"x".repeat(7_000));
    let whole = installation(&key, at(1));
    let record = ReferenceRecord::Installed(Box::new(whole.clone()));
    store.write(&key, &record, &Expected::Absent).await.unwrap();
    let entry = objects
        .list("references/", None, 1)
        .await
        .unwrap()
        .entries
        .remove(0);
    assert_eq!(entry.metadata["large"], "1");
    let page = store.list(&selection(), None).await.unwrap();
    assert_eq!(page.targets[0].target, whole.target);
}

#[tokio::test]
async fn a_record_of_another_version_is_left_alone() {
    let (_folder, objects) = directory();
    let store = ObjectReferences::new(objects.clone());
    let key = key("bot-1", "t", "a:1");
    let name = name_of(&key);
    let body = Bytes::from(r#"{"v":2,"is":"installed","somethingNew":true}"#);
    let metadata = BTreeMap::from([("v".to_owned(), "2".to_owned())]);
    objects
        .write(&name, body.clone(), &metadata, WriteIf::Any)
        .await
        .unwrap();
    assert!(store.list(&selection(), None).await.unwrap().targets.is_empty());
    let error = store.read(&key).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Damaged(text) if text.contains("record version 2")),
        "{error}"
    );
    let record = ReferenceRecord::Installed(Box::new(installation(&key, at(1))));
    let answer = store.write(&key, &record, &Expected::Absent).await;
    assert!(matches!(answer, Err(WriteError::Conflict)), "{answer:?}");
    let Read::Found(object) = objects.read(&name, ReadIf::Any).await.unwrap() else {
        panic!("it is there")
    };
    assert_eq!(object.body, body);
}

#[tokio::test]
async fn old_tombstones_are_purged_and_young_ones_stay() {
    let (_folder, objects) = directory();
    let store = ObjectReferences::new(objects);
    let now = at(0);
    let day = jiff::SignedDuration::from_hours(24);
    for (root, days) in [("a:old", 31), ("a:older", 90), ("a:young", 29)] {
        let key = key("bot-1", "t", root);
        store
            .write(&key, &removal(&key, now - day * days), &Expected::Absent)
            .await
            .unwrap();
    }
    assert_eq!(
        store.purge_tombstones(&"bot-1".into(), now, 1).await.unwrap(),
        1,
        "bounded"
    );
    assert_eq!(
        store.purge_tombstones(&"bot-1".into(), now, 100).await.unwrap(),
        1
    );
    assert!(store.read(&key("bot-1", "t", "a:young")).await.unwrap().is_some());
    assert!(store.read(&key("bot-1", "t", "a:old")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_in_memory_take_twenty_requests() {
    let objects = Arc::new(Counted::new(conformance::memory()));
    let store = Arc::new(ObjectReferences::new(objects.clone()));
    assert_eq!(conformance::many_references(store, 100_000, 1_000).await, 20);
    assert_eq!((objects.requests().list, objects.requests().read), (20, 0));
}

/// Applies every write and loses the first reply, as a network does; the client's own repetition then conflicts.
struct LostReplies(Arc<dyn ObjectStore>);

#[tokio::test]
async fn a_write_whose_reply_was_lost_is_known_as_ones_own() {
    let (_folder, objects) = directory();
    let store = ObjectReferences::new(Arc::new(LostReplies(objects)));
    let key = key("bot-1", "t", "a:1");
    let record = ReferenceRecord::Installed(Box::new(installation(&key, at(1))));
    let first = store
        .write(&key, &record, &Expected::Absent)
        .await
        .expect("it is there");
    store
        .write(&key, &record, &Expected::Version(first.clone()))
        .await
        .expect("it is there");
    let stale = store.write(&key, &record, &Expected::Version(first)).await;
    assert!(
        matches!(stale, Err(WriteError::Conflict)),
        "the same content by another write is a conflict: {stale:?}"
    );
}

#[async_trait]
impl ObjectStore for LostReplies {
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.0.write(name, body.clone(), metadata, when.clone()).await?;
        self.0.write(name, body, metadata, when).await
    }
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.0.read(name, when).await
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.0.read_range(name, offset, length).await
    }
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.0.write_leased(lease, body, metadata).await
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.0.delete(name, when).await
    }
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.delete_leased(lease).await
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        self.0.list(prefix, from, limit).await
    }
    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.0.create_append(name).await
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.0.append(name, position, body).await
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.0.acquire_lease(name, length).await
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.renew_lease(lease).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.release_lease(lease).await
    }
}
