//! Whom a switch concerns: everybody, a tenant, a team, a conversation or a person.

use serde::Serialize;
use serde_json::{Map, Value};

use super::SwitchError;
use crate::ids::PersonKey;
use crate::world::{MemberLookup, Place, World};

/// The kinds of scopes. Each but the first is a property of the request, whose value is an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ScopeKind {
    /// Every conversation; what a request gets that names nobody.
    Everybody,
    /// A tenant.
    Tenant,
    /// All channels of a team.
    Team,
    /// A conversation.
    Conversation,
    /// A person's chat with the bot, also while it is created.
    Person,
}

/// The kinds that name somebody, with their properties.
const NAMED: [(ScopeKind, &str); 4] = [
    (ScopeKind::Tenant, "tenant"),
    (ScopeKind::Team, "team"),
    (ScopeKind::Conversation, "conversation"),
    (ScopeKind::Person, "person"),
];

/// Whom a switch concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Everybody,
    Tenant(u32),
    Team(u32),
    Conversation(Place),
    Person(PersonKey),
}

/// What a request or an event is about, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) tenant: Option<u32>,
    pub(crate) place: Option<Place>,
}

/// A scope, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ScopeView {
    pub(crate) kind: ScopeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) title: String,
}

impl Scope {
    /// Takes the scope out of the settings.
    pub(super) fn take(
        world: &World,
        allowed: &[ScopeKind],
        settings: &mut Map<String, Value>,
    ) -> Result<Self, SwitchError> {
        let mut named = Vec::new();
        for (kind, property) in NAMED {
            match settings.remove(property) {
                None | Some(Value::Null) => {}
                Some(Value::String(id)) => named.push((kind, property, id)),
                Some(_) => {
                    return Err(SwitchError::Setting(format!(
                        "{property} must be a string: an id"
                    )));
                }
            }
        }
        match named.as_slice() {
            [] => Ok(Self::Everybody),
            [(kind, property, _)] if !allowed.contains(kind) => Err(SwitchError::Setting(format!(
                "this switch cannot be for one {property} alone"
            ))),
            [(kind, _, id)] => Self::find(world, *kind, id),
            _ => Err(SwitchError::Setting(
                "only one of tenant, team, conversation and person can be given".to_owned(),
            )),
        }
    }

    fn find(world: &World, kind: ScopeKind, id: &str) -> Result<Self, SwitchError> {
        match kind {
            ScopeKind::Everybody => Ok(Self::Everybody),
            ScopeKind::Tenant => {
                let found = world.tenant_by_id(id).map(Self::Tenant);
                found.ok_or_else(|| SwitchError::Tenant(id.to_owned()))
            }
            ScopeKind::Team => {
                let found = world.team_by_id(id).map(Self::Team);
                found.ok_or_else(|| SwitchError::Team(id.to_owned()))
            }
            ScopeKind::Conversation => Ok(Self::Conversation(world.locate(id)?.place)),
            ScopeKind::Person => match world.find_person(id) {
                MemberLookup::Found(key) => Ok(Self::Person(key)),
                MemberLookup::Undecryptable | MemberLookup::NotFound => {
                    Err(SwitchError::Person(id.to_owned()))
                }
            },
        }
    }

    pub(crate) fn covers(self, world: &World, subject: Subject) -> bool {
        match self {
            Self::Everybody => true,
            Self::Tenant(tenant) => subject.tenant == Some(tenant),
            Self::Team(team) => subject
                .place
                .and_then(|place| world.team_of(place))
                .is_some_and(|(at, _)| at == team),
            Self::Conversation(place) => subject.place == Some(place),
            Self::Person(key) => subject.place == Some(Place::Personal(key)),
        }
    }

    pub(crate) fn view(self, world: &World) -> ScopeView {
        let (kind, id, title) = match self {
            Self::Everybody => (ScopeKind::Everybody, None, "Everybody".to_owned()),
            Self::Tenant(at) => {
                let tenant = &world.tenants[at as usize];
                (ScopeKind::Tenant, Some(tenant.id.clone()), tenant.name.clone())
            }
            Self::Team(at) => {
                let (id, team) = (world.team_id(at), &world.teams[at as usize]);
                (ScopeKind::Team, Some(id.to_owned()), team.name.clone())
            }
            Self::Conversation(place) => {
                let view = world.view(place);
                (ScopeKind::Conversation, Some(view.id), view.title)
            }
            Self::Person(key) => {
                let person = world.person(key);
                let name = person.name();
                (ScopeKind::Person, Some(person.id), name)
            }
        };
        ScopeView { kind, id, title }
    }
}

impl Subject {
    /// A conversation of the world.
    pub(crate) fn of(world: &World, place: Place) -> Self {
        Self {
            tenant: Some(world.tenant_of(place)),
            place: Some(place),
        }
    }
}
