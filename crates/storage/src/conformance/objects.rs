//! Reading, conditional writing, appending.

use bytes::Bytes;
use futures::future::join_all;
use notify::ports::{Appended, Created, Object, ObjectStore, Read, ReadIf, WriteError, WriteIf};
use std::{collections::BTreeMap, sync::Arc};

pub(super) type Make<'a> = &'a (dyn Fn() -> Arc<dyn ObjectStore> + Send + Sync);

pub(super) async fn run(make: Make<'_>) {
    round_trip(&*make()).await;
    conditions(&*make()).await;
    create_race(make()).await;
    increments(make()).await;
    ranges(&*make()).await;
    appends(make()).await;
}

pub(super) fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

pub(super) async fn found(store: &dyn ObjectStore, name: &str) -> Object {
    match store.read(name, ReadIf::Any).await.unwrap() {
        Read::Found(object) => object,
        other => panic!("{name}: {other:?}"),
    }
}

async fn round_trip(store: &dyn ObjectStore) {
    assert_eq!(
        store.read("a", ReadIf::Any).await.unwrap(),
        Read::Missing,
        "nothing is there yet"
    );
    assert_eq!(store.read_range("a", 0, 1).await.unwrap(), Read::Missing);
    store
        .delete("a", WriteIf::Any)
        .await
        .expect("deleting nothing is fine");
    let metadata = BTreeMap::from([
        ("target".to_owned(), "eyJ9-_".to_owned()),
        ("v".to_owned(), "1".to_owned()),
    ]);
    for body in ["first, {ü}", "second", ""] {
        let etag = store
            .write("a", Bytes::from(body), &metadata, WriteIf::Any)
            .await
            .unwrap();
        let object = found(store, "a").await;
        assert_eq!(object.body, body);
        assert_eq!(object.metadata, metadata);
        assert_eq!(object.etag, etag, "a write tells the version that a read shows");
        assert_eq!(
            store.read("a", ReadIf::Changed(etag.clone())).await.unwrap(),
            Read::Unchanged
        );
        let again = store
            .write("a", Bytes::from("x"), &none(), WriteIf::Any)
            .await
            .unwrap();
        assert_ne!(again, etag, "every write makes a version");
        let Read::Found(object) = store.read("a", ReadIf::Changed(etag)).await.unwrap() else {
            panic!("a changed object is read")
        };
        assert!(object.metadata.is_empty(), "a write replaces the metadata");
    }
    let large = Bytes::from(vec![7; 5 * 1024 * 1024]);
    store
        .write("large", large.clone(), &none(), WriteIf::Absent)
        .await
        .unwrap();
    assert!(found(store, "large").await.body == large, "5 MiB come back");
    store.delete("a", WriteIf::Any).await.unwrap();
    assert_eq!(store.read("a", ReadIf::Any).await.unwrap(), Read::Missing);
}

async fn conditions(store: &dyn ObjectStore) {
    let write =
        async |body: &'static str, when: WriteIf| store.write("c", Bytes::from(body), &none(), when).await;
    let conflict =
        |answer: Result<_, WriteError>| assert!(matches!(answer, Err(WriteError::Conflict)), "{answer:?}");
    let first = write("1", WriteIf::Absent).await.unwrap();
    conflict(write("2", WriteIf::Absent).await.map(drop));
    let second = write("3", WriteIf::Version(first.clone())).await.unwrap();
    conflict(write("4", WriteIf::Version(first.clone())).await.map(drop));
    conflict(store.delete("c", WriteIf::Version(first.clone())).await);
    assert_eq!(
        found(store, "c").await.body,
        "3",
        "what was refused changed nothing"
    );
    store.delete("c", WriteIf::Version(second.clone())).await.unwrap();
    conflict(write("5", WriteIf::Version(second.clone())).await.map(drop));
    conflict(store.delete("c", WriteIf::Version(second)).await);
    assert_ne!(
        write("6", WriteIf::Absent).await.unwrap(),
        first,
        "a new object has a new version"
    );
}

