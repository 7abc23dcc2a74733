//! A started local host: its timers, and invocations that no trigger caused.

use jiff::SignedDuration;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::core::{Core, SharedCore};
use crate::envelope::{Envelope, MessageFacts, queue_message};
use crate::invocation::{Invocation, InvocationError};
use crate::timers::{TimerStart, fire_by_hand, keep};
use functions_project::{Function, FunctionState, Project, Trigger};

/// A local host at work. Dropping it ends its timers.
#[derive(Debug)]
pub struct Running {
    core: SharedCore,
    timers: Vec<AbortHandle>,
}

impl Running {
    pub(crate) fn start(core: SharedCore, start: TimerStart) -> Self {
        let timers = core
            .project
            .functions()
            .iter()
            .filter(|function| function.state == FunctionState::Enabled)
            .filter_map(|function| timer_task(&core, function, start))
            .collect();
        Self { core, timers }
    }

    /// Calls a function now: a timer fires, a queue function gets an empty message, any other an empty text.
    /// HTTP functions are called over HTTP.
    ///
    /// # Errors
    /// [`InvocationError`], after all attempts of a retry policy.
    pub async fn invoke(&self, function: &str) -> Result<Invocation, InvocationError> {
        self.invoke_with(function, "").await
    }

    /// Calls a function now with a text; for a queue function it is the message.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub async fn invoke_with(&self, function: &str, input: &str) -> Result<Invocation, InvocationError> {
        let function = self.core.function(function)?;
        invoke_by_hand(&self.core, function, input).await
    }

    /// Fires a timer now, beside its schedule.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke), and [`InvocationError::NotATimer`].
    pub async fn trigger_timer(&self, function: &str) -> Result<Invocation, InvocationError> {
        let function = self.core.function(function)?;
        match &function.trigger {
            Trigger::Timer(timer) => fire_by_hand(&self.core, function, timer).await,
            _ => Err(InvocationError::NotATimer(function.name.to_string())),
        }
    }

    /// Hands a queue's message to a queue function, once.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke), and [`InvocationError::NotAQueueFunction`].
    pub async fn deliver(
        &self,
        function: &str,
        message: &MessageFacts<'_>,
    ) -> Result<Invocation, InvocationError> {
        let function = self.core.function(function)?;
        let Trigger::Queue(queue) = &function.trigger else {
            return Err(InvocationError::NotAQueueFunction(function.name.to_string()));
        };
        let (trigger, now) = (function.trigger_name.as_str(), self.core.clock.now());
        let envelope = queue_message(&function.name, trigger, queue.data_type, message, now);
        self.core.invoke(function, envelope).await
    }

    /// What was loaded.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.core.project
    }

    /// Ends the timers; what runs by then is cut off.
    pub fn end_timers(&self) {
        self.timers.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_timers();
    }
}

fn timer_task(core: &SharedCore, function: &Function, start: TimerStart) -> Option<AbortHandle> {
    let Trigger::Timer(timer) = function.trigger.clone() else {
        return None;
    };
    if start == TimerStart::Off {
        return None;
    }
    let (core, function) = (core.clone(), function.clone());
    let task = tokio::spawn(async move { keep(&core, &function, &timer).await });
    Some(task.abort_handle())
}

/// An invocation that no trigger caused; what the trigger would have known is made up.
pub(crate) async fn invoke_by_hand(
    core: &Core,
    function: &Function,
    input: &str,
) -> Result<Invocation, InvocationError> {
    let now = core.clock.now();
    let trigger = function.trigger_name.as_str();
    let envelope = match &function.trigger {
        Trigger::Http(_) => return Err(InvocationError::IsHttp(function.name.to_string())),
        Trigger::Timer(timer) => return fire_by_hand(core, function, timer).await,
        Trigger::Queue(queue) => {
            let id = Uuid::new_v4().to_string();
            let later = |span| now.checked_add(span).unwrap_or(now);
            let facts = MessageFacts {
                id: &id,
                body: input.as_bytes(),
                dequeue_count: 1,
                inserted: now,
                expires: later(SignedDuration::from_hours(7 * 24)),
                next_visible: later(SignedDuration::from_mins(10)),
                pop_receipt: &id,
            };
            queue_message(&function.name, trigger, queue.data_type, &facts, now)
        }
        Trigger::Other(_) => Envelope::generic(&function.name, trigger, input, now),
    };
    core.invoke(function, envelope).await
}
