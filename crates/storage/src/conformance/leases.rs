//! Leases: one owner, only the owner writes, lost when someone else has it.

use super::{
    Pass,
    objects::{found, none},
};
use bytes::Bytes;
use notify::ports::{Lease, LeaseError, ObjectStore, Read, ReadIf, WriteError, WriteIf};
use std::{collections::BTreeMap, time::Duration};

const LENGTH: Duration = Duration::from_secs(15);

pub(super) async fn run(store: &dyn ObjectStore, pass: Pass<'_>) {
    let missing = store.acquire_lease("lane", LENGTH).await;
    assert!(
        matches!(missing, Err(LeaseError::Missing)),
        "there is nothing to lease: {missing:?}"
    );
    let metadata = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
    store
        .write("lane", Bytes::from("0"), &metadata, WriteIf::Absent)
        .await
        .unwrap();
    let first = store.acquire_lease("lane", LENGTH).await.unwrap();
    let second = store.acquire_lease("lane", LENGTH).await;
    assert!(matches!(second, Err(LeaseError::Held)), "it is held: {second:?}");
    only_the_owner_writes(store, &first).await;
    store.renew_lease(&first).await.unwrap();
    store.release_lease(&first).await.unwrap();
    let after = store.renew_lease(&first).await;
    assert!(
        matches!(after, Err(LeaseError::Lost)),
        "released is lost: {after:?}"
    );
    let after = store.write_leased(&first, Bytes::from("x"), &none()).await;
    assert!(
        matches!(after, Err(LeaseError::Lost)),
        "released is lost: {after:?}"
    );

    let second = store
        .acquire_lease("lane", LENGTH)
        .await
        .expect("released is free at once");
    let kept = leased(store, "kept").await;
    let written = leased(store, "written").await;
    pass(LENGTH + Duration::from_secs(1)).await;
    store
        .write("written", Bytes::from("1"), &none(), WriteIf::Any)
        .await
        .expect("run out keeps nobody out");
    let after = store.renew_lease(&written).await;
    assert!(
        matches!(after, Err(LeaseError::Lost)),
        "somebody wrote after it had run out: {after:?}"
    );
    store
        .renew_lease(&kept)
        .await
        .expect("nobody wrote or leased: it can be renewed");
    store.release_lease(&kept).await.unwrap();
    let owner = store.acquire_lease("kept", LENGTH).await.unwrap();
    only_the_owner_deletes(store, &kept, &owner).await;
    let third = store
        .acquire_lease("lane", LENGTH)
        .await
        .expect("run out is free");
    for answer in [
        store.renew_lease(&second).await,
        store.release_lease(&second).await,
    ] {
        assert!(
            matches!(answer, Err(LeaseError::Lost)),
            "someone else has it: {answer:?}"
        );
    }
    let answer = store.write_leased(&second, Bytes::from("x"), &none()).await;
    assert!(
        matches!(answer, Err(LeaseError::Lost)),
        "someone else has it: {answer:?}"
    );
    store
        .write_leased(&third, Bytes::from("3"), &none())
        .await
        .unwrap();
    store.release_lease(&third).await.unwrap();
    assert_eq!(found(store, "lane").await.body, "3");
    store
        .write("lane", Bytes::from("4"), &none(), WriteIf::Any)
        .await
        .expect("free again");
    store.delete("lane", WriteIf::Any).await.unwrap();
}

/// `lost` was held on the object that `owner` holds now.
async fn only_the_owner_deletes(store: &dyn ObjectStore, lost: &Lease, owner: &Lease) {
    let answer = store.delete_leased(lost).await;
    assert!(
        matches!(answer, Err(LeaseError::Lost)),
        "someone else has it: {answer:?}"
    );
    store.delete_leased(owner).await.expect("the owner deletes it");
    let read = store.read(&owner.name, ReadIf::Any).await.unwrap();
    assert_eq!(read, Read::Missing);
    let answer = store.delete_leased(owner).await;
    assert!(
        matches!(answer, Err(LeaseError::Missing)),
        "nothing is there any more: {answer:?}"
    );
    store
        .write(&owner.name, Bytes::new(), &none(), WriteIf::Absent)
        .await
        .expect("the name is free");
    let answer = store.delete_leased(owner).await;
    assert!(
        matches!(answer, Err(LeaseError::Lost)),
        "the lease went with the object: {answer:?}"
    );
    store
        .acquire_lease(&owner.name, LENGTH)
        .await
        .expect("a new object is free");
}

/// Makes an object and leases it.
async fn leased(store: &dyn ObjectStore, name: &str) -> Lease {
    store
        .write(name, Bytes::from("0"), &none(), WriteIf::Absent)
        .await
        .unwrap();
    store.acquire_lease(name, LENGTH).await.unwrap()
}

async fn only_the_owner_writes(store: &dyn ObjectStore, owner: &Lease) {
    let before = found(store, "lane").await;
    for when in [WriteIf::Any, WriteIf::Version(before.etag.clone())] {
        let answer = store.write("lane", Bytes::from("x"), &none(), when.clone()).await;
        assert!(
            matches!(answer, Err(WriteError::Conflict)),
            "others can't write: {answer:?}"
        );
        let answer = store.delete("lane", when).await;
        assert!(
            matches!(answer, Err(WriteError::Conflict)),
            "others can't delete: {answer:?}"
        );
    }
    let stranger = Lease {
        name: owner.name.clone(),
        id: "2f0d9f5c-0000-4000-8000-000000000000".into(),
    };
    let answer = store.write_leased(&stranger, Bytes::from("x"), &none()).await;
    assert!(
        matches!(answer, Err(LeaseError::Lost)),
        "a made-up lease is none: {answer:?}"
    );
    assert_eq!(
        found(store, "lane").await,
        before,
        "everyone can read, and nothing changed"
    );
    let answer = store.delete_leased(&stranger).await;
    assert!(
        matches!(answer, Err(LeaseError::Lost)),
        "a made-up lease deletes nothing: {answer:?}"
    );
    for metadata in [
        BTreeMap::from([("not_before".to_owned(), "5".to_owned())]),
        none(),
    ] {
        let etag = store
            .write_leased(owner, Bytes::from("1"), &metadata)
            .await
            .unwrap();
        let after = found(store, "lane").await;
        assert_eq!((after.body, after.etag), (Bytes::from("1"), etag));
        assert_eq!(
            after.metadata, metadata,
            "as any other write, it replaces the metadata"
        );
    }
}