async fn create_race(store: Arc<dyn ObjectStore>) {
    let racers = (0..16).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write("race", Bytes::from(n.to_string()), &none(), WriteIf::Absent)
                .await
        })
    });
    let answers: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        answers.iter().filter(|answer| answer.is_ok()).count(),
        1,
        "one creates it: {answers:?}"
    );
    let winner = answers.iter().position(Result::is_ok).unwrap();
    assert_eq!(
        found(&*store, "race").await.body,
        winner.to_string(),
        "and it is theirs"
    );
}

async fn increments(store: Arc<dyn ObjectStore>) {
    const TASKS: u64 = 8;
    const EACH: u64 = 10;
    store
        .write("sum", Bytes::from("0"), &none(), WriteIf::Any)
        .await
        .unwrap();
    let tasks = (0..TASKS).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut done = 0;
            while done < EACH {
                let object = found(&*store, "sum").await;
                let sum: u64 = std::str::from_utf8(&object.body).unwrap().parse().unwrap();
                let next = Bytes::from((sum + 1).to_string());
                match store
                    .write("sum", next, &none(), WriteIf::Version(object.etag))
                    .await
                {
                    Ok(_) => done += 1,
                    Err(WriteError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    assert_eq!(
        found(&*store, "sum").await.body,
        (TASKS * EACH).to_string(),
        "no increment is lost"
    );
}

async fn ranges(store: &dyn ObjectStore) {
    store
        .write("r", Bytes::from("0123456789"), &none(), WriteIf::Any)
        .await
        .unwrap();
    store.create_append("s").await.unwrap();
    for (position, part) in [(0, "012"), (3, "345"), (6, "6789")] {
        let length = position + part.len() as u64;
        assert_eq!(
            store.append("s", position, Bytes::from(part)).await.unwrap(),
            Appended::At(length)
        );
    }
    for name in ["r", "s"] {
        for (offset, length, expected) in [
            (0, 3, "012"),
            (2, 5, "23456"),
            (7, 100, "789"),
            (9, 1, "9"),
            (10, 5, ""),
            (99, 1, ""),
            (3, 0, ""),
        ] {
            let Read::Found(object) = store.read_range(name, offset, length).await.unwrap() else {
                panic!("{name} is there")
            };
            assert_eq!(object.body, expected, "{name} from {offset}, {length} bytes");
            assert_eq!(object.etag, found(store, name).await.etag);
        }
    }
}

async fn appends(store: Arc<dyn ObjectStore>) {
    assert_eq!(
        store.append("log", 0, Bytes::from("x")).await.unwrap(),
        Appended::Missing
    );
    assert_eq!(store.create_append("log").await.unwrap(), Created::Ours);
    assert_eq!(found(&*store, "log").await.body, "", "it begins empty");
    assert_eq!(
        store.append("log", 0, Bytes::from("one,")).await.unwrap(),
        Appended::At(4)
    );
    assert_eq!(
        store.create_append("log").await.expect("it is there"),
        Created::AlreadyThere
    );
    let before = found(&*store, "log").await;
    assert_eq!(before.body, "one,", "creating it again changes nothing");
    for position in [0, 3, 5, 400] {
        assert_eq!(
            store.append("log", position, Bytes::from("?")).await.unwrap(),
            Appended::Elsewhere
        );
    }
    assert_eq!(
        store
            .read("log", ReadIf::Changed(before.etag.clone()))
            .await
            .unwrap(),
        Read::Unchanged
    );
    let racers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.append("log", 4, Bytes::from("two")).await.unwrap() })
    });
    let answers: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        answers.iter().filter(|a| **a == Appended::At(7)).count(),
        1,
        "one appends: {answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|a| **a == Appended::Elsewhere).count(),
        7,
        "{answers:?}"
    );
    let after = found(&*store, "log").await;
    assert_eq!(after.body, "one,two");
    assert_ne!(after.etag, before.etag, "an append makes a version");
}
