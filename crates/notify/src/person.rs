//! How a person is named: by Entra object id or by Teams' id. One form, so that both sides of a look-up agree.

use crate::{
    ids::{EntraId, UserId},
    reference::account,
    target::{Scope, Target},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

    /// What stands for it in names and in memory.
    pub fn hash(&self) -> PersonHash {
        PersonHash::of(&self.0)
    }
}

/// The first 16 bytes of the SHA-256 of a person's id, written as base64url. So few that a tenant's people fit into
/// memory, and enough that no two of them are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonHash([u8; 16]);

impl PersonHash {
    fn of(id: &str) -> Self {
        let digest = Sha256::digest(id);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(bytes)
    }

    /// Its first bytes, for comparing among few.
    pub(crate) fn prefix(self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(bytes)
    }

    /// What `to_string` wrote; `None` for any other text.
    pub fn parse(written: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(written).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for PersonHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl From<PersonHash> for String {
    fn from(hash: PersonHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for PersonHash {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        Self::parse(&written).ok_or("no hash of a person's id")
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
