//! Prints requests without their secrets, for logs. Keys and tokens reach the handler unchanged (the host strips neither
//! `x-functions-key` nor `?code=`), so code that logs a request must remove them.

use std::fmt;

use http::{HeaderMap, HeaderName, Uri};

/// Headers whose values are secrets.
pub const SECRET_HEADERS: [&str; 5] = [
    "x-functions-key",
    "authorization",
    "cookie",
    "set-cookie",
    "proxy-authorization",
];

/// Prefixes of the headers in which App Service authentication passes tokens and names.
pub const SECRET_PREFIXES: [&str; 2] = ["x-ms-token-", "x-ms-client-principal"];

/// Replaces a secret.
pub const REDACTED: &str = "[redacted]";

/// Is this header's value a secret?
pub fn is_secret(name: &HeaderName) -> bool {
    SECRET_HEADERS.contains(&name.as_str())
        || SECRET_PREFIXES
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
}

/// The path and the names of the query's keys, with every value left out, as any of them may be a
/// secret.
///
/// ```
/// use custom_handler::redact;
/// let uri = "http://localhost/api/x?code=KEY&page=2&flag".parse().unwrap();
/// assert_eq!(redact::uri(&uri).to_string(), "/api/x?code=[redacted]&page=[redacted]&flag");
/// ```
pub fn uri(uri: &Uri) -> impl fmt::Display + '_ {
    struct Shown<'a>(&'a Uri);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0.path())?;
            let Some(query) = self.0.query() else {
                return Ok(());
            };
            for (i, pair) in query.split('&').enumerate() {
                f.write_str(if i == 0 { "?" } else { "&" })?;
                match pair.split_once('=') {
                    Some((key, _)) => write!(f, "{key}={REDACTED}")?,
                    None => f.write_str(pair)?,
                }
            }
            Ok(())
        }
    }
    Shown(uri)
}

/// The headers as a debug map, the values of secret ones replaced.
///
/// ```
/// use custom_handler::redact;
/// let mut headers = http::HeaderMap::new();
/// headers.insert("x-functions-key", "KEY".parse().unwrap());
/// headers.insert("accept", "text/csv".parse().unwrap());
/// let shown = format!("{:?}", redact::headers(&headers));
/// assert!(shown.contains("text/csv") && !shown.contains("KEY"));
/// ```
pub fn headers(headers: &HeaderMap) -> impl fmt::Debug + '_ {
    struct Shown<'a>(&'a HeaderMap);
    impl fmt::Debug for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let shown = self.0.iter().map(|(name, value)| {
                let text = if is_secret(name) {
                    REDACTED.into()
                } else {
                    String::from_utf8_lossy(value.as_bytes())
                };
                (name.as_str(), text)
            });
            f.debug_map().entries(shown).finish()
        }
    }
    Shown(headers)
}
