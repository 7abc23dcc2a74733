//! What the directory guarantees beyond the suite: one process, reopening, torn files.

use super::*;
use crate::conformance;
use std::{
    fs::OpenOptions,
    io::Write,
    sync::atomic::{AtomicU32, Ordering},
};

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

async fn body(store: &DirectoryObjects, name: &str) -> Bytes {
    match store.read(name, ReadIf::Any).await.unwrap() {
        Read::Found(object) => object.body,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let made = AtomicU32::new(0);
    let make = || -> Arc<dyn ObjectStore> {
        let n = made.fetch_add(1, Ordering::Relaxed);
        Arc::new(DirectoryObjects::open(folder.path().join(n.to_string())).unwrap())
    };
    conformance::objects(&make, &|length| Box::pin(tokio::time::advance(length))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_objects_and_again_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(DirectoryObjects::open(folder.path()).unwrap());
    assert_eq!(conformance::many_objects(store.clone(), 10_001).await, 3);
    drop(store);
    let store = DirectoryObjects::open(folder.path()).unwrap();
    let page = store.list("many/", None, 5_000).await.unwrap();
    assert_eq!(page.entries.len(), 5_000);
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let metadata = BTreeMap::from([("v".to_owned(), "1".to_owned())]);
    let store = DirectoryObjects::open(folder.path()).unwrap();
    let etag = store
        .write("a/ü", Bytes::from("one"), &metadata, WriteIf::Absent)
        .await
        .unwrap();
    store.create_append("log").await.unwrap();
    store.append("log", 0, Bytes::from("abc")).await.unwrap();
    store.append("log", 3, Bytes::from("def")).await.unwrap();
    let listed = store.list("", None, 10).await.unwrap();
    drop(store);
    let store = DirectoryObjects::open(folder.path()).unwrap();
    assert_eq!(store.list("", None, 10).await.unwrap(), listed, "versions too");
    assert_eq!(
        store.read("a/ü", ReadIf::Changed(etag)).await.unwrap(),
        Read::Unchanged
    );
    assert_eq!(body(&store, "log").await, "abcdef");
    assert_eq!(
        store.append("log", 6, Bytes::from("g")).await.unwrap(),
        Appended::At(7)
    );
}

#[tokio::test]
async fn a_second_opener_learns_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryObjects::open(folder.path()).unwrap();
    let text = DirectoryObjects::open(folder.path()).unwrap_err().to_string();
    assert!(
        text.contains(&std::process::id().to_string()) && text.contains(".lock"),
        "{text}"
    );
    drop(store);
    DirectoryObjects::open(folder.path()).expect("a lock without an owner is free");
}

#[tokio::test]
async fn an_append_that_was_cut_short_is_dropped_and_the_rest_goes_on() {
    for cut in 1..=16 {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryObjects::open(folder.path()).unwrap();
        store.create_append("log").await.unwrap();
        store.append("log", 0, Bytes::from("abc")).await.unwrap();
        store.append("log", 3, Bytes::from("defgh")).await.unwrap();
        drop(store);
        let path = folder.path().join("log.object");
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(file.metadata().unwrap().len() - cut).unwrap();
        let store = DirectoryObjects::open(folder.path()).unwrap();
        assert_eq!(body(&store, "log").await, "abc", "{cut} bytes are missing");
        assert_eq!(
            store.append("log", 3, Bytes::from("x")).await.unwrap(),
            Appended::At(4)
        );
        assert_eq!(body(&store, "log").await, "abcx");
    }
}

#[tokio::test]
async fn damaged_files_are_never_overwritten_and_hurt_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryObjects::open(folder.path()).unwrap();
    for name in ["good", "torn", "bad"] {
        store
            .write(name, Bytes::from("content"), &none(), WriteIf::Any)
            .await
            .unwrap();
    }
    drop(store);
    let torn = folder.path().join("torn.object");
    let file = OpenOptions::new().write(true).open(&torn).unwrap();
    file.set_len(file.metadata().unwrap().len() - 3).unwrap();
    let bad = folder.path().join("bad.object");
    fs::write(&bad, "{\"v\":1,").unwrap();
    fs::File::create(folder.path().join(".tmp-dead"))
        .unwrap()
        .write_all(b"half")
        .unwrap();
    let store = DirectoryObjects::open(folder.path()).unwrap();
    assert_eq!(body(&store, "good").await, "content");
    let listed = store.list("", None, 10).await.unwrap();
    assert_eq!(listed.entries.len(), 1, "{listed:?}");
    for name in ["torn", "bad"] {
        let answer = store.write(name, Bytes::from("new"), &none(), WriteIf::Any).await;
        let Err(WriteError::Store(StoreError::Damaged(text))) = answer else {
            panic!("{answer:?}")
        };
        assert!(text.contains(&format!("{name}.object")), "{text}");
    }
    assert!(store.read("torn", ReadIf::Any).await.is_err());
    assert_eq!(fs::read_to_string(&bad).unwrap(), "{\"v\":1,");
    assert!(
        !folder.path().join(".tmp-dead").exists(),
        "what was never finished goes"
    );
}

#[tokio::test]
async fn the_file_of_an_object_says_how_many_appends_it_has_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryObjects::open(folder.path()).unwrap();
    store.create_append("full").await.unwrap();
    store.append("full", 0, Bytes::from("x")).await.unwrap();
    drop(store);
    // Its one frame as often as an object takes appends, less one: each of them would wait for the disk.
    let path = folder.path().join(names::path_of("full"));
    let mut file = fs::read(&path).unwrap();
    let frame = file[file.len() - 13..].to_vec();
    file.extend(frame.repeat(limits::MAX_APPENDS - 2));
    fs::write(&path, file).unwrap();
    let store = DirectoryObjects::open(folder.path()).unwrap();
    let length = limits::MAX_APPENDS as u64;
    assert_eq!(
        store.append("full", length - 1, Bytes::from("x")).await.unwrap(),
        Appended::At(length)
    );
    let answer = store.append("full", length, Bytes::from("x")).await;
    assert!(
        matches!(&answer, Err(StoreError::Refused(why)) if why.contains("50000")),
        "{answer:?}"
    );
}
