//! Things that go wrong on purpose: by seeded probability, by script, or for good (modes).
//! Decides only; the connector carries out.

mod dice;
mod latency;
mod plan;

use std::collections::{HashMap, VecDeque};

pub(crate) use dice::Dice;
pub use latency::{Latency, Trip};
pub use plan::{Effect, Fault, FaultMode, FaultPlan, FaultRates, Scripted};

use crate::world::Place;

/// What is to happen to one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// Nothing special.
    Pass,
    /// The fault, and whether the operation takes effect in spite of it.
    Strike(Fault, Effect),
}

/// The dice, scripts and modes in force.
#[derive(Debug)]
pub(crate) struct Faults {
    plan: FaultPlan,
    dice: Dice,
    by_place: HashMap<Place, VecDeque<Scripted>>,
    for_any: VecDeque<Scripted>,
    struck: u64,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let dice = Dice::seeded(plan.seed);
        Self {
            plan,
            dice,
            by_place: HashMap::new(),
            for_any: VecDeque::new(),
            struck: 0,
        }
    }

    pub(crate) fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    /// Takes a new plan and starts its dice from its seed; scripts stay.
    pub(crate) fn set_plan(&mut self, plan: FaultPlan) {
        self.dice = Dice::seeded(plan.seed);
        self.plan = plan;
    }

    /// Queues answers for the next requests to a conversation, or to any.
    pub(crate) fn script(&mut self, place: Option<Place>, answers: impl IntoIterator<Item = Scripted>) {
        match place {
            Some(place) => self.by_place.entry(place).or_default().extend(answers),
            None => self.for_any.extend(answers),
        }
    }

    pub(crate) fn clear_scripts(&mut self) {
        self.by_place.clear();
        self.for_any.clear();
    }

    /// How many requests were struck by a fault.
    pub(crate) fn struck(&self) -> u64 {
        self.struck
    }

    pub(crate) fn trip(&mut self) -> Trip {
        self.plan.latency.draw(&mut self.dice)
    }

    pub(crate) fn decide(&mut self, place: Option<Place>) -> Verdict {
        let verdict = self
            .scripted(place)
            .unwrap_or_else(|| self.plan.rates.draw(&mut self.dice));
        self.struck += u64::from(verdict != Verdict::Pass);
        verdict
    }

    fn scripted(&mut self, place: Option<Place>) -> Option<Verdict> {
        let here = place
            .and_then(|place| self.by_place.get_mut(&place))
            .and_then(take_one);
        here.or_else(|| take_one(&mut self.for_any))
    }
}

fn take_one(queue: &mut VecDeque<Scripted>) -> Option<Verdict> {
    let front = queue.front_mut()?;
    let verdict = match &front.fault {
        Some(fault) => Verdict::Strike(fault.clone(), front.effect.unwrap_or(fault.usual_effect())),
        None => Verdict::Pass,
    };
    front.times = front.times.saturating_sub(1);
    if front.times == 0 {
        queue.pop_front();
    }
    Some(verdict)
}

#[cfg(test)]
mod tests;
