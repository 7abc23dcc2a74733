//! Listing: order, prefixes, pages, names of all kinds.

use super::objects::{Make, found, none};
use bytes::Bytes;
use futures::{StreamExt, stream};
use notify::ports::{Entry, ObjectStore, WriteIf};
use std::{collections::BTreeMap, sync::Arc};

pub(super) async fn run(make: Make<'_>) {
    let empty = make().list("", None, 10).await.unwrap();
    assert!(
        empty.entries.is_empty() && empty.next.is_none(),
        "an empty store lists nothing"
    );
    pages(&*make()).await;
    odd_names(&*make()).await;
    folders(&*make()).await;
}

async fn all(store: &dyn ObjectStore, prefix: &str, limit: u32) -> (Vec<Entry>, u64) {
    let (mut entries, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.list(prefix, from.as_deref(), limit).await.unwrap();
        pages += 1;
        assert!(
            page.entries.len() <= limit as usize,
            "a page holds more than was asked for"
        );
        entries.extend(page.entries);
        assert!(pages < 100_000, "a listing ends");
        match page.next {
            Some(next) => from = Some(next),
            None => return (entries, pages),
        }
    }
}

async fn pages(store: &dyn ObjectStore) {
    let metadata = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
    for n in 0..12 {
        store
            .write(&format!("p/{n:02}"), Bytes::from("abc"), &metadata, WriteIf::Any)
            .await
            .unwrap();
    }
    for name in ["p", "o/x", "q/x", "p0"] {
        store
            .write(name, Bytes::new(), &none(), WriteIf::Any)
            .await
            .unwrap();
    }
    store.create_append("p/append").await.unwrap();
    store.append("p/append", 0, Bytes::from("12345")).await.unwrap();
    for limit in [1, 2, 3, 5, 12, 13, 14, 5_000] {
        let (entries, _) = all(store, "p/", limit).await;
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let expected: Vec<String> = (0..12)
            .map(|n| format!("p/{n:02}"))
            .chain(["p/append".to_owned()])
            .collect();
        assert_eq!(names, expected, "in order of names, each once, {limit} a page");
    }
    let (entries, _) = all(store, "", 5_000).await;
    assert_eq!(entries.len(), 17, "an empty prefix lists everything");
    assert!(entries.is_sorted_by(|a, b| a.name < b.name), "in order of names");
    let (entries, _) = all(store, "p/", 5_000).await;
    let object = found(store, "p/03").await;
    assert_eq!(entries[3].metadata, metadata, "metadata comes with the listing");
    assert_eq!(
        (entries[3].length, &entries[3].etag),
        (3, &object.etag),
        "so do length and version"
    );
    assert_eq!(entries[12].length, 5);
    assert_eq!(entries[12].etag, found(store, "p/append").await.etag);
    store
        .delete("p/03", WriteIf::Version(entries[3].etag.clone()))
        .await
        .expect("a listed version can be used");
    assert_eq!(
        all(store, "p/", 5_000).await.0.len(),
        12,
        "what is deleted is not listed"
    );
}

async fn odd_names(store: &dyn ObjectStore) {
    let long = format!("long/{}", "x".repeat(900));
    let names = [
        "a b",
        "a+b",
        "a%20b",
        "a%b",
        "ü/ö/日本語/🎉",
        "19:abc@thread.tacv2;messageid=1700000000000",
        "q?x=1&y=2",
        "hash#tag",
        "quo\"te'",
        "<x>&amp;",
        "a/b/c/d/e",
        "a..b/c",
        "CASE/x",
        "case/x",
        "a=b,c;d",
        &long,
    ];
    for name in names {
        store
            .write(name, Bytes::from(name.to_owned()), &none(), WriteIf::Absent)
            .await
            .expect(name);
    }
    for name in names {
        assert_eq!(
            found(store, name).await.body,
            name,
            "its own content under its own name"
        );
        let (entries, _) = all(store, name, 5_000).await;
        assert_eq!(
            entries.first().map(|entry| entry.name.as_str()),
            Some(name),
            "it is listed as it was named"
        );
    }
    assert_eq!(all(store, "", 4).await.0.len(), names.len());
    for name in names {
        store.delete(name, WriteIf::Any).await.unwrap();
    }
    assert!(all(store, "", 4).await.0.is_empty());
}

async fn folders(store: &dyn ObjectStore) {
    let empty = store.folders("f/", None, 10).await.unwrap();
    assert!(empty.names.is_empty() && empty.next.is_none());
    let metadata = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
    for name in [
        "f",
        "f/a/1",
        "f/a/2",
        "f/a/deep/3",
        "f/a-b/1",
        "f/b",
        "f/c%2Fd/1",
        "f/c d/1",
        "f/c&d/1",
        "f/ü/1",
        "g/x/1",
    ] {
        store
            .write(name, Bytes::from("{}"), &metadata, WriteIf::Any)
            .await
            .unwrap();
    }
    for limit in [1, 2, 3, 5_000] {
        let (mut names, mut from, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = store.folders("f/", from.as_deref(), limit).await.unwrap();
            assert!(
                page.names.len() <= limit as usize,
                "a page holds more than was asked for"
            );
            names.extend(page.names);
            pages += 1;
            assert!(pages < 1_000, "a listing ends");
            match page.next {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        names.dedup();
        assert_eq!(
            names,
            ["f/a-b/", "f/a/", "f/c d/", "f/c%2Fd/", "f/c&d/", "f/ü/"],
            "each level once, objects left out, {limit} a page"
        );
    }
    let below = store.folders("f/a/", None, 10).await.unwrap();
    assert_eq!(below.names, ["f/a/deep/"], "one level of any prefix");
}

/// Writes `count` objects and lists them; returns how many pages that took.
pub async fn many_objects(store: Arc<dyn ObjectStore>, count: usize) -> u64 {
    stream::iter(0..count)
        .for_each_concurrent(64, |n| {
            let store = store.clone();
            async move {
                let name = format!("many/{:03}/{n:07}", n % 500);
                store
                    .write(&name, Bytes::from("{}"), &none(), WriteIf::Absent)
                    .await
                    .unwrap();
            }
        })
        .await;
    let (entries, pages) = all(&*store, "many/", 5_000).await;
    assert_eq!(entries.len(), count, "each is listed once");
    assert!(entries.is_sorted_by(|a, b| a.name < b.name), "in order");
    pages
}
