//! The lane's work items: when they are listed, which parts are claimed, and the change signal that says that they differ.

use super::{
    AGAIN, State,
    effect::Effect,
    event::{Claimed, Left},
};
use crate::{
    ports::{Moment, StoreError},
    request::Priority,
    store::{keys, lease_note::SignalVersion},
};
use std::{collections::BTreeMap, time::Duration};

/// The change signal is read this often: a window at the rates that Teams allows.
pub(super) const SIGNAL_INTERVAL: Duration = Duration::from_secs(1);
/// The same in a lane that waits: whoever has it for a probe gives it back within seconds, and looks then.
const SIGNAL_INTERVAL_OF_A_WAIT: Duration = Duration::from_secs(3);
/// Parts of one priority in memory at a time; the rest waits as work items.
const MOST_PARTS: usize = 32;

/// What is known of a work item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum WorkItemState {
    Waiting,
    /// Its part is claimed or being claimed.
    Taken,
    /// Claiming failed and is tried again then.
    Again(Moment),
    Quarantined,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Idle,
    Running,
    /// Asked for once more while it was running.
    RunningAndRequested,
}

/// Whether the lane's work items were listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    NotYet,
    Once,
}

/// What the lane knows of its work.
pub(super) struct WorkItems {
    known: BTreeMap<String, WorkItemState>,
    listing: Job,
    listed: Listed,
    /// Listings, claims, retirements and readings of notifications under way: each may bring work.
    jobs: usize,
    /// Parts of the first listing that are still being claimed: nothing is posted before.
    first_claims: usize,
    /// The version of the change signal that was read last.
    signal: Option<SignalVersion>,
    /// The version that was known before what is known of the work was listed.
    listed_at: Option<SignalVersion>,
    /// The same of the listing under way.
    listing_at: Option<SignalVersion>,
    signal_due: Moment,
    signal_read: Job,
}

impl WorkItems {
    /// Nothing is known yet: the change signal is read, then the work items are listed.
    pub(super) fn new(now: Moment) -> Self {
        Self {
            known: BTreeMap::new(),
            listing: Job::Idle,
            listed: Listed::NotYet,
            jobs: 0,
            first_claims: 0,
            signal: None,
            listed_at: None,
            listing_at: None,
            signal_due: now,
            signal_read: Job::Idle,
        }
    }

    /// A lane that was empty at this version of its signal, and has only this work item.
    pub(super) fn only(work_item: String, signal: SignalVersion, now: Moment) -> Self {
        Self {
            known: BTreeMap::from([(work_item, WorkItemState::Taken)]),
            listed: Listed::Once,
            signal: Some(signal.clone()),
            listed_at: Some(signal),
            signal_due: now.after(SIGNAL_INTERVAL),
            ..Self::new(now)
        }
    }

    /// The version of the change signal at which nothing was in the lane but what is known.
    pub(super) fn listed_at(&self) -> Option<&SignalVersion> {
        self.listed_at.as_ref()
    }

    pub(super) fn signal_due(&self) -> Moment {
        self.signal_due
    }

    /// What was found is asked for again: with the next reading of the signal everything is looked at.
    pub(super) fn forget_signal(&mut self) {
        self.signal = None;
    }

    /// Whether parts of the first listing are still being claimed.
    pub(super) fn are_being_claimed(&self) -> bool {
        self.first_claims > 0
    }

    /// Whether nothing is under way that may bring work.
    pub(super) fn is_quiet(&self) -> bool {
        self.jobs == 0 && self.listed == Listed::Once
    }

    /// Whether one is known that can be worked on.
    pub(super) fn have_open(&self) -> bool {
        let mut states = self.known.values();
        states.any(|state| *state != WorkItemState::Quarantined)
    }

    /// Whether one is to be claimed: there may be more to do than is known of.
    pub(super) fn have_unclaimed(&self) -> bool {
        let mut states = self.known.values();
        states.any(|state| matches!(state, WorkItemState::Waiting | WorkItemState::Again(_)))
    }

    /// What was found could not be read: what the lane's work is at this version of the signal is not known.
    pub(super) fn forget_listing(&mut self) {
        self.listed_at = None;
    }

    /// A part has ended, and a work item was written for it meanwhile: whoever claims that deletes it.
    pub(super) fn wait_again(&mut self, work_item: String) {
        self.known.insert(work_item, WorkItemState::Waiting);
    }

    /// A job has ended that might have brought work.
    pub(super) fn job_ended(&mut self) {
        self.jobs = self.jobs.saturating_sub(1);
    }

    /// Whether none is known.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn remove(&mut self, work_item: &str) {
        self.known.remove(work_item);
    }

    pub(super) fn job_began(&mut self) {
        self.jobs += 1;
    }

    /// Names of those that this owner can't read.
    pub(super) fn quarantined(self) -> Vec<String> {
        let quarantined = |(name, state)| (state == WorkItemState::Quarantined).then_some(name);
        self.known.into_iter().filter_map(quarantined).collect()
    }
}

impl State {
    pub(super) fn read_change_signal(&mut self, now: Moment) {
        let interval = match self.evidence.waiting() {
            None => SIGNAL_INTERVAL,
            Some(_) => SIGNAL_INTERVAL_OF_A_WAIT,
        };
        let items = &mut self.work_items;
        // With nothing left but the second without posts, whoever releases the lane reads it.
        let wanted = items.listed == Listed::NotYet || !self.parts.is_empty() || !items.known.is_empty();
        if !wanted || now < items.signal_due || items.signal_read != Job::Idle {
            return;
        }
        items.signal_due = now.after(interval);
        items.signal_read = Job::Running;
        let known = items.signal.clone();
        self.opt_outs.signal_asked(now);
        self.changes.signal_asked(now);
        self.effects.push(Effect::ReadChangeSignal { known });
    }

