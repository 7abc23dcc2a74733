//! Control API: reading the world, messages and counters.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ApiError;
use crate::Sandbox;
use crate::connector::Stats;
use crate::faults::FaultPlan;
use crate::limits::LimitTable;
use crate::world::{ConversationView, Entry, Person, Place, World};

/// Most conversations that the page shows.
pub(crate) const MAX_SHOWN: usize = 50;

/// `?limit=&offset=&tenant=`
#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    offset: usize,
    #[serde(default)]
    tenant: u32,
}

/// The first conversations for the page: if there are many personal chats, other scopes still get half.
pub(crate) fn visible(world: &World, limit: usize) -> impl Iterator<Item = Place> + '_ {
    let others = world.groups.len() + world.channels.len();
    let mut personal_left = limit - others.min(limit / 2);
    let fits = move |place: &Place| match place {
        Place::Personal(_) if personal_left == 0 => false,
        Place::Personal(_) => {
            personal_left -= 1;
            true
        }
        Place::Group(_) | Place::Channel(_) => true,
    };
    world.shown().filter(fits).take(limit)
}

pub(crate) async fn world(State(sandbox): State<Sandbox>) -> Json<Value> {
    let state = sandbox.inner.connector.lock();
    let world = &state.world;
    let tenants = world.tenants.iter().map(|tenant| {
        json!({ "id": tenant.id, "name": tenant.name, "people": tenant.people, "disabled": tenant.disabled })
    });
    let teams = world.teams.iter().enumerate().map(|(at, team)| {
        let channels = team.channels.iter().map(|at| &world.channels[*at as usize]);
        let channels = channels.map(|c| json!({ "id": c.id, "name": c.name, "deleted": c.deleted }));
        json!({
            "id": world.team_id(at as u32), "name": team.name, "aadGroupId": team.aad_group_id,
            "tenantId": world.tenants[team.tenant as usize].id, "installed": team.installed, "life": team.life,
            "channels": channels.collect::<Vec<_>>(),
        })
    });
    Json(json!({
        "bot": { "id": world.bot_id, "appId": world.bot_app_id, "name": world.bot_name },
        "serviceUrl": sandbox.service_url(),
        "botEndpoint": sandbox.bot_endpoint(),
        "tenants": tenants.collect::<Vec<_>>(),
        "teams": teams.collect::<Vec<_>>(),
        "conversations": visible(world, MAX_SHOWN).map(|place| world.view(place)).collect::<Vec<_>>(),
    }))
}

pub(crate) async fn people(
    State(sandbox): State<Sandbox>,
    Query(page): Query<PageQuery>,
) -> Json<Vec<Person>> {
    let first = u32::try_from(page.offset).unwrap_or(u32::MAX);
    let count = page.limit.unwrap_or(MAX_SHOWN).min(1000) as u32;
    let numbers = first..first.saturating_add(count);
    Json(
        numbers
            .map_while(|number| sandbox.person(page.tenant, number))
            .collect(),
    )
}

pub(crate) async fn conversations(
    State(sandbox): State<Sandbox>,
    Query(page): Query<PageQuery>,
) -> Json<Vec<ConversationView>> {
    let state = sandbox.inner.connector.lock();
    let limit = page.limit.unwrap_or(MAX_SHOWN).min(10_000);
    let places = state.world.shown().skip(page.offset).take(limit);
    Json(places.map(|place| state.world.view(place)).collect())
}

pub(crate) async fn conversation(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<ConversationView>, ApiError> {
    let state = sandbox.inner.connector.lock();
    let place = state.world.locate(&id)?.place;
    Ok(Json(state.world.view(place)))
}

pub(crate) async fn messages(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Entry>>, ApiError> {
    Ok(Json(sandbox.messages(&id)?))
}

/// Accepted messages by conversation; `repeated` are those with more than one.
pub(crate) async fn counts(State(sandbox): State<Sandbox>) -> Json<Value> {
    let counts = sandbox.counts();
    let total: u64 = counts.iter().map(|(_, count)| u64::from(*count)).sum();
    let repeated = counts.iter().filter(|(_, count)| *count > 1).count();
    let reached = counts.len();
    let conversations: serde_json::Map<String, Value> =
        counts.into_iter().map(|(id, count)| (id, count.into())).collect();
    Json(json!({ "total": total, "reached": reached, "repeated": repeated, "conversations": conversations }))
}

pub(crate) async fn stats(State(sandbox): State<Sandbox>) -> Json<Stats> {
    Json(sandbox.stats())
}

pub(crate) async fn limits(State(sandbox): State<Sandbox>) -> Json<LimitTable> {
    Json(sandbox.limits())
}

pub(crate) async fn faults(State(sandbox): State<Sandbox>) -> Json<FaultPlan> {
    Json(sandbox.faults())
}
