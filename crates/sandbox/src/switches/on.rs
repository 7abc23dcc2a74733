//! One switch that is on: whom it concerns, until when, and what it answers.

use std::time::Duration;

use super::parameter::{ParameterValue, Values};
use super::{Plays, Scope, Subject, Switch};
use crate::connector::Reply;
use crate::ids::{key_of, mix};
use crate::world::{ChatAlias, Place, World};

/// Last segment of the new address while a tenant or conversation has moved.
const NEW_REGION: &str = "emea";

/// A switch that is on.
#[derive(Debug)]
pub(crate) struct SwitchedOn {
    pub(super) id: u64,
    pub(super) switch: &'static Switch,
    pub(super) scope: Scope,
    pub(super) values: Values,
    pub(super) until: Option<Duration>,
    /// Requests that are still answered so.
    pub(super) left: Option<u32>,
    pub(super) answered: u64,
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

impl SwitchedOn {
    pub(super) fn new(
        id: u64,
        switch: &'static Switch,
        scope: Scope,
        values: Values,
        now: Duration,
        service_url: &str,
    ) -> Self {
        let mut on = Self {
            id,
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
        on
    }

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

    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.left == Some(0) || self.until.is_some_and(|until| until <= now)
    }

    pub(super) fn concerns(&self, world: &World, now: Duration, subject: Subject) -> bool {
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

    /// Its answer to a request, if it has one.
    pub(super) fn answer(&self, world: &World, layer: Layer, asked: &Asked<'_>) -> Option<Reply> {
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

    /// Notes an answer that was given.
    pub(super) fn count(&mut self) {
        self.answered += 1;
        self.left = self.left.map(|left| left.saturating_sub(1));
    }

    /// Notes an install, if the switch looks at installs.
    pub(super) fn installed(&mut self, world: &World, now: Duration, place: Place) {
        let waits = matches!(self.switch.plays, Plays::AfterInstall(_));
        if waits && self.concerns(world, now, Subject::of(world, place)) {
            self.installs.retain(|(other, _)| *other != place);
            self.installs.push((place, now));
        }
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

/// 0 means that there is no bound.
fn above_zero(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}
