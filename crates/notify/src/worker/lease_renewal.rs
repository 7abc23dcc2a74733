//! Keeping the lane: renewing its lease, polling its change signal, listing its work items.

use super::{
    event::Event,
    event_loop::{JobState, Phase, WorkItemState, Worker},
};
use crate::{
    ports::{Etag, LeaseError, Moment, Read, ReadIf, StoreError},
    store::keys,
};
use std::{collections::BTreeMap, time::Duration};

/// The change signal is read this often: a window at the rates that Teams allows.
pub(super) const SIGNAL_INTERVAL: Duration = Duration::from_secs(1);
/// What failed is tried again after this.
pub(super) const AGAIN: Duration = Duration::from_secs(1);

impl Worker {
    pub(super) fn renew(&mut self, now: Moment) {
        if self.renewing != JobState::Idle || now < self.hold.renew_at || self.phase == Phase::Over {
            return;
        }
        self.renewing = JobState::Running;
        let env = self.env.clone();
        let lease = self.hold.lease.clone();
        self.work.push(Box::pin(async move {
            let result = env.ports.objects.renew_lease(&lease).await;
            Event::Renewed { started: now, result }
        }));
    }

    pub(super) fn renewed(&mut self, started: Moment, result: Result<(), LeaseError>, now: Moment) {
        self.renewing = JobState::Idle;
        match result {
            Ok(()) => self.hold.renewed(started),
            Err(LeaseError::Store(error)) => {
                tracing::warn!(%error, "the lease could not be renewed yet");
                self.hold.renew_at = now.after(AGAIN);
            }
            Err(error) => {
                tracing::warn!(%error, "the lease is lost");
                self.phase = Phase::Lost;
            }
        }
    }

    pub(super) fn read_change_signal(&mut self, now: Moment) {
        if now < self.signal_at || self.signal_reading != JobState::Idle {
            return;
        }
        self.signal_at = now.after(SIGNAL_INTERVAL);
        self.signal_reading = JobState::Running;
        let env = self.env.clone();
        let name = keys::change_signal(&env.settings.bot, &self.tenant);
        let when = self.change_signal.clone().map_or(ReadIf::Any, ReadIf::Changed);
        self.work.push(Box::pin(async move {
            let read = env.ports.objects.read(&name, when).await;
            Event::ChangeSignal(read.map(|read| match read {
                Read::Found(object) => Some(object.etag),
                Read::Missing | Read::Unchanged => None,
            }))
        }));
    }

    pub(super) fn change_signal_read(&mut self, result: Result<Option<Etag>, StoreError>) {
        self.signal_reading = JobState::Idle;
        match result {
            Ok(None) => {}
            Ok(Some(etag)) => {
                self.change_signal = Some(etag);
                self.list_work_items();
            }
            Err(error) => tracing::warn!(%error, "the change signal could not be read yet"),
        }
    }

    pub(super) fn list_work_items(&mut self) {
        if self.listing != JobState::Idle {
            self.listing = JobState::RunningAndRequested;
            return;
        }
        self.listing = JobState::Running;
        self.side_jobs += 1;
        let env = self.env.clone();
        let prefix = keys::work(&env.settings.bot, &self.tenant);
        self.work.push(Box::pin(async move {
            let entries = crate::store::audience::entries(&*env.ports.objects, &prefix).await;
            Event::WorkItems(entries.map(|entries| entries.into_iter().map(|entry| entry.name).collect()))
        }));
    }

    pub(super) fn work_items_listed(&mut self, result: Result<Vec<String>, StoreError>, now: Moment) {
        self.side_jobs -= 1;
        let again = self.listing == JobState::RunningAndRequested;
        self.listing = JobState::Idle;
        match result {
            Ok(names) => {
                let mut fresh = BTreeMap::new();
                for name in names {
                    let known = self
                        .work_items
                        .get(&name)
                        .copied()
                        .unwrap_or(WorkItemState::Waiting);
                    fresh.insert(name, known);
                }
                self.work_items.retain(|_, known| *known == WorkItemState::Taken);
                self.work_items.extend(fresh);
                let first = self.taken == JobState::Idle;
                self.taken = JobState::Running;
                if first {
                    self.claim_parts(now);
                } else {
                    self.refresh_parts(now);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the work items could not be listed yet");
                self.change_signal = None;
                self.signal_at = now.after(SIGNAL_INTERVAL);
            }
        }
        if again {
            self.list_work_items();
        }
    }

    /// Every part is looked at before the first post, so that no earlier owner can append to any of them any more.
    pub(super) fn claim_parts(&mut self, now: Moment) {
        self.load_parts(now);
        self.loading = self.side_jobs;
    }
}
