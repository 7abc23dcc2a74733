//! Finds misspelt names. A setting that nobody reads would otherwise be ignored silently.

use crate::settings;
use std::fmt;
use strsim::osa_distance;

/// What an unknown name of a family means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    /// Nobody else has names of this family.
    Refused,
    /// Other software has them too: only a near miss is refused. TeamsFx projects carry `BOT_DOMAIN` and `BOT_ENDPOINT`.
    Ignored,
}

/// Families whose names are judged, by what they begin with.
const JUDGED: [(&str, Unknown); 2] = [("NOTIFICATION_", Unknown::Refused), ("BOT_", Unknown::Ignored)];

/// A name of a judged family that is not declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownName {
    /// Ends the start; the text says what was probably meant, or what is known.
    Refused(String),
    /// Only worth a warning.
    Ignored(String),
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) | Self::Ignored(text) => f.write_str(text),
        }
    }
}

/// Judges the names of all settings, in their order.
pub fn unknown<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<UnknownName> {
    names.into_iter().filter_map(judged).collect()
}

/// Whether Kubernetes sets the name in every pod, for a service of the namespace: `*_PORT*`, `*_SERVICE_HOST` and
/// `*_SERVICE_PORT*`. These are never misspellings.
pub fn is_service_link(name: &str) -> bool {
    // The second pattern has the third in it.
    name.ends_with("_SERVICE_HOST") || name.contains("_PORT")
}

fn judged(name: &str) -> Option<UnknownName> {
    // Names are read in any case, as .NET's configuration does.
    let upper = name.to_ascii_uppercase();
    let (prefix, unknown) = JUDGED.into_iter().find(|(prefix, unknown)| match unknown {
        // In small letters it is some other program's word.
        Unknown::Refused => name.starts_with(prefix),
        Unknown::Ignored => upper.starts_with(prefix),
    })?;
    let known: Vec<_> = settings()
        .map(|setting| setting.name())
        .filter(|known| known.starts_with(prefix))
        .collect();
    if known.contains(&upper.as_str()) || is_service_link(name) {
        return None;
    }
    let nearest = known
        .iter()
        .map(|known| (osa_distance(&upper, known), known))
        .min()
        .filter(|(away, known)| *away <= near(&known[prefix.len()..]));
    Some(match (nearest, unknown) {
        (Some((_, meant)), _) => UnknownName::Refused(format!(
            "{name}: there is no setting by this name; did you mean {meant}?"
        )),
        (None, Unknown::Refused) => UnknownName::Refused(format!(
            "{name}: there is no setting by this name; known are {}",
            known.join(", ")
        )),
        (None, Unknown::Ignored) => {
            UnknownName::Ignored(format!("{name}: not a setting of this bot; it is ignored"))
        }
    })
}

/// How many slips of the fingers a name is away at most, by what stands behind its prefix: another word of the same length
/// is not meant.
fn near(known: &str) -> usize {
    match known.len() {
        ..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests;
