//! What Azure refuses, every backend refuses, before it does anything and with the same meaning: nothing that a store
//! in memory or on a disk takes may fail in the cloud.

use super::objects::{Make, found, none};
use crate::limits::{MAX_APPEND, MAX_APPENDS, MAX_BODY, MAX_METADATA, MAX_NAME, MAX_PAGE, MAX_SEGMENTS};
use bytes::Bytes;
use notify::ports::{Appended, Lease, LeaseError, ObjectStore, ReadIf, StoreError, WriteError, WriteIf};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub(super) async fn run(make: Make<'_>) {
    names(&*make()).await;
    metadata(&*make()).await;
    bodies(&*make()).await;
    appends(&*make()).await;
    pages(&*make()).await;
    leases(&*make()).await;
    deletions(&*make()).await;
}

/// An answer of a store that may say that a request can never succeed.
trait Answer {
    fn is_refused(&self) -> bool;
}

impl<T> Answer for Result<T, StoreError> {
    fn is_refused(&self) -> bool {
        matches!(self, Err(StoreError::Refused(_)))
    }
}

impl<T> Answer for Result<T, WriteError> {
    fn is_refused(&self) -> bool {
        matches!(self, Err(WriteError::Store(StoreError::Refused(_))))
    }
}

impl<T> Answer for Result<T, LeaseError> {
    fn is_refused(&self) -> bool {
        matches!(self, Err(LeaseError::Store(StoreError::Refused(_))))
    }
}

/// A name of `count` segments.
fn segments(count: usize) -> String {
    vec!["x"; count].join("/")
}

async fn names(store: &dyn ObjectStore) {
    let wide = vec!["üüü"; MAX_SEGMENTS].join("/");
    let taken = [
        "x".repeat(MAX_NAME),
        "ü".repeat(MAX_NAME),
        segments(MAX_SEGMENTS),
        wide,
        ".hidden".to_owned(),
        "a/..b/.c".to_owned(),
        "a b/%2F/c?d#e&f".to_owned(),
    ];
    for name in &taken {
        let body = Bytes::from(name.clone());
        store
            .write(name, body.clone(), &none(), WriteIf::Absent)
            .await
            .unwrap_or_else(|error| panic!("{name:?}: {error}"));
        assert_eq!(found(store, name).await.body, body, "{name:?}");
    }
    let mut listed: Vec<String> = taken.to_vec();
    listed.sort_unstable();
    assert_eq!(names_in(store).await, listed, "each under its own name");
    for name in &taken {
        store.delete(name, WriteIf::Any).await.unwrap();
    }
    for name in [
        "",
        "a/",
        "/",
        "a.",
        "a/b.",
        ".",
        "..",
        "./a",
        "../a",
        "a/../b",
        "a./b",
        "a\\b",
        "a\0",
        "a\nb",
        "a\u{7f}",
        "a\u{81}",
        &"x".repeat(MAX_NAME + 1),
        &segments(MAX_SEGMENTS + 1),
    ] {
        let lease = Lease {
            name: name.to_owned(),
            id: "2f0d9f5c-0000-4000-8000-000000000000".into(),
        };
        let body = Bytes::from("x");
        let length = Duration::from_secs(15);
        for (operation, refused) in [
            ("read", store.read(name, ReadIf::Any).await.is_refused()),
            ("read a range of", store.read_range(name, 0, 1).await.is_refused()),
            (
                "write",
                store
                    .write(name, body.clone(), &none(), WriteIf::Any)
                    .await
                    .is_refused(),
            ),
            ("delete", store.delete(name, WriteIf::Any).await.is_refused()),
            ("create", store.create_append(name).await.is_refused()),
            (
                "append to",
                store.append(name, 0, body.clone()).await.is_refused(),
            ),
            ("lease", store.acquire_lease(name, length).await.is_refused()),
            (
                "write with a lease",
                store
                    .write_leased(&lease, body.clone(), &none())
                    .await
                    .is_refused(),
            ),
            (
                "delete with a lease",
                store.delete_leased(&lease).await.is_refused(),
            ),
            ("renew", store.renew_lease(&lease).await.is_refused()),
            ("release", store.release_lease(&lease).await.is_refused()),
        ] {
            assert!(refused, "{operation} {name:?} is refused");
        }
    }
    assert!(
        names_in(store).await.is_empty(),
        "what was refused left nothing behind"
    );
}

async fn names_in(store: &dyn ObjectStore) -> Vec<String> {
    let page = store.list("", None, MAX_PAGE).await.unwrap();
    let mut names: Vec<String> = page.entries.into_iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    names
}

async fn metadata(store: &dyn ObjectStore) {
    let write = async |pairs: &[(&str, &str)]| {
        let metadata: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        store.write("m", Bytes::new(), &metadata, WriteIf::Any).await
    };
    let (most, more) = ("x".repeat(MAX_METADATA - 4), "x".repeat(MAX_METADATA - 3));
    let (half, rest) = ("x".repeat(MAX_METADATA / 2 - 1), "x".repeat(MAX_METADATA / 2));
    for taken in [
        &[("abcd", most.as_str())] as &[(&str, &str)],
        &[("a", half.as_str()), ("b", half.as_str())],
        &[("_a1", "! \"#~")],
        &[],
    ] {
        write(taken).await.unwrap_or_else(|error| panic!("{error}"));
        let kept = found(store, "m").await.metadata;
        let kept: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(kept, taken);
    }
    for refused in [
        &[("abcd", more.as_str())] as &[(&str, &str)],
        &[("a", half.as_str()), ("b", rest.as_str())],
        &[("Target", "x")],
        &[("tar-get", "x")],
        &[("1a", "x")],
        &[("", "x")],
        &[("ü", "x")],
        &[("a", "ü")],
        &[("a", " x")],
        &[("a", "x ")],
        &[("a", "x\ny")],
        &[("a", "x\u{7f}")],
    ] {
        let answer = write(refused).await;
        assert!(answer.is_refused(), "{refused:.60?}: {answer:?}");
    }
    assert!(
        found(store, "m").await.metadata.is_empty(),
        "what was refused changed nothing"
    );
}

