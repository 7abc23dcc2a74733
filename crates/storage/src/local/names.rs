//! Names of objects as paths: any name becomes a path, no two names the same, none leaves the directory.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Ends the name of every object's file, and of no folder.
pub(super) const ENDING: &str = ".object";
/// Begins the name of every file that is still being written, and of no object.
pub(super) const UNFINISHED: &str = ".tmp-";
/// What is encoded in a segment, and so is a dot at its beginning.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'=')
    .remove(b'@')
    .remove(b',')
    .remove(b'+')
    .remove(b'.');
/// Longest segment that is written out.
const LONGEST: usize = 150;
/// Characters of a longer one that are kept in front of its hash.
const KEPT: usize = 60;
/// Longest path that is written out; systems allow 4,095 bytes with the directory's own path.
const LONGEST_PATH: usize = 3_000;
/// Folder of the objects whose path would be longer. No name has this as a segment: its `%` is followed by no digit.
const LONG: &str = "%long";

/// Path of an object's file below the root.
pub(super) fn path_of(name: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let mut segments = name.split('/').map(segment).peekable();
    while let Some(mut segment) = segments.next() {
        if segments.peek().is_none() {
            segment.push_str(ENDING);
        } else if segment.ends_with(ENDING) {
            segment.truncate(segment.len() - ENDING.len());
            segment.push_str("%2Eobject");
        }
        path.push(segment);
    }
    if path.as_os_str().len() > LONGEST_PATH {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(name));
        return [LONG.to_owned(), format!("{hash}{ENDING}")].iter().collect();
    }
    path
}

fn segment(text: &str) -> String {
    if text.is_empty() {
        return "%".to_owned();
    }
    let (dot, rest) = match text.strip_prefix('.') {
        Some(rest) => ("%2E", rest),
        None => ("", text),
    };
    let mut out = format!("{dot}{}", utf8_percent_encode(rest, ENCODED));
    if out.len() > LONGEST {
        out.truncate(KEPT);
        out.push('%');
        out.push_str(&URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, path::Component};

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(
            path_of("lanes/bot/tenant/lease"),
            PathBuf::from("lanes/bot/tenant/lease.object")
        );
    }

    #[test]
    fn segments_are_written_as_earlier_versions_wrote_them() {
        for (text, written) in [
            ("", "%"),
            ("A-b_c=d@e,f+9", "A-b_c=d@e,f+9"),
            ("..a.b", "%2E.a.b"),
            ("a%2Fb", "a%252Fb"),
            ("~!*'()", "%7E%21%2A%27%28%29"),
            (" :;&?#\\", "%20%3A%3B%26%3F%23%5C"),
            ("\t\u{7f}", "%09%7F"),
            ("\u{fc}\u{1f389}", "%C3%BC%F0%9F%8E%89"),
        ] {
            assert_eq!(segment(text), written);
        }
        assert_eq!(segment(&"x".repeat(150)), "x".repeat(150));
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest("x".repeat(151)));
        assert_eq!(segment(&"x".repeat(151)), format!("{}%{hash}", "x".repeat(60)));
    }

    #[test]
    fn the_longest_name_is_a_path_that_systems_take() {
        let long = vec!["üüü"; 254].join("/");
        let path = path_of(&long);
        assert!(path.as_os_str().len() < 100, "{path:?}");
        assert_ne!(path, path_of(&long.replace("üüü", "üöü")));
        let most = "x/".repeat(253) + "x";
        assert_eq!(path_of(&most).components().count(), 254, "written out");
    }

    #[test]
    fn odd_names_stay_inside_and_apart() {
        let long = "y".repeat(400);
        let names = [
            "a",
            "a/b",
            "a.object/b",
            "a%2Eobject/b",
            "../a",
            "..",
            ".",
            "./a",
            "/a",
            "a//b",
            "ü",
            "ü/ü",
            "%C3%BC",
            "19:x@thread.tacv2;messageid=1",
            "a b",
            "a%20b",
            &long,
            &format!("{long}z"),
            ".tmp-1",
            ".lock",
        ];
        let paths: BTreeSet<PathBuf> = names.iter().map(|name| path_of(name)).collect();
        assert_eq!(paths.len(), names.len());
        for path in paths {
            for part in path.components() {
                let Component::Normal(part) = part else {
                    panic!("{path:?}")
                };
                let text = part.to_str().unwrap();
                assert!(text.len() < 200 && !text.starts_with('.'), "{path:?}");
            }
        }
    }
}
