//! Ids of bots, people and tenants in the one form that keys are made of and that look-ups compare.

use super::id_shape::{IdKind, IdShape};
use crate::ids::{BotId, TenantId};
use uuid::Uuid;

/// How Teams writes a bot's account id before the app id.
const BOT: &str = "28:";

impl BotId {
    /// The bot of an account id (`28:{app id}`, other clouds' prefixes too) or of an app id, in any case.
    pub fn of_account(account: &str) -> Self {
        Self::from(directory_id(after(IdKind::Bot, account)))
    }

    /// The account id that Teams knows the bot by.
    pub fn account(&self) -> String {
        format!("{BOT}{self}")
    }
}

impl TenantId {
    /// A tenant as keys have it: Teams and settings may write the same id in another case or in braces.
    pub fn canonical(written: &str) -> Self {
        Self::from(directory_id(written))
    }
}

/// A person's id as look-ups compare it: Teams' id (`29:…`) as it is, since its case matters; an Entra id without case,
/// braces and the `8:orgid:` that Teams writes before it.
pub(crate) fn person_id(written: &str) -> String {
    let written = written.trim();
    match IdShape::of(written).kind {
        IdKind::Person => written.to_owned(),
        _ => directory_id(after(IdKind::EntraPerson, written)),
    }
}

fn after(kind: IdKind, id: &str) -> &str {
    let id = id.trim();
    let shape = IdShape::of(id);
    if shape.kind == kind {
        shape.without_prefix(id)
    } else {
        id
    }
}

/// A GUID as Entra prints it; anything else without case.
fn directory_id(written: &str) -> String {
    let written = written.trim();
    match Uuid::try_parse(written) {
        Ok(guid) => guid.hyphenated().to_string(),
        Err(_) => written.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "0b07a111-aaaa-4111-8111-000000000001";

    #[test]
    fn a_bot_is_the_same_with_any_prefix_and_in_any_case() {
        for written in [
            GUID,
            "28:0B07A111-AAAA-4111-8111-000000000001",
            "28:orgid:0b07a111-aaaa-4111-8111-000000000001",
            "28:gcch:0b07a111-aaaa-4111-8111-000000000001",
            "28:dod-global:0b07a111-aaaa-4111-8111-000000000001",
            " {0B07A111-aaaa-4111-8111-000000000001} ",
        ] {
            assert_eq!(BotId::of_account(written).as_str(), GUID, "{written}");
        }
        assert_eq!(BotId::of_account(GUID).account(), format!("28:{GUID}"));
        assert_eq!(BotId::of_account("28:Bot").as_str(), "bot");
        assert_eq!(BotId::of_account("").as_str(), "");
    }

    #[test]
    fn an_entra_id_is_the_same_with_any_prefix_in_braces_and_in_any_case() {
        for written in [
            GUID,
            "0B07A111AAAA41118111000000000001",
            "{0b07a111-aaaa-4111-8111-000000000001}",
            "8:orgid:0B07A111-aaaa-4111-8111-000000000001",
            "8:ORGID:0b07a111-aaaa-4111-8111-000000000001",
            "8:gcch:0b07a111-aaaa-4111-8111-000000000001",
            "8:dod:{0b07a111-aaaa-4111-8111-000000000001}",
        ] {
            assert_eq!(person_id(written), GUID, "{written}");
        }
    }

    #[test]
    fn other_ids_of_people_stay_apart() {
        assert_eq!(person_id("29:1aB-c_D"), "29:1aB-c_D");
        assert_ne!(person_id("29:Ab"), person_id("29:ab"));
        assert_eq!(person_id("8:teamsvisitor:Ab"), "8:teamsvisitor:ab");
        assert_eq!(person_id("Ada@Contoso.com"), "ada@contoso.com");
    }

    #[test]
    fn a_tenant_is_the_same_in_any_case() {
        assert_eq!(
            TenantId::canonical(" 0B07A111-AAAA-4111-8111-000000000001").as_str(),
            GUID
        );
        assert_eq!(TenantId::canonical("Contoso").as_str(), "contoso");
        assert_eq!(TenantId::canonical("_unknown").as_str(), "_unknown");
    }
}
