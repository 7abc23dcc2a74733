//! Where requests really go, on sockets: a proxy on loopback that writes down what it is asked.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Answers every request itself and keeps its first line.
struct Recorder {
    address: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.unwrap_or(0) > 0 {}
                let head = String::from_utf8_lossy(&head).into_owned();
                kept.lock()
                    .unwrap()
                    .push(head.lines().next().unwrap_or_default().to_owned());
                let answer = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
            }
        });
        Self { address, lines }
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

fn settings(pairs: &[(&str, String)]) -> Result<ProxySettings, ProxyError> {
    ProxySettings::read(&|name| {
        let found = pairs.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    })
}

async fn ask(pairs: &[(&str, String)], url: &str) {
    let client = settings(pairs)
        .unwrap()
        .apply(reqwest::Client::builder())
        .build()
        .unwrap();
    let _ = client.get(url).send().await;
}

#[tokio::test]
async fn each_scheme_has_its_proxy_and_all_proxy_stands_in() {
    let proxy = Recorder::start().await;
    let address = format!("http://{}", proxy.address);
    let (plain, tls) = ("http://blob.test/a", "https://teams.test/b");
    let (absolute, connect) = (
        "GET http://blob.test/a HTTP/1.1",
        "CONNECT teams.test:443 HTTP/1.1",
    );
    for (name, url, line) in [
        ("HTTP_PROXY", plain, absolute),
        ("http_proxy", plain, absolute),
        ("HTTPS_PROXY", tls, connect),
        ("https_proxy", tls, connect),
        ("ALL_PROXY", plain, absolute),
        ("ALL_PROXY", tls, connect),
        ("all_proxy", tls, connect),
    ] {
        ask(&[(name, address.clone())], url).await;
        assert_eq!(proxy.seen(), [line], "{name} {url}");
    }
    // Without a scheme, and with the particular one before the general one.
    let pairs = [
        ("HTTPS_PROXY", proxy.address.clone()),
        ("ALL_PROXY", "http://127.0.0.1:1".to_owned()),
    ];
    ask(&pairs, tls).await;
    assert_eq!(proxy.seen(), [connect]);
}

#[tokio::test]
async fn this_machine_and_what_no_proxy_names_are_reached_directly() {
    let (proxy, server) = (Recorder::start().await, Recorder::start().await);
    let all = ("ALL_PROXY", format!("http://{}", proxy.address));
    let port = server.address.rsplit_once(':').unwrap().1;
    for host in ["127.0.0.1", "localhost", "127.0.0.2"] {
        ask(std::slice::from_ref(&all), &format!("http://{host}:{port}/x")).await;
        assert_eq!(proxy.seen(), [""; 0], "{host}");
    }
    assert!(server.seen().contains(&"GET /x HTTP/1.1".to_owned()));
    for (no_proxy, direct) in [
        ("other.test", false),
        ("blob.test", true),
        (".test", true),
        ("*.test", true),
        ("blob.test:80", true),
        ("other.test, blob.test", true),
        ("*", true),
        ("lob.test", false),
    ] {
        let pairs = [all.clone(), ("NO_PROXY", no_proxy.to_owned())];
        ask(&pairs, "http://blob.test/a").await;
        assert_eq!(proxy.seen().is_empty(), direct, "{no_proxy}");
    }
}

#[test]
fn a_wrong_address_is_named_by_its_setting_only() {
    for (name, value) in [
        ("HTTPS_PROXY", "ftp://topsecret@proxy:1"),
        ("HTTP_PROXY", "http://"),
        ("ALL_PROXY", "user:topsecret@"),
        ("HTTPS_PROXY", "http://to psecret"),
    ] {
        let error = settings(&[(name, value.to_owned())]).unwrap_err().to_string();
        assert!(
            error.starts_with(name) && error.contains("http://host:port"),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }
    for good in [
        "socks5://proxy:1080",
        "socks5h://u:p@proxy:1080",
        "https://proxy",
        "proxy.test:3128",
    ] {
        let read = settings(&[("ALL_PROXY", good.to_owned())]).unwrap();
        assert!(read.covers_https(), "{good}");
    }
    let nothing = settings(&[("HTTPS_PROXY", "  ".to_owned()), ("NO_PROXY", "x".to_owned())]).unwrap();
    assert!(!nothing.covers_https());
    let shown = format!(
        "{:?}",
        settings(&[("ALL_PROXY", "http://u:topsecret@proxy:1".to_owned())])
    );
    assert!(!shown.contains("topsecret"), "{shown}");
}
