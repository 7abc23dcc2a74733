//! Names of objects as paths: any name becomes a path, no two names the same, none leaves the directory.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{fmt::Write, path::PathBuf};

/// Ends the name of every object's file, and of no folder.
pub(super) const ENDING: &str = ".object";
/// Begins the name of every file that is still being written, and of no object.
pub(super) const UNFINISHED: &str = ".tmp-";
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
    let mut out = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-_=@,+".contains(&byte) || (byte == b'.' && at > 0) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if out.len() > LONGEST {
        out.truncate(KEPT);
        let _ = write!(out, "%{}", URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
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
