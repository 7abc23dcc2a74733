//! Switching reported trouble on and off, from code and for the control API.

use serde_json::{Map, Value};

use super::Sandbox;
use crate::control::{MAX_SHOWN, visible};
use crate::switches::{SWITCHES, Switch, SwitchError, SwitchedOnView, SwitchesView};

impl Sandbox {
    /// Every switch that there is.
    #[must_use]
    pub fn switches() -> &'static [Switch] {
        &SWITCHES
    }

    /// Switches one on and returns the number that it is on with. `settings` is an object with a scope (`tenant`, `team`,
    /// `conversation` or `person`, each an id; everybody without any) and the switch's parameters; `null` means `{}`.
    ///
    /// One that was on for the same scope goes off.
    pub fn switch_on(&self, name: &str, settings: Value) -> Result<u64, SwitchError> {
        let settings = match settings {
            Value::Null => Map::new(),
            Value::Object(settings) => settings,
            _ => return Err(SwitchError::Setting("the settings must be an object".to_owned())),
        };
        let (now, service_url) = (self.inner.clock.now(), self.service_url());
        let mut state = self.inner.connector.lock();
        let state = &mut *state;
        let id = state
            .switches
            .switch_on(&state.world, now, &service_url, name, settings)?;
        tracing::info!(switch = name, id, "switched on");
        state.switches_changed();
        Ok(id)
    }

    /// Switches off what has this name, or only what is on with this number too.
    pub fn switch_off(&self, name: &str, id: Option<u64>) -> Result<(), SwitchError> {
        let mut state = self.inner.connector.lock();
        state.switches.switch_off(name, id)?;
        state.switches_changed();
        Ok(())
    }

    /// Switches everything off.
    pub fn switch_all_off(&self) {
        let mut state = self.inner.connector.lock();
        state.switches.switch_all_off();
        state.switches_changed();
    }

    /// Everything about switches, with what is on now.
    pub(crate) fn switches_view(&self) -> SwitchesView {
        let now = self.inner.clock.now();
        let mut state = self.inner.connector.lock();
        state.switches.end(now);
        let places = visible(&state.world, MAX_SHOWN);
        state.switches.view(&state.world, places)
    }

    /// What is on with this number now.
    pub(crate) fn switched_on(&self, id: u64) -> Option<SwitchedOnView> {
        let state = self.inner.connector.lock();
        state.switches.one_view(&state.world, id)
    }
}
