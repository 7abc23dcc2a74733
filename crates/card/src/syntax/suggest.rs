//! Suggestions for misspelt names.

/// The name among `known` that is nearest to `name`, if it is near enough to be a likely misspelling.
///
/// ```
/// assert_eq!(card::closest("formatNumbr", ["formatNumber", "float"]), Some("formatNumber"));
/// assert_eq!(card::closest("zzz", ["float"]), None);
/// ```
#[must_use]
pub fn closest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > 64 {
        return None;
    }
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .filter(|known| known.chars().next().is_some_and(char::is_alphabetic))
        .map(|known| (strsim::osa_distance(&wanted, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
