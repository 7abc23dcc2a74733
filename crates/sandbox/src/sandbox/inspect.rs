//! Reading a sandbox's state, and setting its limits and faults, from code.

use super::{Sandbox, SandboxError};
use crate::PersonKey;
use crate::connector::Stats;
use crate::faults::{FaultPlan, ScriptedResponse};
use crate::limits::LimitTable;
use crate::world::{Entry, Person, Place, UnknownConversation};

impl Sandbox {
    /// Ids of the conversations that the page would show, at most `limit`.
    #[must_use]
    pub fn conversations(&self, limit: usize) -> Vec<String> {
        let state = self.inner.connector.lock();
        state
            .world
            .shown()
            .take(limit)
            .map(|place| state.world.conversation_id(place))
            .collect()
    }

    /// Id of the personal chat of person `number` of tenant `tenant` (positions from 0), if they exist.
    #[must_use]
    pub fn personal_conversation(&self, tenant: u32, number: u32) -> Option<String> {
        let key = self.key(tenant, number)?;
        Some(
            self.inner
                .connector
                .lock()
                .world
                .conversation_id(Place::Personal(key)),
        )
    }

    /// Person `number` of tenant `tenant` (positions from 0), if they exist.
    #[must_use]
    pub fn person(&self, tenant: u32, number: u32) -> Option<Person> {
        let key = self.key(tenant, number)?;
        Some(self.inner.connector.lock().world.person(key))
    }

    fn key(&self, tenant: u32, number: u32) -> Option<PersonKey> {
        let state = self.inner.connector.lock();
        let people = state.world.tenants.get(tenant as usize)?.people;
        (number < people).then_some(PersonKey { tenant, number })
    }

    /// The stored history of a conversation, oldest first.
    pub fn messages(&self, conversation: &str) -> Result<Vec<Entry>, UnknownConversation> {
        let state = self.inner.connector.lock();
        let place = state.world.locate(conversation)?.place;
        Ok(state
            .world
            .timeline(place)
            .map(|line| line.entries().cloned().collect())
            .unwrap_or_default())
    }

    /// Number of the bot's messages that a conversation has accepted.
    pub fn accepted(&self, conversation: &str) -> Result<u32, UnknownConversation> {
        let state = self.inner.connector.lock();
        let place = state.world.locate(conversation)?.place;
        Ok(state.world.tally(place).accepted)
    }

    /// Every conversation with at least one accepted message, with its number.
    #[must_use]
    pub fn counts(&self) -> Vec<(String, u32)> {
        let state = self.inner.connector.lock();
        state
            .world
            .counts()
            .map(|(place, count)| (state.world.conversation_id(place), count))
            .collect()
    }

    /// The counters so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.connector.stats()
    }

    /// Resets counters, counts and messages.
    pub fn reset_counters(&self) {
        self.inner.connector.lock().reset_counters();
    }

    /// Sets the limits.
    pub fn set_limits(&self, table: LimitTable) {
        self.inner.connector.lock().limiter.set_table(table);
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> LimitTable {
        self.inner.connector.lock().limiter.table().clone()
    }

    /// Sets the fault plan; the random generator restarts from the plan's seed.
    pub fn set_faults(&self, plan: FaultPlan) -> Result<(), SandboxError> {
        plan.check().map_err(SandboxError::Faults)?;
        tracing::info!(seed = plan.seed, "faults set; they are derived from this seed");
        self.inner.connector.lock().faults.set_plan(plan);
        Ok(())
    }

    /// The fault plan.
    #[must_use]
    pub fn faults(&self) -> FaultPlan {
        self.inner.connector.lock().faults.plan().clone()
    }

    /// Queues responses for the next requests to a conversation, or to any if `None`.
    pub fn script(
        &self,
        conversation: Option<&str>,
        answers: Vec<ScriptedResponse>,
    ) -> Result<(), UnknownConversation> {
        let mut state = self.inner.connector.lock();
        let place = conversation
            .map(|id| state.world.locate(id))
            .transpose()?
            .map(|located| located.place);
        state.faults.script(place, answers);
        Ok(())
    }

    /// Clears all scripted responses.
    pub fn clear_scripts(&self) {
        self.inner.connector.lock().faults.clear_scripts();
    }
}
