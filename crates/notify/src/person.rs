//! How a person is named: by Entra object id or by Teams' id. One form, so that both sides of a look-up agree.

use crate::target::{Scope, Target};

/// A person's id in the form that is compared: Teams ids (`29:…`) as they are, Entra ids without case and without the
/// `8:orgid:` that Teams writes before them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey(String);

impl PersonKey {
    /// The key of an id as it was written.
    pub fn of(written: &str) -> Self {
        if written.starts_with("29:") {
            return Self(written.to_owned());
        }
        let id = written.strip_prefix("8:orgid:").unwrap_or(written);
        Self(id.to_ascii_lowercase())
    }

    /// The text that is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Target {
    /// The keys under which the person of a personal chat is found; none in other scopes.
    pub fn person_keys(&self) -> impl Iterator<Item = PersonKey> {
        let user = self.user.as_ref().map(|user| PersonKey::of(user.as_str()));
        let entra = self.entra.as_ref().map(|entra| PersonKey::of(entra.as_str()));
        let is_personal = self.scope == Scope::Personal;
        [user, entra].into_iter().flatten().filter(move |_| is_personal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entra_ids_are_the_same_in_any_case_and_with_the_prefix_of_teams() {
        let key = PersonKey::of("0b07a111-AAAA-4111-8111-000000000001");
        assert_eq!(key, PersonKey::of("8:orgid:0B07A111-aaaa-4111-8111-000000000001"));
        assert_ne!(PersonKey::of("29:Ab"), PersonKey::of("29:ab"));
    }
}
