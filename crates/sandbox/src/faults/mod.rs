//! Fault injection: by seeded probability, by script, or permanently (modes).
//! Only decides; the connector applies the faults.

mod latency;
mod plan;

use std::collections::{HashMap, VecDeque};

use fastrand::Rng;

pub use latency::{Latency, RoundTrip};
pub use plan::{Effect, Fault, FaultMode, FaultPlan, FaultRates, ScriptedResponse};

use crate::world::Place;

/// The fault for one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FaultDecision {
    /// No fault.
    Pass,
    /// The fault, and whether the operation takes effect nevertheless.
    Inject(Fault, Effect),
}

/// The fault plan, its random generator, and the scripted responses.
#[derive(Debug)]
pub(crate) struct Faults {
    plan: FaultPlan,
    rng: Rng,
    by_place: HashMap<Place, VecDeque<ScriptedResponse>>,
    for_any: VecDeque<ScriptedResponse>,
    injected: u64,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let rng = Rng::with_seed(plan.seed);
        Self {
            plan,
            rng,
            by_place: HashMap::new(),
            for_any: VecDeque::new(),
            injected: 0,
        }
    }

    pub(crate) fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    /// Sets a plan and restarts the random generator from its seed; scripts stay.
    pub(crate) fn set_plan(&mut self, plan: FaultPlan) {
        self.rng = Rng::with_seed(plan.seed);
        self.plan = plan;
    }

    /// Queues responses for the next requests to a conversation, or to any.
    pub(crate) fn script(
        &mut self,
        place: Option<Place>,
        answers: impl IntoIterator<Item = ScriptedResponse>,
    ) {
        match place {
            Some(place) => self.by_place.entry(place).or_default().extend(answers),
            None => self.for_any.extend(answers),
        }
    }

    pub(crate) fn clear_scripts(&mut self) {
        self.by_place.clear();
        self.for_any.clear();
    }

    /// Number of requests with an injected fault.
    pub(crate) fn injected(&self) -> u64 {
        self.injected
    }

    pub(crate) fn round_trip(&mut self) -> RoundTrip {
        self.plan.latency.draw(&mut self.rng)
    }

    pub(crate) fn decide(&mut self, place: Option<Place>) -> FaultDecision {
        let verdict = self
            .scripted(place)
            .unwrap_or_else(|| self.plan.rates.draw(&mut self.rng));
        self.injected += u64::from(verdict != FaultDecision::Pass);
        verdict
    }

    fn scripted(&mut self, place: Option<Place>) -> Option<FaultDecision> {
        let here = place
            .and_then(|place| self.by_place.get_mut(&place))
            .and_then(take_one);
        here.or_else(|| take_one(&mut self.for_any))
    }
}

fn take_one(queue: &mut VecDeque<ScriptedResponse>) -> Option<FaultDecision> {
    let front = queue.front_mut()?;
    let verdict = match &front.fault {
        Some(fault) => FaultDecision::Inject(fault.clone(), front.effect.unwrap_or(fault.usual_effect())),
        None => FaultDecision::Pass,
    };
    front.times = front.times.saturating_sub(1);
    if front.times == 0 {
        queue.pop_front();
    }
    Some(verdict)
}

#[cfg(test)]
mod tests;
