//! From the `audience` of a request to the domain's. Whoever writes one means somebody: one that names nobody (`null`,
//! `{}`) is refused.

use super::{super::Problem, request::AudienceRequest, values::NonBlank};
use notify::request::{Audience, SelectAll};

/// `null` is what a template engine makes of a missing value.
pub(super) fn null() -> Problem {
    Problem::bad_body(
        "/audience",
        "null is no audience, and is not taken for everybody; name somebody, say {\"all\": true}, or leave \
         \"audience\" out",
    )
}

pub(super) fn audience(request: AudienceRequest) -> Result<Audience, Problem> {
    let audience = Audience {
        all: SelectAll::from(request.all),
        users: named(request.users.0),
        conversations: named(request.conversations.0),
        teams: named(request.teams.0),
        scopes: request.scopes.0.into_iter().map(Into::into).collect(),
        tenants: named(request.tenants.0),
    };
    if audience.named() == 0 && !audience.is_listing() {
        return Err(Problem::bad_body(
            "/audience",
            "this audience selects nobody; name \"users\", \"conversations\" or \"teams\", select by \"scopes\" or \
             \"tenants\", or say \"all\": true",
        ));
    }
    Ok(audience)
}

fn named<T: From<String>>(names: Vec<NonBlank>) -> Vec<T> {
    names.into_iter().map(|name| T::from(name.0)).collect()
}
