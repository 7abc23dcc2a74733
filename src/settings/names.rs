//! Finds misspelt setting names: an unknown `NOTIFICATION_*` name would otherwise be a wish silently ignored.

use super::{SettingError, Source};
use strsim::levenshtein;

const KNOWN: [&str; 7] = [
    "NOTIFICATION_STORE",
    "NOTIFICATION_CONTAINER",
    "NOTIFICATION_RATE",
    "NOTIFICATION_LEASE_SECONDS",
    "NOTIFICATION_UNNAMED_LIMIT",
    "NOTIFICATION_RETENTION_DAYS",
    "NOTIFICATION_LOCAL_KEY",
];

/// Refuses unknown `NOTIFICATION_*` names.
pub(crate) fn check_names(source: &Source) -> Result<(), SettingError> {
    let unknown = source
        .names()
        .find(|name| name.starts_with("NOTIFICATION_") && !KNOWN.contains(name));
    let Some(name) = unknown else { return Ok(()) };
    let nearest = KNOWN
        .iter()
        .min_by_key(|known| levenshtein(known, name))
        .filter(|known| levenshtein(known, name) <= 4);
    let advice = match nearest {
        Some(known) => format!("did you mean {known}?"),
        None => format!("known are {}", KNOWN.join(", ")),
    };
    Err(SettingError::new(
        name,
        format!("there is no setting by this name; {advice}"),
    ))
}
