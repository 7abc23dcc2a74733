//! The function key that `dev` makes up, kept for the next start: what a person has typed once keeps working.

use super::CommandError;
use crate::settings::Secret;
use std::{fs, io::ErrorKind, path::Path};
use storage::private_files;

/// Its file in the folder of `dev`'s state, for its owner alone.
const FILE: &str = "local-key";
/// Hexadecimal digits of a key.
const DIGITS: usize = 32;

/// The key of earlier starts; a new one where there is none, or none that is whole.
pub(super) fn kept(state: &Path) -> Result<Secret, CommandError> {
    let file = state.join(FILE);
    let text = match fs::read(&file) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unusable(&file, &error)),
    };
    let key = match text.trim() {
        known if is_whole(known) => known.to_owned(),
        _ => uuid::Uuid::new_v4().simple().to_string(),
    };
    // Also one that is known: others may have been able to read its file.
    private_files::create_folder(state)
        .and_then(|()| private_files::write(&file, key.as_bytes()))
        .map_err(|error| unusable(&file, &error))?;
    Ok(Secret::new(key))
}

fn is_whole(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn unusable(file: &Path, error: &std::io::Error) -> CommandError {
    format!(
        "{}: the key can't be kept there: {error}; remove it, or set NOTIFICATION_LOCAL_KEY",
        file.display()
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_and_one_that_is_not_whole_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let key = kept(&state).unwrap();
        assert_eq!(kept(&state).unwrap(), key);
        for damaged in [&b""[..], b"\n", b"short", b"\xff\xfe", &[b'0'; 33], &[b'z'; 32]] {
            fs::write(state.join(FILE), damaged).unwrap();
            let new = kept(&state).unwrap();
            assert!(is_whole(new.expose()) && new != key, "{damaged:?}");
            assert_eq!(kept(&state).unwrap(), new, "{damaged:?}");
        }
    }
}
