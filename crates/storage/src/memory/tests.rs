//! Azure's rules, one a test; the conformance suite covers what all backends share.

use super::*;
use notify::ports::Moment;

struct Dial(Mutex<Duration>);

#[async_trait]
impl Clock for Dial {
    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
    fn now(&self) -> Moment {
        Moment::at(*self.0.lock().unwrap())
    }
    async fn sleep_until(&self, _: Moment) {}
}

fn store() -> (Arc<Dial>, MemoryObjects) {
    let dial = Arc::new(Dial(Mutex::default()));
    (dial.clone(), MemoryObjects::new(dial))
}

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

#[tokio::test]
async fn a_second_create_conflicts_and_a_stale_version_does_too() {
    let (_, store) = store();
    let first = store
        .write("a", "1".into(), &none(), WriteIf::Absent)
        .await
        .unwrap();
    let again = store.write("a", "2".into(), &none(), WriteIf::Absent).await;
    assert!(matches!(again, Err(WriteError::Conflict)));
    store
        .write("a", "2".into(), &none(), WriteIf::Version(first.clone()))
        .await
        .unwrap();
    let stale = store
        .write("a", "3".into(), &none(), WriteIf::Version(first.clone()))
        .await;
    assert!(matches!(stale, Err(WriteError::Conflict)));
    let Read::Found(object) = store.read("a", ReadIf::Changed(first)).await.unwrap() else {
        panic!("changed");
    };
    assert_eq!(&object.body[..], b"2");
    let same = store.read("a", ReadIf::Changed(object.etag)).await.unwrap();
    assert_eq!(same, Read::Unchanged);
}

#[tokio::test]
async fn an_append_must_state_where_the_object_ends() {
    let (_, store) = store();
    assert_eq!(store.append("l", 0, "x".into()).await.unwrap(), Appended::Missing);
    store.create_append("l").await.unwrap();
    assert_eq!(store.append("l", 0, "one".into()).await.unwrap(), Appended::At(3));
    store.create_append("l").await.unwrap();
    assert_eq!(
        store.append("l", 0, "two".into()).await.unwrap(),
        Appended::Elsewhere
    );
    assert_eq!(store.append("l", 3, "two".into()).await.unwrap(), Appended::At(6));
    let Read::Found(tail) = store.read_range("l", 4, 100).await.unwrap() else {
        panic!("there");
    };
    assert_eq!(&tail.body[..], b"wo");
}

#[tokio::test]
async fn a_lease_keeps_others_out_until_it_runs_out() {
    let (dial, store) = store();
    store
        .write("l", "".into(), &none(), WriteIf::Absent)
        .await
        .unwrap();
    let length = Duration::from_secs(15);
    let first = store.acquire_lease("l", length).await.unwrap();
    assert!(matches!(
        store.acquire_lease("l", length).await,
        Err(LeaseError::Held)
    ));
    let without = store.write("l", "x".into(), &none(), WriteIf::Any).await;
    assert!(matches!(without, Err(WriteError::Conflict)));
    store
        .write_leased(&first, "mine".into(), &BTreeMap::new())
        .await
        .unwrap();
    *dial.0.lock().unwrap() = Duration::from_secs(15);
    let second = store.acquire_lease("l", length).await.unwrap();
    assert!(matches!(store.renew_lease(&first).await, Err(LeaseError::Lost)));
    assert!(matches!(
        store.write_leased(&first, "late".into(), &BTreeMap::new()).await,
        Err(LeaseError::Lost)
    ));
    store.release_lease(&second).await.unwrap();
    store.acquire_lease("l", length).await.unwrap();
}

#[tokio::test]
async fn a_listing_pages_in_order_of_names() {
    let (_, store) = store();
    let store = store.with_short_pages(2);
    for name in ["p/b", "p/a", "q", "p/c", "o"] {
        store
            .write(name, "".into(), &none(), WriteIf::Absent)
            .await
            .unwrap();
    }
    let first = store.list("p/", None, 5_000).await.unwrap();
    let names: Vec<_> = first.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["p/a", "p/b"]);
    let second = store.list("p/", first.next.as_deref(), 5_000).await.unwrap();
    let names: Vec<_> = second.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["p/c"]);
    assert_eq!(second.next, None);
}
