//! Everything behind the connector's lock: the world, the limiter, the faults, the counters, the open pages.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::faults::Faults;
use crate::limits::Limiter;
use crate::live::LiveUpdates;
use crate::switches::Switches;
use crate::world::{Entry, EntryState, Place, Tone, World};

/// Everything that a request can read and change.
pub(crate) struct ConnectorState {
    pub(crate) world: World,
    pub(crate) limiter: Limiter,
    pub(crate) faults: Faults,
    pub(crate) switches: Switches,
    pub(crate) counters: Counters,
    pub(crate) live: LiveUpdates,
}

/// Counters of requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    pub(crate) requests: u64,
    pub(crate) by_status: BTreeMap<u16, u64>,
    pub(crate) throttled: u64,
    pub(crate) resets: u64,
}

/// Counters of a run, as returned by the control API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Requests to the connector.
    pub requests: u64,
    /// Messages of the bot that were accepted.
    pub accepted: u64,
    /// Responses by HTTP status.
    pub by_status: BTreeMap<u16, u64>,
    /// 429s of the limiter; injected ones are in `by_status` only.
    pub throttled: u64,
    /// Connections that were closed without a response.
    pub resets: u64,
    /// Requests with an injected fault, or answered by a switch.
    pub faults: u64,
    /// Most admitted requests in any sliding second, of one tenant.
    pub peak_per_second_per_tenant: usize,
    /// Most admitted requests in any sliding second, of all tenants.
    pub peak_per_second: usize,
    /// Seed of the random faults.
    pub seed: u64,
}

impl ConnectorState {
    pub(crate) fn stats(&self) -> Stats {
        let (per_tenant, all) = self.limiter.peaks();
        Stats {
            requests: self.counters.requests,
            accepted: self.world.accepted(),
            by_status: self.counters.by_status.clone(),
            throttled: self.counters.throttled,
            resets: self.counters.resets,
            faults: self.faults.injected() + self.switches.answered(),
            peak_per_second_per_tenant: per_tenant,
            peak_per_second: all,
            seed: self.faults.plan().seed,
        }
    }

    /// Resets counters, counts and messages; the world, limits, faults and switches stay.
    pub(crate) fn reset_counters(&mut self) {
        self.counters = Counters::default();
        self.limiter.reset_peaks();
        self.world.clear_messages();
        self.live.refresh();
    }

    /// Adds an entry to a chat and to the page.
    pub(crate) fn show(&mut self, place: Place, entry: Entry) {
        if self.live.is_watched() {
            self.live.entry(&self.world.conversation_id(place), &entry);
        }
        self.world.remember(place, entry);
    }

    /// Sends what is switched on to the page.
    pub(crate) fn switches_changed(&self) {
        if self.live.is_watched() {
            self.live.switches(&self.switches.on_view(&self.world));
        }
    }

    /// Shows a notice in a chat.
    pub(crate) fn notice(&mut self, now: Duration, place: Place, tone: Tone, text: &str) {
        if self.world.is_remembering() {
            let entry = self.world.notice(now, tone, text);
            self.show(place, entry);
        }
    }

    /// Changes a message in a chat and on the page.
    pub(crate) fn rewrite(&mut self, place: Place, id: &str, activity: Bytes, state: EntryState) {
        let conversation = self.world.conversation_id(place);
        if let Some(entry) = self.world.edit(place, id, activity, state)
            && self.live.is_watched()
        {
            self.live.entry(&conversation, entry);
        }
    }

    /// Sends a conversation's changed state to the page (for a channel: of its whole team).
    pub(crate) fn changed(&mut self, place: Place) {
        if !self.live.is_watched() {
            return;
        }
        let places = match self.world.team_of(place) {
            Some((_, team)) => team.channels.iter().map(|at| Place::Channel(*at)).collect(),
            None => vec![place],
        };
        for place in places {
            self.live.conversation(&self.world.view(place));
        }
    }
}
