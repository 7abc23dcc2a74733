//! Signs each try of a request with the account's key.
//! Rules: Microsoft Learn, "Authorize with Shared Key", version 2015-02-21 and later.

use azure_core::{
    credentials::Secret,
    hmac::hmac_sha256,
    http::{
        Context, Request,
        policies::{Policy, PolicyResult},
    },
};
use jiff::Timestamp;
use std::{collections::BTreeMap, fmt, fmt::Write, sync::Arc};

/// Headers whose values stand in the text to sign, in order. `Date` stays empty: `x-ms-date` is sent instead.
const BEFORE_LENGTH: [&str; 2] = ["content-encoding", "content-language"];
const AFTER_LENGTH: [&str; 8] = [
    "content-md5",
    "content-type",
    "",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

pub(super) struct SharedKey {
    account: String,
    key: Secret,
}

impl SharedKey {
    pub(super) fn new(account: String, key: Secret) -> Self {
        Self { account, key }
    }

    fn text_to_sign(&self, request: &Request) -> String {
        let headers: BTreeMap<String, &str> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().trim()))
            .collect();
        let header = |name: &str| headers.get(name).copied().unwrap_or_default();
        let length = request.body().len().filter(|length| *length > 0);
        let mut text = format!("{}\n", request.method().as_ref());
        for name in BEFORE_LENGTH {
            let _ = writeln!(text, "{}", header(name));
        }
        let _ = writeln!(text, "{}", length.map(|n| n.to_string()).unwrap_or_default());
        for name in AFTER_LENGTH {
            let _ = writeln!(text, "{}", header(name));
        }
        for (name, value) in headers.iter().filter(|(name, _)| name.starts_with("x-ms-")) {
            let _ = writeln!(text, "{name}:{value}");
        }
        let _ = write!(text, "/{}{}", self.account, request.url().path());
        let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in request.url().query_pairs() {
            query
                .entry(name.to_lowercase())
                .or_default()
                .push(value.into_owned());
        }
        for (name, mut values) in query {
            values.sort();
            let _ = write!(text, "\n{name}:{}", values.join(","));
        }
        text
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedKey({})", self.account)
    }
}

#[async_trait::async_trait]
impl Policy for SharedKey {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let now = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        request.insert_header("x-ms-date", now);
        let signature = hmac_sha256(&self.text_to_sign(request), &self.key)?;
        request.insert_header("authorization", format!("SharedKey {}:{signature}", self.account));
        super::transport::go_on(ctx, request, next).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::http::{Method, Url};

    #[test]
    fn the_text_to_sign_is_the_documented_one() {
        let url = "https://acct1.blob.core.windows.net/box/a%2Fb?restype=container&comp=list&prefix=%C3%BC+1&include=metadata";
        let mut request = Request::new(Url::parse(url).unwrap(), Method::Put);
        request.insert_header("x-ms-version", "2026-04-06");
        request.insert_header("x-ms-date", "Sun, 22 Nov 2026 08:00:00 GMT");
        request.insert_header("content-type", "application/octet-stream");
        request.insert_header("if-match", "\"0x1\"");
        request.insert_header("range", "bytes=0-9");
        request.set_body(vec![1_u8; 5]);
        let policy = SharedKey::new("acct1".to_owned(), Secret::new("a2V5"));
        assert_eq!(
            policy.text_to_sign(&request),
            "PUT\n\n\n5\n\napplication/octet-stream\n\n\n\"0x1\"\n\n\nbytes=0-9\n\
             x-ms-date:Sun, 22 Nov 2026 08:00:00 GMT\nx-ms-version:2026-04-06\n\
             /acct1/box/a%2Fb\ncomp:list\ninclude:metadata\nprefix:ü 1\nrestype:container"
        );
        assert_eq!(format!("{policy:?}"), "SharedKey(acct1)");
    }
}
