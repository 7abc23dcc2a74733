//! Query strings as ASP.NET's dictionary sees them, and paths decoded and encoded again.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What .NET leaves as it is in a query's name or value.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What a path may hold as it is (RFC 3986, `pchar` and the slash).
const PROXIED_PATH: &AsciiSet = &UNRESERVED
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');
const FORWARDED_PATH: &AsciiSet = &PROXIED_PATH.remove(b'?').remove(b'#');

/// Longest query string that is taken apart, bytes. The real host's front end takes 4,096 to 8,192.
pub(crate) const LONGEST_QUERY: usize = 8192;

/// A query string's values in order; names match in any case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, Vec<String>)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let place = *places.entry(name.to_lowercase()).or_insert(query.0.len());
            match query.0.get_mut(place) {
                Some((_, values)) => values.push(value.into_owned()),
                None => query.0.push((name.into_owned(), vec![value.into_owned()])),
            }
        }
        query
    }

    /// One value a name, repeated ones joined by a comma.
    pub(crate) fn joined(&self) -> Vec<(String, String)> {
        self.0
            .iter()
            .map(|(name, values)| (name.clone(), values.join(",")))
            .collect()
    }

    /// The query as forwarding mode rebuilds it: `k=a%2Cb`, `k=` for a name without value.
    pub(crate) fn rebuilt(&self) -> String {
        let escaped = |text| utf8_percent_encode(text, UNRESERVED);
        let pairs: Vec<String> = self
            .joined()
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        pairs.join("&")
    }
}

/// The first value of a name (ASCII, any case), found without building the dictionary: for the key, which is looked at
/// before anything else of a stranger's request.
pub(crate) fn first_value(text: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(text.as_bytes())
        .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

/// Which mode encodes the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathEncoding {
    /// `?` and `#` come out as they are, and so end the path: an encoded one is lost.
    Forward,
    /// `?` and `#` are encoded again.
    Proxy,
}

/// A decoded path written for a request line. A `%` that begins an escape stays.
pub(crate) fn encoded_path(path: &str, encoding: PathEncoding) -> String {
    let set = match encoding {
        PathEncoding::Forward => FORWARDED_PATH,
        PathEncoding::Proxy => PROXIED_PATH,
    };
    let mut parts = path.split('%');
    let mut out = utf8_percent_encode(parts.next().unwrap_or_default(), set).to_string();
    for part in parts {
        let begins_escape =
            matches!(part.as_bytes(), [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
        out.push_str(if begins_escape { "%" } else { "%25" });
        out.extend(utf8_percent_encode(part, set));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use functions_project::decoded_path;

    #[test]
    fn queries_are_merged_as_forwarding_does() {
        for (text, expected) in [
            ("k=a&k=b", "k=a%2Cb"),
            ("K=a&k=b", "K=a%2Cb"),
            ("k", "k="),
            ("a+b=%20x%2B&code=KEY", "a%20b=%20x%2B&code=KEY"),
            ("", ""),
            ("&&=v", "=v"),
            ("k=%zz%C3%BC", "k=%25zz%C3%BC"),
        ] {
            assert_eq!(Query::parse(text).rebuilt(), expected, "{text}");
        }
    }

    #[test]
    fn the_key_is_found_without_the_dictionary() {
        for (text, expected) in [
            ("Code=1&code=2", Some("1")),
            ("a=b&c%6Fde=a%2Bb+c", Some("a+b c")),
            ("%43%4F%44%45=x", Some("x")),
            ("code", Some("")),
            ("code=&code=x", Some("")),
            ("xcode=1&codex=2&=code", None),
            ("", None),
        ] {
            assert_eq!(first_value(text, "code").as_deref(), expected, "{text}");
        }
    }

    /// Each of these took minutes when every name was compared with all before it.
    #[test]
    fn work_grows_with_the_length_only() {
        let many = |pair: &dyn Fn(usize) -> String| (0..60_000).map(pair).collect::<Vec<_>>().join("&");
        let large = [
            ("distinct names", many(&|n| format!("name{n}=v")), 60_000),
            ("equal names", many(&|_| "k=v".to_owned()), 1),
            (
                "names in two cases",
                many(&|n| if n % 2 == 0 { "Key=" } else { "kEY=" }.to_owned()),
                1,
            ),
            ("escapes", many(&|n| format!("%C3%BC{n}=%zz%2B")), 60_000),
            ("plus signs", many(&|n| format!("+{n}+=+++")), 60_000),
            ("semicolons", many(&|n| format!("a;{n};b=;")), 60_000),
            ("no names", "&".repeat(300_000), 0),
        ];
        let begun = std::time::Instant::now();
        for (what, text, names) in large {
            let query = Query::parse(&text);
            assert_eq!(query.joined().len(), names, "{what}");
            assert!(query.rebuilt().len() < 4 * text.len(), "{what}");
            assert_eq!(first_value(&text, "code"), None, "{what}");
        }
        let taken = begun.elapsed();
        assert!(taken < std::time::Duration::from_secs(30), "{taken:?}");
    }

    #[test]
    fn paths_are_decoded_and_encoded_again() {
        for (path, forward, proxy) in [
            ("/api/messages", "/api/messages", "/api/messages"),
            (
                "/api/a%20b%2Fc%C3%BC",
                "/api/a%20b%2Fc%C3%BC",
                "/api/a%20b%2Fc%C3%BC",
            ),
            ("/api/a%3Fb", "/api/a?b", "/api/a%3Fb"),
            ("/api/a%41", "/api/aA", "/api/aA"),
            ("/api/x/../y/./z", "/api/y/z", "/api/y/z"),
            ("/api/%2e%2e/admin", "/admin", "/admin"),
            ("/api/100%25", "/api/100%25", "/api/100%25"),
            ("/api/%FF", "/api/%FF", "/api/%FF"),
        ] {
            let decoded = decoded_path(path);
            assert_eq!(encoded_path(&decoded, PathEncoding::Forward), forward, "{path}");
            assert_eq!(encoded_path(&decoded, PathEncoding::Proxy), proxy, "{path}");
        }
    }
}
