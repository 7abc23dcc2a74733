//! People, computed from their number: names, mail addresses, languages. Nothing is stored.

use serde::Serialize;

use super::Tenant;
use crate::ids::{self, OpaqueIdKind, PersonKey};

const GIVEN: [&str; 24] = [
    "Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Lena",
    "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tuuli", "Umar", "Vera", "Wanda",
    "Yusuf",
];
const SURNAMES: [&str; 24] = [
    "Berg", "Costa", "Diaz", "Eriksen", "Fontana", "Gruber", "Haddad", "Ivanova", "Jansen", "Kaya",
    "Lindholm", "Moreau", "Novak", "Okafor", "Petrov", "Quiroga", "Rossi", "Sato", "Tanaka", "Ueda",
    "Virtanen", "Weiss", "Yilmaz", "Zhang",
];
const LOCALES: [(&str, &str); 6] = [
    ("en-US", "US"),
    ("de-DE", "DE"),
    ("it-IT", "IT"),
    ("fr-FR", "FR"),
    ("de-AT", "AT"),
    ("ja-JP", "JP"),
];

/// One person as a bot may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Position in the world.
    pub key: PersonKey,
    /// Pairwise Teams id, `29:…`.
    pub id: String,
    /// Entra object id.
    pub aad_object_id: String,
    /// Given name.
    pub given_name: &'static str,
    /// Surname.
    pub surname: &'static str,
    /// Mail address and user principal name.
    pub upn: String,
    /// Tenant id.
    pub tenant_id: String,
    /// Language of their Teams client, BCP 47.
    pub locale: &'static str,
    /// Country of their Teams client.
    pub country: &'static str,
}

/// The roster shape of the connector.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberBody<'a> {
    id: &'a str,
    object_id: &'a str,
    aad_object_id: &'a str,
    name: String,
    given_name: &'a str,
    surname: &'a str,
    email: &'a str,
    user_principal_name: &'a str,
    tenant_id: &'a str,
    user_role: &'static str,
}

impl Person {
    pub(crate) fn new(bot: u64, tenant: &Tenant, key: PersonKey) -> Self {
        let (given_name, surname) = names(key.number);
        let (locale, country) = LOCALES[(key.number % 6) as usize];
        Self {
            key,
            id: format!("29:1{}", ids::encode(OpaqueIdKind::Person, bot, tenant.key, key)),
            aad_object_id: ids::object_id(tenant.key, key),
            given_name,
            surname,
            upn: upn(key.number, &tenant.domain),
            tenant_id: tenant.id.clone(),
            locale,
            country,
        }
    }

    /// Given name and surname.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}

impl Serialize for Person {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MemberBody {
            id: &self.id,
            object_id: &self.aad_object_id,
            aad_object_id: &self.aad_object_id,
            name: self.name(),
            given_name: self.given_name,
            surname: self.surname,
            email: &self.upn,
            user_principal_name: &self.upn,
            tenant_id: &self.tenant_id,
            user_role: "user",
        }
        .serialize(serializer)
    }
}

fn names(number: u32) -> (&'static str, &'static str) {
    let surname = (u64::from(number) * 7 + u64::from(number / 24)) % 24;
    (GIVEN[(number % 24) as usize], SURNAMES[surname as usize])
}

fn upn(number: u32, domain: &str) -> String {
    let (given, surname) = names(number);
    let (given, surname) = (given.to_lowercase(), surname.to_lowercase());
    if number < 24 {
        format!("{given}.{surname}@{domain}")
    } else {
        format!("{given}.{surname}{number}@{domain}")
    }
}

/// The number of the person with this user principal name in a tenant with this domain.
pub(crate) fn number_of_upn(text: &str, domain: &str) -> Option<u32> {
    let local = text
        .split_once('@')
        .filter(|(_, host)| host.eq_ignore_ascii_case(domain))?
        .0;
    let digits = local.trim_start_matches(|c: char| !c.is_ascii_digit());
    let candidates = match digits.parse::<u32>() {
        Ok(number) => number..number.saturating_add(1),
        Err(_) => 0..24,
    };
    candidates
        .into_iter()
        .find(|number| upn(*number, domain).eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upns_lead_back_to_their_person() {
        for number in [0, 1, 23, 24, 299_999] {
            let address = upn(number, "contoso.example");
            assert_eq!(
                number_of_upn(&address, "contoso.example"),
                Some(number),
                "{address}"
            );
            assert_eq!(
                number_of_upn(&address.to_uppercase(), "contoso.example"),
                Some(number)
            );
        }
        assert_eq!(number_of_upn("nobody@contoso.example", "contoso.example"), None);
        assert_eq!(
            number_of_upn("ada.berg@fabrikam.example", "contoso.example"),
            None
        );
    }
}
