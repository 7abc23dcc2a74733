//! Switches: trouble that Teams was seen in, written from public reports, on for a time and for somebody.
//!
//! `list` is the one list of them, `parameter` and `scope` are what can be set, `on` is one that is on. This file keeps
//! which are; the connector and the events act on them.

mod list;
mod on;
mod parameter;
mod scope;
mod view;

use std::time::Duration;

use serde_json::{Map, Value};

pub use list::Switch;
pub(crate) use list::{Plays, SWITCHES};
pub(crate) use on::{Asked, Layer, PostKind, SwitchedOn};
pub use parameter::{Parameter, ParameterKind};
pub use scope::ScopeKind;
pub(crate) use scope::{Scope, Subject};
pub(crate) use view::{SwitchedOnView, SwitchesView};

use crate::connector::Reply;
use crate::world::{Place, UnknownConversation, World};

/// Why a switch can't be switched on or off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchError {
    /// There is no such switch.
    #[error("no switch is called {0:?}: GET /sandbox/switches lists them")]
    Name(String),
    /// A setting is unknown or out of bounds.
    #[error("{0}")]
    Setting(String),
    /// The conversation does not exist.
    #[error(transparent)]
    Conversation(#[from] UnknownConversation),
    /// The person does not exist.
    #[error("no person has the id {0:?}: use a 29:… id, an Entra object id or a user principal name")]
    Person(String),
    /// The team does not exist.
    #[error("no team has the id {0:?}: it is the id of its General channel")]
    Team(String),
    /// The tenant does not exist.
    #[error("no tenant has the id {0:?}")]
    Tenant(String),
    /// It is not on (any more).
    #[error("the switch is not on with the number {0}")]
    NotOn(u64),
}

/// Which switches are on.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    on: Vec<SwitchedOn>,
    last_id: u64,
    answered: u64,
}

impl Switches {
    /// True if nothing is on: then nothing needs to be decided.
    pub(crate) fn are_off(&self) -> bool {
        self.on.is_empty()
    }

    /// Requests that were answered by switches.
    pub(crate) fn answered(&self) -> u64 {
        self.answered
    }

    /// Switches one on and returns its number. One that was on for the same scope goes off.
    pub(crate) fn switch_on(
        &mut self,
        world: &World,
        now: Duration,
        service_url: &str,
        name: &str,
        mut settings: Map<String, Value>,
    ) -> Result<u64, SwitchError> {
        let switch = named(name)?;
        let scope = Scope::take(world, switch.scopes, &mut settings)?;
        let values = parameter::take(switch.parameters, &mut settings)?;
        if let Some(unknown) = settings.keys().next() {
            let names: Vec<_> = switch.parameters.iter().map(|parameter| parameter.name).collect();
            return Err(SwitchError::Setting(format!(
                "{name} has no setting {unknown:?}; besides a scope it has {}",
                names.join(", ")
            )));
        }
        self.on
            .retain(|on| on.scope != scope || on.switch.name != switch.name);
        self.last_id += 1;
        let on = SwitchedOn::new(self.last_id, switch, scope, values, now, service_url);
        self.on.push(on);
        Ok(self.last_id)
    }

    /// Switches off what has a name, or only what has this number too.
    pub(crate) fn switch_off(&mut self, name: &str, id: Option<u64>) -> Result<(), SwitchError> {
        let switch = named(name)?;
        let is_meant = |on: &SwitchedOn| on.switch.name == switch.name && id.is_none_or(|id| id == on.id);
        match id {
            Some(id) if !self.on.iter().any(is_meant) => Err(SwitchError::NotOn(id)),
            _ => {
                self.on.retain(|on| !is_meant(on));
                Ok(())
            }
        }
    }

    /// Switches everything off.
    pub(crate) fn switch_all_off(&mut self) {
        self.on.clear();
    }

    /// Forgets what is over. True if there was something.
    pub(crate) fn end(&mut self, now: Duration) -> bool {
        let before = self.on.len();
        self.on.retain(|on| !on.is_over(now));
        before != self.on.len()
    }

    /// The answer of the newest switch that has one for this request.
    pub(crate) fn answer(&mut self, world: &World, layer: Layer, asked: &Asked<'_>) -> Option<Reply> {
        let (on, reply) = self
            .on
            .iter_mut()
            .rev()
            .find_map(|on| on.answer(world, layer, asked).map(|reply| (on, reply)))?;
        on.count();
        self.answered += 1;
        Some(reply)
    }

    /// The bot was installed somewhere.
    pub(crate) fn installed(&mut self, world: &World, now: Duration, place: Place) {
        for on in &mut self.on {
            on.installed(world, now, place);
        }
    }

    /// The newest switch that is on for a conversation and plays something.
    pub(crate) fn playing(
        &self,
        world: &World,
        now: Duration,
        place: Place,
        plays: impl Fn(Plays) -> bool,
    ) -> Option<&SwitchedOn> {
        self.on
            .iter()
            .rev()
            .find(|on| plays(on.switch.plays) && on.concerns(world, now, Subject::of(world, place)))
    }
}

fn named(name: &str) -> Result<&'static Switch, SwitchError> {
    SWITCHES
        .iter()
        .find(|switch| switch.name == name)
        .ok_or_else(|| SwitchError::Name(name.to_owned()))
}
