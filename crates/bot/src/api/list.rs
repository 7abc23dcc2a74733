//! `GET /api/notification`: notifications, newest first.

use super::{
    Problem,
    answers::{ListAnswer, ListItem},
    query::Parameters,
    router::Api,
    suggestion,
};
use axum::{Json, extract::State, http::Uri};
use jiff::Timestamp;
use notify::{
    service::{NewestQuery, Position},
    status::NotificationState as Stand,
};
use std::num::NonZeroU32;

/// The query parameters.
pub(super) const PARAMETERS: [&str; 4] = ["state", "since", "limit", "after"];
/// Most notifications on a page.
pub(super) const MOST: u32 = 200;
/// Notifications on a page when the call doesn't say.
pub(super) const USUAL: u32 = 50;
/// The states that a list can be narrowed to.
pub(super) const STATES: [(&str, Stand); 6] = [
    ("queued", Stand::Queued),
    ("planning", Stand::Planning),
    ("sending", Stand::Sending),
    ("stopped", Stand::Stopped),
    ("finished", Stand::Finished),
    ("cancelled", Stand::Cancelled),
];

pub(super) async fn answer(State(api): State<Api>, uri: Uri) -> Result<Json<ListAnswer>, Problem> {
    let query = read(uri.query().unwrap_or_default())?;
    let page = api.bot.service().newest(&query).await.map_err(|error| {
        tracing::error!(%error, "notifications can't be listed");
        Problem::unavailable("the store can't be reached; try again")
    })?;
    Ok(Json(ListAnswer {
        notifications: page
            .items
            .iter()
            .map(|item| ListItem::of(item, &api.base))
            .collect(),
        next: page.next.map(|position| position.to_string()),
    }))
}

fn read(query: &str) -> Result<NewestQuery, Problem> {
    let parameters = Parameters::read(query, &PARAMETERS)?;
    Ok(NewestQuery {
        state: parameters.get("state").map(state).transpose()?,
        since: parameters.get("since").map(since).transpose()?,
        limit: limit(parameters.get("limit"))?,
        after: parameters.get("after").map(after).transpose()?,
    })
}

fn state(text: &str) -> Result<Stand, Problem> {
    if let Some((_, state)) = STATES.iter().find(|(name, _)| *name == text) {
        return Ok(*state);
    }
    let names = STATES.map(|(name, _)| name);
    let mut detail = format!("expected {}", suggestion::one_of(&names));
    if let Some(meant) = suggestion::closest(text, &names) {
        detail.push_str(&format!("; did you mean {meant:?}?"));
    }
    Err(Problem::parameter("state", detail))
}

fn since(text: &str) -> Result<Timestamp, Problem> {
    // A plus sign that was not encoded came as a space.
    text.replace(' ', "+").parse().map_err(|_| {
        Problem::parameter(
            "since",
            "expected a time with its offset (RFC 3339), for instance 2026-11-25T10:00:00Z",
        )
    })
}

fn limit(text: Option<&str>) -> Result<NonZeroU32, Problem> {
    let Some(text) = text else {
        return Ok(NonZeroU32::new(USUAL).unwrap_or(NonZeroU32::MIN));
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<NonZeroU32>().ok().filter(|_| digits);
    number
        .filter(|limit| limit.get() <= MOST)
        .ok_or_else(|| Problem::parameter("limit", format!("expected a whole number from 1 to {MOST}")))
}

fn after(text: &str) -> Result<Position, Problem> {
    text.parse().map_err(|_| {
        Problem::parameter(
            "after",
            "expected what an earlier page gave as \"next\"; leave it out for the first page",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_say_what_they_expect() {
        for (query, parameter, detail) in [
            ("state=finnished", "state", "did you mean \"finished\"?"),
            ("state=", "state", "\"queued\", \"planning\""),
            ("since=yesterday", "since", "RFC 3339"),
            ("limit=0", "limit", "1 to 200"),
            ("limit=201", "limit", "1 to 200"),
            ("limit=%2B5", "limit", "1 to 200"),
            ("limit=", "limit", "1 to 200"),
            ("after=x", "after", "\"next\""),
            ("untill=x", "untill", "known are state, since, limit, after"),
        ] {
            let problem = read(query).unwrap_err();
            assert_eq!(
                serde_json::to_value(&problem).unwrap()["parameter"],
                parameter,
                "{query}"
            );
            assert!(problem.detail().contains(detail), "{query}: {}", problem.detail());
        }
        let query = read("state=stopped&since=2026-11-25T10:00:00+01:00&limit=200&code=x").unwrap();
        assert_eq!((query.state, query.limit.get()), (Some(Stand::Stopped), 200));
        assert_eq!(query.since.unwrap().to_string(), "2026-11-25T09:00:00Z");
        assert_eq!(read("").unwrap().limit.get(), USUAL);
    }
}
