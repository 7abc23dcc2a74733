//! Finds misspelt setting names: an unknown `NOTIFICATION_*` name would otherwise be ignored silently.

use super::{SettingError, Source};
use strsim::osa_distance;
use teams::settings::is_service_link;

/// What all names begin with.
const PREFIX: &str = "NOTIFICATION_";

const KNOWN: [&str; 7] = [
    "NOTIFICATION_STORE",
    "NOTIFICATION_CONTAINER",
    "NOTIFICATION_RATE",
    "NOTIFICATION_LEASE_SECONDS",
    "NOTIFICATION_UNNAMED_LIMIT",
    "NOTIFICATION_RETENTION_DAYS",
    "NOTIFICATION_LOCAL_KEY",
];

/// Refuses unknown `NOTIFICATION_*` names; those of Kubernetes' service links are foreign.
pub(crate) fn check_names(source: &Source) -> Result<(), SettingError> {
    let unknown = source
        .names()
        .find(|name| name.starts_with(PREFIX) && !KNOWN.contains(name) && !is_service_link(name));
    let Some(name) = unknown else { return Ok(()) };
    let nearest = KNOWN
        .iter()
        .map(|known| (osa_distance(known, name), known))
        .min()
        .filter(|(away, known)| *away <= near(known))
        .map(|(_, known)| known);
    let advice = match nearest {
        Some(known) => format!("did you mean {known}?"),
        None => format!("known are {}", KNOWN.join(", ")),
    };
    Err(SettingError::new(
        name,
        format!("there is no setting by this name; {advice}"),
    ))
}

/// How many slips of the fingers a name is away at most: another word of the same length is not meant.
fn near(known: &str) -> usize {
    match known.len() - PREFIX.len() {
        ..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}
