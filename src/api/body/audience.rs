//! The `audience` member.

use super::{
    super::Problem,
    fields::{Fields, Flag},
};
use notify::{
    ids::{ConversationId, TeamId, TenantId},
    request::{Audience, Everyone},
    target::Scope,
};
use serde_json::Value;

pub(super) fn parse(value: &Value, pointer: &str) -> Result<Audience, Problem> {
    let mut fields = Fields::of(value, pointer)?;
    let all = match fields.flag("all")? {
        Some(Flag::Yes) => Everyone::Said,
        Some(Flag::No) | None => Everyone::Unsaid,
    };
    let audience = Audience {
        all,
        users: fields.texts("users")?,
        conversations: fields
            .texts("conversations")?
            .into_iter()
            .map(ConversationId::from)
            .collect(),
        teams: fields.texts("teams")?.into_iter().map(TeamId::from).collect(),
        scopes: scopes(&mut fields)?,
        tenants: fields.texts("tenants")?.into_iter().map(TenantId::from).collect(),
    };
    for later in ["channels", "membersOf"] {
        if fields.take(later).is_some() {
            return Err(Problem::body(
                fields.at(later),
                format!("{later:?} can't be addressed yet; name \"users\", \"conversations\" or \"teams\""),
            ));
        }
    }
    fields.nothing_else()?;
    Ok(audience)
}

fn scopes(fields: &mut Fields<'_>) -> Result<Vec<Scope>, Problem> {
    let pointer = fields.at("scopes");
    let scope = |(index, word): (usize, String)| match word.as_str() {
        "personal" => Ok(Scope::Personal),
        "groupChat" => Ok(Scope::GroupChat),
        "team" => Ok(Scope::Team),
        _ => Err(Problem::body(
            format!("{pointer}/{index}"),
            "there is no such scope; expected \"personal\", \"groupChat\" or \"team\"",
        )),
    };
    fields
        .texts("scopes")?
        .into_iter()
        .enumerate()
        .map(scope)
        .collect()
}
