//! `curl` lines of the guides, sent to a running handler.

use super::shell;
use crate::support::{
    handler::Handler,
    http::{Answer, client},
};
use reqwest::{Method, Url};

/// What a `curl` line asks for. An option that is none of these is a panic.
pub(super) struct Curl {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Curl {
    pub(super) fn read(command: &str) -> Self {
        let mut words = shell::words(command).into_iter();
        assert_eq!(words.next().as_deref(), Some("curl"), "{command}");
        let (mut method, mut address, mut headers, mut body) = (None, None, Vec::new(), None);
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .unwrap_or_else(|| panic!("{word} lacks its value: {command}"))
            };
            match word.as_str() {
                "-X" => method = Some(value().parse().unwrap()),
                "-d" => body = Some(value()),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").expect("a header");
                    headers.push((name.to_owned(), value.to_owned()));
                }
                option if option.starts_with('-') => panic!("{option} is not known here: {command}"),
                other => assert!(address.replace(other.to_owned()).is_none(), "{command}"),
            }
        }
        let address = address.expect("an address");
        let url = Url::parse(&address)
            .ok()
            .filter(Url::has_host)
            .unwrap_or_else(|| Url::parse(&format!("http://{address}")).unwrap());
        Self {
            method: method.unwrap_or(if body.is_some() { Method::POST } else { Method::GET }),
            path: url.path().to_owned(),
            headers,
            body,
        }
    }

    /// Sends it, with the key in place of the word that stands for it.
    pub(super) async fn send(self, handler: &Handler) -> Answer {
        let key = handler.printed_key().expect("dev prints its key");
        let mut request = client().request(self.method, handler.url(&self.path));
        for (name, value) in self.headers {
            request = request.header(name, value.replace("$KEY", &key).replace("KEY", &key));
        }
        Answer::to(request.body(self.body.unwrap_or_default())).await
    }
}
