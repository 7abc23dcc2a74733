//! Keeping the lane: renewing its lease, listening to its bell, listing its markers.

use super::{
    event::Event,
    run::{Asked, Lane, Marker, Phase},
};
use crate::{
    names,
    ports::{Etag, LeaseError, Moment, Read, ReadIf, StoreError},
};
use std::{collections::BTreeMap, time::Duration};

/// The bell is read this often: a window at the rates that Teams allows.
pub(super) const BELL: Duration = Duration::from_secs(1);
/// What failed is tried again after this.
pub(super) const AGAIN: Duration = Duration::from_secs(1);

impl Lane {
    pub(super) fn renew(&mut self, now: Moment) {
        if self.renewing != Asked::No || now < self.hold.renew_at || self.phase == Phase::Over {
            return;
        }
        self.renewing = Asked::Yes;
        let env = self.env.clone();
        let lease = self.hold.lease.clone();
        self.work.push(Box::pin(async move {
            let result = env.ports.objects.renew_lease(&lease).await;
            Event::Renewed { started: now, result }
        }));
    }

    pub(super) fn renewed(&mut self, started: Moment, result: Result<(), LeaseError>, now: Moment) {
        self.renewing = Asked::No;
        match result {
            Ok(()) => self.hold.renewed(started),
            Err(LeaseError::Store(error)) => {
                tracing::warn!(%error, "the lease could not be renewed yet");
                self.hold.renew_at = now.after(AGAIN);
            }
            Err(error) => {
                tracing::warn!(%error, holder = %self.hold.holder, "the lease is lost");
                self.phase = Phase::Lost;
            }
        }
    }

    pub(super) fn read_bell(&mut self, now: Moment) {
        if now < self.bell_at || self.bell_reading != Asked::No {
            return;
        }
        self.bell_at = now.after(BELL);
        self.bell_reading = Asked::Yes;
        let env = self.env.clone();
        let name = names::bell(&env.settings.bot, &self.tenant);
        let when = self.bell.clone().map_or(ReadIf::Any, ReadIf::Changed);
        self.work.push(Box::pin(async move {
            let read = env.ports.objects.read(&name, when).await;
            Event::Bell(read.map(|read| match read {
                Read::Found(object) => Some(object.etag),
                Read::Missing | Read::Unchanged => None,
            }))
        }));
    }

    pub(super) fn bell_read(&mut self, result: Result<Option<Etag>, StoreError>) {
        self.bell_reading = Asked::No;
        match result {
            Ok(None) => {}
            Ok(Some(etag)) => {
                self.bell = Some(etag);
                self.list_markers();
            }
            Err(error) => tracing::warn!(%error, "the bell could not be read"),
        }
    }

    pub(super) fn list_markers(&mut self) {
        if self.listing != Asked::No {
            self.listing = Asked::Again;
            return;
        }
        self.listing = Asked::Yes;
        self.side_jobs += 1;
        let env = self.env.clone();
        let prefix = names::work(&env.settings.bot, &self.tenant);
        self.work.push(Box::pin(async move {
            let entries = crate::plan::chunk::entries(&*env.ports.objects, &prefix).await;
            Event::Markers(entries.map(|entries| entries.into_iter().map(|entry| entry.name).collect()))
        }));
    }

    pub(super) fn markers_listed(&mut self, result: Result<Vec<String>, StoreError>, now: Moment) {
        self.side_jobs -= 1;
        let again = self.listing == Asked::Again;
        self.listing = Asked::No;
        match result {
            Ok(names) => {
                let mut fresh = BTreeMap::new();
                for name in names {
                    let known = self.markers.get(&name).copied().unwrap_or(Marker::Waiting);
                    fresh.insert(name, known);
                }
                self.markers.retain(|_, known| *known == Marker::Taken);
                self.markers.extend(fresh);
                let first = self.taken == Asked::No;
                self.taken = Asked::Yes;
                if first {
                    self.take_over(now);
                } else {
                    self.refresh_parts(now);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the work markers could not be listed");
                self.bell = None;
                self.bell_at = now.after(BELL);
            }
        }
        if again {
            self.list_markers();
        }
    }

    /// Every part is looked at before the first post, so that no earlier holder can append to any of them any more.
    pub(super) fn take_over(&mut self, now: Moment) {
        self.load_parts(now);
        self.loading = self.side_jobs;
    }
}