/// Only the refusal: the memory of what is refused is never touched, so it costs none.
async fn bodies(store: &dyn ObjectStore) {
    let large = Bytes::from(vec![0; MAX_BODY + 1]);
    let answer = store.write("large", large.clone(), &none(), WriteIf::Any).await;
    assert!(answer.is_refused(), "{answer:?}");
    store
        .write("leased", Bytes::new(), &none(), WriteIf::Any)
        .await
        .unwrap();
    let lease = store
        .acquire_lease("leased", Duration::from_secs(15))
        .await
        .unwrap();
    let answer = store.write_leased(&lease, large, &none()).await;
    assert!(answer.is_refused(), "{answer:?}");
    assert_eq!(
        names_in(store).await,
        ["leased"],
        "what was refused left nothing behind"
    );
}

async fn appends(store: &dyn ObjectStore) {
    store.create_append("log").await.unwrap();
    let most = Bytes::from(vec![7; MAX_APPEND]);
    let length = MAX_APPEND as u64;
    assert_eq!(
        store.append("log", 0, most).await.unwrap(),
        Appended::At(length),
        "the longest append"
    );
    for body in [Bytes::new(), Bytes::from(vec![7; MAX_APPEND + 1])] {
        let answer = store.append("log", length, body.clone()).await;
        assert!(answer.is_refused(), "{} bytes: {answer:?}", body.len());
    }
    store
        .write("whole", Bytes::from("x"), &none(), WriteIf::Any)
        .await
        .unwrap();
    let answer = store.append("whole", 1, Bytes::from("y")).await;
    assert!(
        answer.is_refused(),
        "what was written at once takes no appends: {answer:?}"
    );
    let lease = store.acquire_lease("log", Duration::from_secs(15)).await.unwrap();
    let answer = store.append("log", length, Bytes::from("y")).await;
    assert!(
        answer.is_refused(),
        "nor does what somebody has leased: {answer:?}"
    );
    store.release_lease(&lease).await.unwrap();
    assert_eq!(
        store.append("log", length, Bytes::from("y")).await.unwrap(),
        Appended::At(length + 1),
        "what was refused changed nothing"
    );
}

async fn pages(store: &dyn ObjectStore) {
    for (limit, taken) in [(0, false), (1, true), (MAX_PAGE, true), (MAX_PAGE + 1, false)] {
        let listed = store.list("", None, limit).await;
        let folders = store.folders("", None, limit).await;
        assert_eq!(listed.is_ok(), taken, "{limit} a page: {listed:?}");
        assert_eq!(folders.is_ok(), taken, "{limit} a page: {folders:?}");
        assert_eq!(
            (listed.is_refused(), folders.is_refused()),
            (!taken, !taken),
            "{limit} a page"
        );
    }
}

async fn leases(store: &dyn ObjectStore) {
    store
        .write("lease", Bytes::new(), &none(), WriteIf::Any)
        .await
        .unwrap();
    for (milliseconds, taken) in [
        (0, false),
        (14_000, false),
        (14_999, false),
        (15_000, true),
        (15_500, false),
        (60_000, true),
        (60_001, false),
        (61_000, false),
    ] {
        let length = Duration::from_millis(milliseconds);
        let answer = store.acquire_lease("lease", length).await;
        assert_eq!(
            (answer.is_ok(), answer.is_refused()),
            (taken, !taken),
            "{milliseconds} ms: {answer:?}"
        );
        if let Ok(lease) = answer {
            store.release_lease(&lease).await.unwrap();
        }
    }
}

async fn deletions(store: &dyn ObjectStore) {
    for name in ["there", "missing"] {
        if name == "there" {
            store
                .write(name, Bytes::new(), &none(), WriteIf::Any)
                .await
                .unwrap();
        }
        let answer = store.delete(name, WriteIf::Absent).await;
        assert!(answer.is_refused(), "{name}: {answer:?}");
    }
}

/// Appends as often as an object can take it and once more, one request after the other: 50,001 of them.
pub async fn most_appends(store: Arc<dyn ObjectStore>) {
    store.create_append("full").await.unwrap();
    for position in 0..MAX_APPENDS as u64 {
        let answer = store.append("full", position, Bytes::from("x")).await;
        assert_eq!(answer.unwrap(), Appended::At(position + 1));
    }
    let answer = store.append("full", MAX_APPENDS as u64, Bytes::from("x")).await;
    assert!(answer.is_refused(), "{answer:?}");
    let page = store.list("full", None, 1).await.unwrap();
    assert_eq!(
        page.entries[0].length, MAX_APPENDS as u64,
        "what was refused changed nothing"
    );
}
