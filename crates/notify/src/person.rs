//! How a person is named: by Entra object id or by Teams' id. One form, so that both sides of a look-up agree.

use crate::{
    ids::{EntraId, UserId},
    reference::account,
    target::{Scope, Target},
};

/// A person's id in the form that is compared: Teams ids (`29:…`) as they are, Entra ids without case, braces and the
/// `8:orgid:` that Teams writes before them. `Debug` prints its size only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey(String);

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonKey({} bytes)", self.0.len())
    }
}

impl PersonKey {
    /// The key of an id as it was written.
    pub fn of(written: &str) -> Self {
        Self(account::person_id(written))
    }

    /// The keys of one person's ids, as far as they are known.
    pub fn all_of(user: Option<&UserId>, entra: Option<&EntraId>) -> impl Iterator<Item = Self> {
        let user = user.map(|user| Self::of(user.as_str()));
        let entra = entra.map(|entra| Self::of(entra.as_str()));
        [user, entra].into_iter().flatten()
    }

    /// The text that is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Target {
    /// The keys under which the person of a personal chat is found; none in other scopes.
    pub fn person_keys(&self) -> impl Iterator<Item = PersonKey> {
        let is_personal = self.scope == Scope::Personal;
        PersonKey::all_of(self.user.as_ref(), self.entra.as_ref()).filter(move |_| is_personal)
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
