//! The switches in the form that the control API and the page show: the list, what is on, and for whom it can be.

use serde::Serialize;

use super::parameter::Values;
use super::scope::ScopeView;
use super::{SWITCHES, Scope, Switch, SwitchedOn, Switches};
use crate::clock::millis;
use crate::world::{Place, World};

/// Everything about switches.
#[derive(Debug, Serialize)]
pub(crate) struct SwitchesView {
    switches: &'static [Switch],
    on: Vec<SwitchedOnView>,
    /// Scopes to choose from: those of the conversations that the page shows.
    scopes: Vec<ScopeView>,
}

/// One that is on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SwitchedOnView {
    id: u64,
    name: &'static str,
    scope: ScopeView,
    settings: Values,
    /// When it goes off by itself, in epoch milliseconds.
    until: Option<u64>,
    /// After how many more answers it goes off by itself.
    requests_left: Option<u32>,
    answered: u64,
}

impl SwitchedOn {
    fn view(&self, world: &World) -> SwitchedOnView {
        SwitchedOnView {
            id: self.id,
            name: self.switch.name,
            scope: self.scope.view(world),
            settings: self.values.clone(),
            until: self.until.map(millis),
            requests_left: self.left,
            answered: self.answered,
        }
    }
}

impl Switches {
    /// Everything; `places` are the conversations that the page shows.
    pub(crate) fn view(&self, world: &World, places: impl Iterator<Item = Place>) -> SwitchesView {
        SwitchesView {
            switches: &SWITCHES,
            on: self.on.iter().map(|on| on.view(world)).collect(),
            scopes: scopes(world, places).map(|scope| scope.view(world)).collect(),
        }
    }

    /// What is on.
    pub(crate) fn on_view(&self, world: &World) -> Vec<SwitchedOnView> {
        self.on.iter().map(|on| on.view(world)).collect()
    }

    /// The one with this number, if it is on.
    pub(crate) fn one_view(&self, world: &World, id: u64) -> Option<SwitchedOnView> {
        self.on.iter().find(|on| on.id == id).map(|on| on.view(world))
    }
}

/// Everybody, the tenants, the teams, then each conversation: a personal chat as its person.
fn scopes(world: &World, places: impl Iterator<Item = Place>) -> impl Iterator<Item = Scope> {
    let tenants = (0..world.tenants.len() as u32).map(Scope::Tenant);
    let teams = (0..world.teams.len() as u32).map(Scope::Team);
    let each = places.map(|place| match place {
        Place::Personal(key) => Scope::Person(key),
        Place::Group(_) | Place::Channel(_) => Scope::Conversation(place),
    });
    std::iter::once(Scope::Everybody)
        .chain(tenants)
        .chain(teams)
        .chain(each)
}
