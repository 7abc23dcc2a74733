//! A response body as far as it was received, and whether it can be from Teams. The content type is not considered:
//! proxies send arbitrary ones.

use serde::de::IgnoredAny;

/// The bytes of a response body. `Debug` prints their number only.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// The complete body.
    Whole(Vec<u8>),
    /// Truncated: the connection broke off or the size limit was reached.
    Cut(Vec<u8>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Cut(bytes) => write!(f, "Cut({} bytes)", bytes.len()),
        }
    }
}

impl Body {
    /// The bytes that were received.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::Cut(bytes) => bytes,
        }
    }

    /// The body if the connector can have sent it: one JSON value, or a complete empty body. A byte-order mark and
    /// surrounding whitespace are ignored.
    pub fn json(&self) -> Option<&[u8]> {
        let bytes = self.bytes();
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
        let whole = match self {
            Self::Whole(_) => text.is_empty(),
            Self::Cut(_) => false,
        };
        (whole || serde_json::from_slice::<IgnoredAny>(text).is_ok()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_emptiness_are_distinguished_from_everything_else() {
        let whole = |text: &str| Body::Whole(text.as_bytes().to_vec()).json().is_some();
        for text in [
            "",
            "  \r\n",
            "\u{feff}",
            "{}",
            " null ",
            "\"x\"",
            "17",
            "\u{feff}[1]\n",
        ] {
            assert!(whole(text), "{text:?}");
        }
        for text in ["OK", "<html>", "{\"id\":\"1", "{} {}", "{}<!-- -->", "nul", "'x'"] {
            assert!(!whole(text), "{text:?}");
        }
        assert_eq!(Body::Whole(vec![0xff, 0xfe]).json(), None);
    }

    #[test]
    fn what_broke_off_proves_something_only_if_its_json_is_whole() {
        let cut = |text: &str| Body::Cut(text.as_bytes().to_vec()).json().is_some();
        assert!(cut("{\"id\":\"1\"}"));
        for text in ["", " ", "{\"id\":\"1\"", "<html>"] {
            assert!(!cut(text), "{text:?}");
        }
    }
}