    /// `None`: it is as it was.
    pub(super) fn change_signal_read(&mut self, result: Result<Option<SignalVersion>, StoreError>) {
        let items = &mut self.work_items;
        items.signal_read = Job::Idle;
        match result {
            Ok(None) => self.signal_unchanged(),
            Ok(Some(version)) => {
                let changed = items.signal.as_ref() != Some(&version);
                items.signal = Some(version);
                if changed {
                    self.list_work_items();
                } else {
                    self.signal_unchanged();
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the change signal could not be read yet");
                if items.listed == Listed::NotYet {
                    self.list_work_items();
                }
            }
        }
    }

    fn signal_unchanged(&mut self) {
        self.opt_outs.signal_unchanged();
        self.changes.signal_unchanged();
    }

    /// What is in the lane may have changed, and so may what its people want.
    pub(super) fn list_work_items(&mut self) {
        self.opt_outs.are_outdated();
        let items = &mut self.work_items;
        if items.listing != Job::Idle {
            items.listing = Job::RunningAndRequested;
            return;
        }
        items.listing = Job::Running;
        items.listing_at = items.signal.clone();
        items.jobs += 1;
        self.changes.round_began();
        self.effects.push(Effect::ListWorkItems);
    }

    pub(super) fn work_items_listed(&mut self, result: Result<Vec<String>, StoreError>, now: Moment) {
        let items = &mut self.work_items;
        items.jobs -= 1;
        let again = items.listing == Job::RunningAndRequested;
        items.listing = Job::Idle;
        match result {
            Ok(names) => {
                items.listed_at = items.listing_at.take();
                for part in self.parts.values_mut() {
                    part.note_work_item(&names);
                }
                let known = |name: &String| items.known.get(name).copied();
                let fresh: BTreeMap<String, WorkItemState> = names
                    .into_iter()
                    .map(|name| (known(&name).unwrap_or(WorkItemState::Waiting), name))
                    .map(|(state, name)| (name, state))
                    .collect();
                items.known.retain(|_, state| *state == WorkItemState::Taken);
                items.known.extend(fresh);
                match std::mem::replace(&mut items.listed, Listed::Once) {
                    // Every part is looked at before the first post, so that no earlier owner can append to any of
                    // them any more.
                    Listed::NotYet => {
                        self.changes.readings_began(0);
                        self.claim_parts(now);
                        self.work_items.first_claims = self.work_items.jobs;
                    }
                    Listed::Once => self.refresh_parts(),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the work items could not be listed yet");
                items.signal = None;
                items.signal_due = now.after(SIGNAL_INTERVAL);
                self.changes.round_failed();
            }
        }
        if again {
            self.list_work_items();
        }
    }

    /// Claims parts of work items, the first by name first.
    pub(super) fn claim_parts(&mut self, now: Moment) {
        // Every priority has its own room: an alert is not kept out by broadcasts.
        let mut taken: BTreeMap<Priority, usize> = BTreeMap::new();
        for part in self.parts.values() {
            *taken.entry(part.notification.priority).or_default() += 1;
        }
        for (name, state) in &mut self.work_items.known {
            let segment = name.rsplit('/').next().unwrap_or(name);
            let priority = keys::parse_work_item(segment).map_or(Priority::Low, |(priority, _)| priority);
            let taken = taken.entry(priority).or_default();
            let due = match state {
                WorkItemState::Waiting => true,
                WorkItemState::Again(at) => now >= *at,
                WorkItemState::Taken | WorkItemState::Quarantined => false,
            };
            if due && *taken < MOST_PARTS {
                *state = WorkItemState::Taken;
                *taken += 1;
                self.work_items.jobs += 1;
                self.changes.claim_began(name);
                self.effects.push(Effect::Claim {
                    work_item: name.clone(),
                });
            }
        }
    }

    pub(super) fn claimed(&mut self, work_item: String, result: Result<Claimed, StoreError>, now: Moment) {
        let items = &mut self.work_items;
        items.jobs -= 1;
        items.first_claims = items.first_claims.saturating_sub(1);
        let read = self.changes.claim_ended(&work_item);
        match result {
            Ok(Claimed::Part(part)) => self.add_claimed(*part, read),
            Ok(Claimed::Nothing) => items.remove(&work_item),
            Ok(Claimed::Quarantined) => drop(items.known.insert(work_item, WorkItemState::Quarantined)),
            Err(error) => {
                tracing::warn!(work_item, %error, "a part could not be claimed yet");
                let state = match error {
                    StoreError::Damaged(_) => WorkItemState::Quarantined,
                    _ => WorkItemState::Again(now.after(AGAIN)),
                };
                items.known.insert(work_item, state);
            }
        }
    }

    /// A stopped part was removed from memory; one that was resumed meanwhile is claimed anew.
    pub(super) fn retired(&mut self, work_item: String, left: Left) {
        let items = &mut self.work_items;
        items.jobs -= 1;
        match left {
            Left::Nothing => items.remove(&work_item),
            Left::WorkItem => drop(items.known.insert(work_item, WorkItemState::Waiting)),
        }
    }
}
