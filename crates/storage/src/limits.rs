//! What Azure Blob Storage accepts, checked by every backend before it does anything, so that a store that works
//! on a laptop works in the cloud. Limits of notifications or of Teams do not come in here.

use notify::ports::StoreError;
use std::{collections::BTreeMap, time::Duration};

/// Longest name of an object, in characters.
pub const MAX_NAME: usize = 1_024;
/// Most bytes of metadata, names and values together. Azurite does not enforce it; the service does.
pub const MAX_METADATA: usize = 8_192;
/// Most names a page of a listing can hold.
pub const MAX_PAGE: u32 = 5_000;
/// Shortest lease.
pub const MIN_LEASE: Duration = Duration::from_secs(15);
/// Longest lease.
pub const MAX_LEASE: Duration = Duration::from_secs(60);

/// Checks the name of an object.
///
/// # Errors
/// [`StoreError::Refused`] when it is empty, too long, ends with a dot or a slash, or holds a backslash
/// (the service would turn it into a slash).
pub fn check_name(name: &str) -> Result<(), StoreError> {
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME {
        return refuse(format!(
            "a name has 1 to {MAX_NAME} characters, this one has {length}"
        ));
    }
    if name.ends_with(['.', '/']) || name.contains(['\0', '\\']) {
        return refuse("a name can't end with a dot or a slash, or hold a NUL or a backslash".to_owned());
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
/// [`StoreError::Refused`] outside 15 to 60 s.
pub fn check_lease(length: Duration) -> Result<(), StoreError> {
    if (MIN_LEASE..=MAX_LEASE).contains(&length) {
        return Ok(());
    }
    refuse(format!("a lease lasts 15 to 60 s, not {length:?}"))
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

    #[test]
    fn names_pages_and_leases_have_their_ranges() {
        assert!(check_name("references/ü/%/ 1;messageid=2").is_ok());
        for name in ["", "a/", "a.", &"x".repeat(1_025)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_page(5_000).is_ok() && check_page(0).is_err() && check_page(5_001).is_err());
        assert!(check_lease(Duration::from_secs(15)).is_ok());
        assert!(check_lease(Duration::from_secs(14)).is_err());
        assert!(check_lease(Duration::from_secs(61)).is_err());
    }
}
