//! What Azure Blob Storage accepts. Every backend checks each request here before it does anything, so that what works
//! on a laptop or in the simulator works in the cloud. Limits of notifications or of Teams do not come in here.
//!
//! Sources are pages of Microsoft Learn: "Naming and referencing containers, blobs, and metadata" (names), "Scalability
//! and performance targets for Blob storage" (sizes), and the REST operations named beside a limit. Where pages differ,
//! the tighter limit holds.

use notify::ports::{StoreError, WriteIf};
use std::{collections::BTreeMap, time::Duration};

/// Longest name of an object, in characters.
pub const MAX_NAME: usize = 1_024;
/// Most segments of a name, the parts between slashes.
pub const MAX_SEGMENTS: usize = 254;
/// Most bytes of metadata, names and values together ("Set Blob Metadata"). Azurite does not enforce it; the service
/// does.
pub const MAX_METADATA: usize = 8_192;
/// Most bytes of an object that is written at once: what any version takes in one Put Blob. Newer versions take more,
/// but a larger transfer would be several requests, and a condition would not hold for the whole of it.
pub const MAX_BODY: usize = 256 * 1024 * 1024;
/// Most bytes of one append: the size of a block of an append blob in the table of scale targets. "Append Block" allows
/// 100 MiB from version 2022-11-02 on.
pub const MAX_APPEND: usize = 4 * 1024 * 1024;
/// Most appends to one object ("Append Block": a blob has at most 50,000 blocks).
pub const MAX_APPENDS: usize = 50_000;
/// Most names a page of a listing can hold ("List Blobs", `maxresults`).
pub const MAX_PAGE: u32 = 5_000;
/// Shortest lease ("Lease Blob").
pub const MIN_LEASE: Duration = Duration::from_secs(15);
/// Longest lease that ends by itself ("Lease Blob").
pub const MAX_LEASE: Duration = Duration::from_secs(60);

/// Checks the name of a container.
///
/// # Errors
/// [`StoreError::Refused`] when it is not 3 to 63 lower-case letters, digits and single hyphens, or begins or ends with
/// a hyphen.
pub fn check_container(name: &str) -> Result<(), StoreError> {
    let characters = name
        .bytes()
        .all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit());
    let hyphens = name.starts_with('-') || name.ends_with('-') || name.contains("--");
    if characters && !hyphens && (3..=63).contains(&name.len()) {
        return Ok(());
    }
    refuse(format!(
        "{name:?} can't name a blob container: 3 to 63 lower-case letters, digits and single hyphens"
    ))
}

/// Checks the name of an object.
///
/// # Errors
/// [`StoreError::Refused`] when it is empty or too long, has too many segments or one that ends with a dot (a URL
/// resolves `.` and `..`), ends with a slash, or holds a control character or a backslash (the service would turn it
/// into a slash).
pub fn check_name(name: &str) -> Result<(), StoreError> {
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME {
        return refuse(format!(
            "a name has 1 to {MAX_NAME} characters, this one has {length}"
        ));
    }
    let segments = name.split('/').count();
    if segments > MAX_SEGMENTS {
        return refuse(format!(
            "a name has at most {MAX_SEGMENTS} segments, this one has {segments}"
        ));
    }
    if name.ends_with('/') || name.split('/').any(|segment| segment.ends_with('.')) {
        return refuse("a name can't end with a slash, and no segment of it with a dot".to_owned());
    }
    if name.contains(|c: char| c == '\\' || c.is_control()) {
        return refuse("a name can't hold a control character or a backslash".to_owned());
    }
    Ok(())
}

/// Checks metadata: lower-case identifiers, visible ASCII, at most [`MAX_METADATA`] bytes.
///
/// # Errors
/// [`StoreError::Refused`] that says which name is wrong, or how large it all is.
pub fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), StoreError> {
    for (name, value) in metadata {
        let mut letters = name.bytes();
        let head = letters
            .next()
            .is_some_and(|b| b == b'_' || b.is_ascii_lowercase());
        if !head || !letters.all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return refuse(format!(
                "metadata name {name:?} is not made of a-z, 0-9 and _ (letter first)"
            ));
        }
        let edge = value.starts_with(' ') || value.ends_with(' ');
        if edge || !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return refuse(format!("metadata {name:?} is not plain visible ASCII"));
        }
    }
    let size = metadata_size(metadata);
    if size > MAX_METADATA {
        return refuse(format!(
            "{size} bytes of metadata, {MAX_METADATA} are the most that can be stored"
        ));
    }
    Ok(())
}

/// Bytes of metadata as the service counts them: names and values.
pub fn metadata_size(metadata: &BTreeMap<String, String>) -> usize {
    metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum()
}

/// Checks the page size of a listing.
///
/// # Errors
/// [`StoreError::Refused`] outside 1 to [`MAX_PAGE`].
pub fn check_page(limit: u32) -> Result<(), StoreError> {
    if (1..=MAX_PAGE).contains(&limit) {
        return Ok(());
    }
    refuse(format!("a page holds 1 to {MAX_PAGE} names, not {limit}"))
}

