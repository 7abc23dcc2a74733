//! The suites against Azurite, a real service over a socket. It is started here, from the script that `AZURITE_JS`
//! names (`cargo xtask env` prints it); `STORAGE_TEST_ACCOUNT` names a running account by connection string instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's panic is its message"
)]

use bytes::Bytes;
use notify::lane::Lane;
use notify::ports::{
    AddressedWakeUp, ObjectStore, Read, ReadIf, ReferenceStore, StoreError, WakeUp, WakeUpQueue, WriteIf,
};
use std::{
    collections::BTreeMap,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use storage::{
    azure::{Account, AzureObjects, AzureWakeUpQueue, Encoding},
    conformance,
    references::ObjectReferences,
};

const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// An account to test with; a started Azurite ends with it.
struct Service {
    azurite: Option<Child>,
    text: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(child) = &mut self.azurite {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn service() -> Service {
    if let Ok(text) = std::env::var("STORAGE_TEST_ACCOUNT") {
        return Service { azurite: None, text };
    }
    let script =
        std::env::var("AZURITE_JS").expect("AZURITE_JS names Azurite's script; `cargo xtask env` prints it");
    let [blob, queue, table] = [free_port(), free_port(), free_port()];
    let ports = [("blob", blob), ("queue", queue), ("table", table)];
    let mut command = Command::new("node");
    command
        .arg(script)
        .args(["--silent", "--disableTelemetry", "--inMemoryPersistence"]);
    for (service, port) in ports {
        command.args([
            format!("--{service}Host"),
            "127.0.0.1".to_owned(),
            format!("--{service}Port"),
            port.to_string(),
        ]);
    }
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while ports
        .iter()
        .any(|(_, port)| TcpStream::connect(("127.0.0.1", *port)).is_err())
    {
        assert!(Instant::now() < until, "Azurite does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    Service {
        azurite: Some(child),
        text: format!(
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};\
             BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{queue}/devstoreaccount1"
        ),
    }
}

fn containers(account: &Account) -> impl Fn() -> Arc<dyn ObjectStore> + Send + Sync + use<> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let account = account.clone();
    let run = jiff::Timestamp::now().as_millisecond();
    move || {
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        Arc::new(AzureObjects::new(&account, &format!("suite-{run}-{n}")).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_references_and_wake_ups() {
    let service = service();
    let account = Account::from_connection_string(&service.text).unwrap();
    let make = containers(&account);
    let references = || -> Arc<dyn ReferenceStore> { Arc::new(ObjectReferences::new(make())) };
    tokio::join!(
        conformance::objects(&make, &|length| Box::pin(tokio::time::sleep(length))),
        conformance::references(&references),
        wake_ups(&account),
    );
}

async fn wake_ups(account: &Account) {
    let wake_ups = AzureWakeUpQueue::new(account, "hints-of-the-suite", Encoding::Base64).unwrap();
    for delay in [Duration::ZERO, Duration::from_secs(30)] {
        let wake_up = AddressedWakeUp::of(&"b".into(), WakeUp::Lane(Lane::Connector("t1".into())));
        wake_ups
            .put(&wake_up, delay)
            .await
            .expect("the queue is made on first use");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_and_one_references_are_three_requests() {
    let service = service();
    let account = Account::from_connection_string(&service.text).unwrap();
    let store: Arc<dyn ReferenceStore> = Arc::new(ObjectReferences::new(containers(&account)()));
    let before = account.requests();
    assert_eq!(conformance::many_references(store.clone(), 10_001, 16).await, 3);
    let after = account.requests();
    assert_eq!(
        (after.list - before.list, after.read - before.read),
        (3, 0),
        "ceil(N / 5,000) listings, no reads"
    );
    assert_eq!(store.tenants(&"bot-1".into()).await.unwrap(), ["tenant-1".into()]);
    let tenants = account.requests();
    assert_eq!(
        (tenants.list - after.list, tenants.read - after.read),
        (1, 0),
        "tenants are asked for without what they hold"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_there_before_the_first_write_makes_the_container() {
    let service = service();
    let account = Account::from_connection_string(&service.text).unwrap();
    let store = containers(&account)();
    assert_eq!(store.read("a", ReadIf::Any).await.unwrap(), Read::Missing);
    assert!(store.list("", None, 10).await.unwrap().entries.is_empty());
    store.delete("a", WriteIf::Any).await.unwrap();
    store.create_append("log").await.unwrap();
    store
        .write("a", Bytes::from("x"), &BTreeMap::new(), WriteIf::Absent)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "50,001 requests one after the other: minutes"]
async fn fifty_thousand_appends() {
    let service = service();
    let account = Account::from_connection_string(&service.text).unwrap();
    conformance::most_appends(containers(&account)()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_reported_without_showing_it() {
    let service = service();
    let wrong = service.text.replace(KEY, "d3Jvbmcta2V5");
    let account = Account::from_connection_string(&wrong).unwrap();
    let error = containers(&account)()
        .read("a", ReadIf::Any)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("403") && error.contains("settings"), "{error}");
    assert!(!error.contains("d3Jvbmcta2V5"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_or_silent_fails_in_time_and_shows_no_signature() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for port in [free_port(), silent.local_addr().unwrap().port()] {
        let text = format!(
            "BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;SharedAccessSignature=sv=2024-01-01&sig=topsecret"
        );
        let account = Account::from_connection_string(&text).unwrap();
        let started = Instant::now();
        let error = containers(&account)().read("a", ReadIf::Any).await.unwrap_err();
        assert!(
            started.elapsed() < Duration::from_millis(8_500),
            "{:?}",
            started.elapsed()
        );
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(!format!("{error} {error:?}").contains("topsecret"), "{error}");
    }
}
