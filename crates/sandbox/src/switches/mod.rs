//! Switches: trouble that Teams was seen in, written from public reports, on for a time and for somebody.
//!
//! `list` is the one list of them, `parameter` and `scope` are what can be set. This file keeps which are on and
//! decides; the connector and the events act on it.

mod list;
mod parameter;
mod scope;
mod view;

use std::time::Duration;

use serde_json::{Map, Value};

pub use list::Switch;
pub(crate) use list::{Plays, SWITCHES};
pub use parameter::{Parameter, ParameterKind};
use parameter::{ParameterValue, Values};
pub use scope::ScopeKind;
pub(crate) use scope::{Scope, Subject};
pub(crate) use view::{SwitchedOnView, SwitchesView};

use crate::connector::Reply;
use crate::ids::{key_of, mix};
use crate::world::{ChatAlias, Place, UnknownConversation, World};

/// Last segment of the new address while a tenant or conversation has moved.
const NEW_REGION: &str = "emea";

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

/// A switch that is on.
#[derive(Debug)]
pub(crate) struct SwitchedOn {
    id: u64,
    switch: &'static Switch,
    scope: Scope,
    values: Values,
    until: Option<Duration>,
    /// Requests that are still answered so.
    left: Option<u32>,
    answered: u64,
    /// Where a tenant or conversation has moved to.
    new_address: String,
    /// Installs since it is on.
    installs: Vec<(Place, Duration)>,
}

/// Who answers a request: something in front of Teams, or Teams' service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    InFront,
    Service,
}

/// A request, as far as switches look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) now: Duration,
    pub(crate) subject: Subject,
    /// Path before `/v3/`.
    pub(crate) address: &'a str,
    pub(crate) post: PostKind,
}

/// Whether a request posts a message, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PostKind {
    /// A message on the bot's own initiative, under an id of the chat.
    Proactive(ChatAlias),
    /// An answer to an activity, or no message.
    Other,
}

/// Which switches are on.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    on: Vec<SwitchedOn>,
    last_id: u64,
    answered: u64,
}

impl SwitchedOn {
    /// The value of a numeric parameter; 0 if the switch has none of that name.
    fn number(&self, name: &str) -> u32 {
        match self.values.get(name) {
            Some(ParameterValue::Number(number)) => *number,
            Some(ParameterValue::Choice(_)) | None => 0,
        }
    }

    /// The value of a parameter with choices; empty if the switch has none of that name.
    pub(crate) fn choice(&self, name: &str) -> &'static str {
        match self.values.get(name) {
            Some(ParameterValue::Choice(choice)) => choice,
            Some(ParameterValue::Number(_)) | None => "",
        }
    }

    /// Where a tenant or conversation has moved to.
    pub(crate) fn new_address(&self) -> &str {
        &self.new_address
    }

    fn is_over(&self, now: Duration) -> bool {
        self.left == Some(0) || self.until.is_some_and(|until| until <= now)
    }

    fn concerns(&self, world: &World, now: Duration, subject: Subject) -> bool {
        !self.is_over(now) && self.scope.covers(world, subject) && self.draws(world, subject.place)
    }

    /// The share of the conversations that `percent` asks for, by their ids.
    fn draws(&self, world: &World, place: Option<Place>) -> bool {
        match (self.values.get("percent"), place) {
            (None | Some(ParameterValue::Number(100)), _) => true,
            (Some(_), None) => false,
            (Some(_), Some(place)) => {
                mix(key_of(&world.conversation_id(place))) % 100 < u64::from(self.number("percent"))
            }
        }
    }

    fn answer(&self, world: &World, layer: Layer, asked: &Asked<'_>) -> Option<Reply> {
        let answer = match (layer, self.switch.plays) {
            (Layer::InFront, Plays::InFront(answer)) | (Layer::Service, Plays::Service(answer)) => answer,
            (Layer::Service, Plays::AfterInstall(answer)) if self.was_just_installed(world, asked) => answer,
            (Layer::InFront, Plays::Moved(answer)) if !is_new(asked.address) => answer,
            (Layer::Service, Plays::CopilotChat(answer))
                if asked.post == PostKind::Proactive(ChatAlias::Pair) =>
            {
                answer
            }
            _ => return None,
        };
        self.concerns(world, asked.now, asked.subject)
            .then(|| answer(self))
    }

    /// An install in a team is one in all its channels.
    fn was_just_installed(&self, world: &World, asked: &Asked<'_>) -> bool {
        let lag = Duration::from_secs(self.number("afterInstall").into());
        self.installs.iter().any(|(place, at)| {
            let scope = match world.team_of(*place) {
                Some((team, _)) => Scope::Team(team),
                None => Scope::Conversation(*place),
            };
            asked.now < *at + lag && scope.covers(world, asked.subject)
        })
    }
}

fn is_new(address: &str) -> bool {
    address.trim_end_matches('/').rsplit('/').next() == Some(NEW_REGION)
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
        let mut on = SwitchedOn {
            id: self.last_id,
            switch,
            scope,
            values,
            until: None,
            left: None,
            answered: 0,
            new_address: format!("{}/{NEW_REGION}/", service_url.trim_end_matches('/')),
            installs: Vec::new(),
        };
        on.until = above_zero(on.number("seconds")).map(|seconds| now + Duration::from_secs(seconds.into()));
        on.left = above_zero(on.number("requests"));
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
        on.answered += 1;
        on.left = on.left.map(|left| left.saturating_sub(1));
        self.answered += 1;
        Some(reply)
    }

    /// The bot was installed somewhere.
    pub(crate) fn installed(&mut self, world: &World, now: Duration, place: Place) {
        for on in &mut self.on {
            let waits = matches!(on.switch.plays, Plays::AfterInstall(_));
            if waits && on.concerns(world, now, Subject::of(world, place)) {
                on.installs.retain(|(other, _)| *other != place);
                on.installs.push((place, now));
            }
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

/// 0 means that there is no bound.
fn above_zero(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}
