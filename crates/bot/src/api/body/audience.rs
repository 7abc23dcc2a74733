//! The `audience` member. Whoever writes one means somebody: what names nobody (an empty list, `null`, `{}`, which is
//! what a template engine makes of a missing value) is refused, because the rest of it would reach everybody there.

use super::{
    super::Problem,
    fields::{Fields, Flag},
};
use notify::{
    ids::{ConversationId, TeamId, TenantId},
    request::{All, Audience},
    target::Scope,
};
use serde_json::Value;

pub(super) fn parse(value: &Value, pointer: &str) -> Result<Audience, Problem> {
    if value.is_null() {
        return Err(Problem::bad_body(
            pointer,
            "null is no audience, and is not taken for everybody; name somebody, say {\"all\": true}, or leave \
             \"audience\" out",
        ));
    }
    let mut fields = Fields::of(value, pointer)?;
    let all = match fields.flag("all")? {
        Some(Flag::Yes) => All::Said,
        Some(Flag::No) | None => All::Unsaid,
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
        tenants: fields
            .texts("tenants")?
            .iter()
            .map(|id| TenantId::canonical(id))
            .collect(),
    };
    for later in ["channels", "membersOf"] {
        if fields.take(later).is_some() {
            return Err(Problem::bad_body(
                fields.at(later),
                format!("{later:?} can't be addressed yet; name \"users\", \"conversations\" or \"teams\""),
            ));
        }
    }
    fields.nothing_else()?;
    nothing_empty(value, pointer)?;
    if audience.named() == 0 && !audience.is_listing() {
        return Err(Problem::bad_body(
            pointer,
            "this audience selects nobody; name \"users\", \"conversations\" or \"teams\", select by \"scopes\" or \
             \"tenants\", or say \"all\": true",
        ));
    }
    Ok(audience)
}

/// Refuses members that say nothing: beside others they would be overlooked, and those select more than was meant.
fn nothing_empty(value: &Value, pointer: &str) -> Result<(), Problem> {
    for (name, value) in value.as_object().into_iter().flatten() {
        let found = match value {
            Value::Null => "null",
            Value::Array(items) if items.is_empty() => "an empty array",
            _ => continue,
        };
        return Err(Problem::bad_body(
            format!("{pointer}/{name}"),
            format!(
                "{found} selects nobody; put in who is meant, or leave {name:?} out if all that the rest of the \
                 audience selects are meant"
            ),
        ));
    }
    Ok(())
}

fn scopes(fields: &mut Fields<'_>) -> Result<Vec<Scope>, Problem> {
    let pointer = fields.at("scopes");
    let scope = |(index, word): (usize, String)| match word.as_str() {
        "personal" => Ok(Scope::Personal),
        "groupChat" => Ok(Scope::GroupChat),
        "team" => Ok(Scope::Team),
        _ => Err(Problem::bad_body(
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
