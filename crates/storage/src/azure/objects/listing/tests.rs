use super::super::AzureObjects;
use crate::azure::Account;
use notify::ports::{ObjectStore, StoreError};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread::JoinHandle,
};

const PAGE: &str = "<EnumerationResults><Blobs><Blob><Name>p/1</Name><Properties><Etag>0x1</Etag></Properties></Blob>\
    <BlobPrefix><Name>p/sub/</Name></BlobPrefix></Blobs><NextMarker>go on</NextMarker></EnumerationResults>";

/// An answer with a body of which only so much comes before the connection ends.
struct Scripted {
    status: &'static str,
    headers: &'static str,
    body: &'static str,
    sent: usize,
}

const fn whole(status: &'static str, headers: &'static str, body: &'static str) -> Scripted {
    Scripted {
        status,
        headers,
        body,
        sent: body.len(),
    }
}

/// A container whose service gives these answers, one a connection; the thread returns the request lines.
fn container(answers: Vec<Scripted>) -> (AzureObjects, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            asked.push(String::from_utf8_lossy(&head).lines().next().unwrap().to_owned());
            let (status, headers, length) = (answer.status, answer.headers, answer.body.len());
            write!(
                stream,
                "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{}",
                &answer.body[..answer.sent]
            )
            .unwrap();
        }
        asked
    });
    let text = format!(
        "BlobEndpoint=http://127.0.0.1:{port}/acct;SharedAccessSignature=sv=2024-01-01&sig=topsecret"
    );
    let account = Account::from_connection_string(&text).unwrap();
    (AzureObjects::new(&account, "box").unwrap(), serving)
}

#[tokio::test]
async fn a_page_is_one_request_and_asks_for_what_is_wanted() {
    let (store, serving) = container(vec![whole("200 OK", "", PAGE), whole("200 OK", "", PAGE)]);
    let page = store.list("p/ü &", None, 7).await.unwrap();
    assert_eq!(
        (page.entries[0].name.as_str(), page.next.as_deref()),
        ("p/1", Some("go on"))
    );
    let page = store.folders("p/", Some("go on"), 5_000).await.unwrap();
    assert_eq!(
        (page.names, page.next.as_deref()),
        (vec!["p/sub/".to_owned()], Some("go on"))
    );
    assert_eq!(
        serving.join().unwrap(),
        [
            "GET /acct/box?sv=2024-01-01&sig=topsecret&restype=container&comp=list&maxresults=7&include=metadata\
             &prefix=p%2F%C3%BC+%26 HTTP/1.1",
            "GET /acct/box?sv=2024-01-01&sig=topsecret&restype=container&comp=list&maxresults=5000&delimiter=%2F\
             &prefix=p%2F&marker=go+on HTTP/1.1"
        ]
    );
}

#[tokio::test]
async fn a_page_that_breaks_off_is_asked_for_again() {
    let cut = |sent| Scripted {
        sent,
        ..whole("200 OK", "", PAGE)
    };
    let (store, serving) = container(vec![cut(90), cut(PAGE.len() - 1), whole("200 OK", "", PAGE)]);
    let page = store.list("p/", None, 10).await.unwrap();
    assert_eq!(page.entries.len(), 1, "nothing of what broke off is in it");
    assert_eq!(serving.join().unwrap().len(), 3);

    let (store, serving) = container(vec![cut(90), cut(90), cut(90)]);
    let error = store.list("p/", None, 10).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("topsecret"), "{error}");
    assert_eq!(
        serving.join().unwrap().len(),
        3,
        "then the caller gets the failure"
    );
}

#[tokio::test]
async fn refusals_have_the_meaning_that_they_have_elsewhere() {
    let missing = whole("404 Not Found", "x-ms-error-code: ContainerNotFound\r\n", "");
    let (store, _) = container(vec![missing]);
    assert!(store.list("p/", None, 10).await.unwrap().entries.is_empty());

    let forbidden = whole("403 Forbidden", "x-ms-error-code: AuthorizationFailure\r\n", "");
    let (store, _) = container(vec![forbidden]);
    let error = store.list("p/", None, 10).await.unwrap_err().to_string();
    assert!(
        error.contains("403") && error.contains("AuthorizationFailure"),
        "{error}"
    );
    assert!(!error.contains("topsecret"), "{error}");

    let busy = whole("503 Server Busy", "x-ms-error-code: ServerBusy\r\n", "");
    let (store, _) = container(vec![busy, whole("200 OK", "", PAGE)]);
    assert_eq!(
        store.list("p/", None, 10).await.unwrap().entries.len(),
        1,
        "it is asked again"
    );
}