/// Checks the length of a lease.
///
/// # Errors
/// [`StoreError::Refused`] outside 15 to 60 s, and for fractions of a second, which a request can't state.
pub fn check_lease(length: Duration) -> Result<(), StoreError> {
    if (MIN_LEASE..=MAX_LEASE).contains(&length) && length.subsec_nanos() == 0 {
        return Ok(());
    }
    refuse(format!("a lease lasts 15 to 60 whole seconds, not {length:?}"))
}

/// Checks the length of an object that is written at once, in bytes.
///
/// # Errors
/// [`StoreError::Refused`] beyond [`MAX_BODY`].
pub fn check_body(length: usize) -> Result<(), StoreError> {
    if length <= MAX_BODY {
        return Ok(());
    }
    refuse(format!(
        "an object has {length} bytes, {MAX_BODY} are the most that can be written at once"
    ))
}

/// Checks the length of an append, in bytes.
///
/// # Errors
/// [`StoreError::Refused`] when it is empty or beyond [`MAX_APPEND`].
pub fn check_append(length: usize) -> Result<(), StoreError> {
    if (1..=MAX_APPEND).contains(&length) {
        return Ok(());
    }
    refuse(format!("an append has 1 to {MAX_APPEND} bytes, not {length}"))
}

/// Checks whether an object that has taken `appends` can take another one. The service counts for itself.
///
/// # Errors
/// [`StoreError::Refused`] from [`MAX_APPENDS`] on.
pub fn check_appends(appends: usize) -> Result<(), StoreError> {
    if appends < MAX_APPENDS {
        return Ok(());
    }
    refuse(format!("an object takes at most {MAX_APPENDS} appends"))
}

/// Checks the condition of a deletion.
///
/// # Errors
/// [`StoreError::Refused`] for [`WriteIf::Absent`]: what must be absent can't be deleted.
pub fn check_delete(when: &WriteIf) -> Result<(), StoreError> {
    match when {
        WriteIf::Absent => refuse("what must be absent can't be deleted".to_owned()),
        WriteIf::Any | WriteIf::Version(_) => Ok(()),
    }
}

fn refuse(why: String) -> Result<(), StoreError> {
    Err(StoreError::Refused(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn metadata_is_counted_with_its_names() {
        assert!(check_metadata(&metadata("abcd", &"x".repeat(MAX_METADATA - 4))).is_ok());
        let error = check_metadata(&metadata("abcd", &"x".repeat(MAX_METADATA - 3))).unwrap_err();
        assert!(error.to_string().contains("8193 bytes of metadata"), "{error}");
    }

    #[test]
    fn metadata_that_headers_would_change_is_refused() {
        for (name, value) in [
            ("Target", "x"),
            ("tar-get", "x"),
            ("1a", "x"),
            ("", "x"),
            ("a", "ü"),
            ("a", " x"),
            ("a", "\n"),
        ] {
            assert!(
                check_metadata(&metadata(name, value)).is_err(),
                "{name:?}={value:?}"
            );
        }
    }

    /// Segments of one character each.
    fn segments(count: usize) -> String {
        vec!["x"; count].join("/")
    }

    #[test]
    fn names_that_a_url_or_the_service_would_change_are_refused() {
        let most = segments(MAX_SEGMENTS);
        for name in [
            "references/ü/%/ 1;messageid=2",
            "a",
            "a.b",
            ".a",
            "a/..b",
            &"ü".repeat(MAX_NAME),
            &most,
        ] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
        let more = segments(MAX_SEGMENTS + 1);
        for name in [
            "",
            "/",
            "a/",
            "a.",
            ".",
            "..",
            "./a",
            "../a",
            "a/../b",
            "a./b",
            "a\\b",
            "a\0",
            "a\n",
            "a\u{7f}",
            "a\u{81}",
            &"x".repeat(MAX_NAME + 1),
            &more,
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn containers_are_named_as_hosts_are() {
        for name in ["abc", "a-1", "0-a-0", &"x".repeat(63)] {
            assert!(check_container(name).is_ok(), "{name:?}");
        }
        for name in [
            "",
            "ab",
            "Abc",
            "a_c",
            "-bc",
            "ab-",
            "a--c",
            "aüc",
            "$root",
            &"x".repeat(64),
        ] {
            assert!(check_container(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn numbers_have_their_ranges() {
        assert!(check_page(1).is_ok() && check_page(5_000).is_ok());
        assert!(check_page(0).is_err() && check_page(5_001).is_err());
        for (milliseconds, taken) in [
            (0, false),
            (14_999, false),
            (15_000, true),
            (15_500, false),
            (60_000, true),
            (60_001, false),
        ] {
            let length = Duration::from_millis(milliseconds);
            assert_eq!(check_lease(length).is_ok(), taken, "{milliseconds} ms");
        }
        assert!(check_body(0).is_ok() && check_body(MAX_BODY).is_ok() && check_body(MAX_BODY + 1).is_err());
        assert!(check_append(1).is_ok() && check_append(MAX_APPEND).is_ok());
        assert!(check_append(0).is_err() && check_append(MAX_APPEND + 1).is_err());
        assert!(check_appends(MAX_APPENDS - 1).is_ok() && check_appends(MAX_APPENDS).is_err());
    }
}
