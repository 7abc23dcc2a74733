//! Messages of a conversation: ids, counts, and the bounded history.

use std::time::Duration;

use bytes::Bytes;

use super::{Author, Entry, EntryState, History, Place, Tally, Timeline, Tone, World};
use crate::clock::millis;

/// Result of looking up a message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageLookup {
    /// It exists (or may exist: it is older than the history).
    Present,
    /// It never existed, or was deleted.
    Missing,
}

impl World {
    pub(crate) fn tally(&self, place: Place) -> Tally {
        match place {
            Place::Personal(key) => {
                let tenant = &self.tenants[key.tenant as usize];
                tenant
                    .tallies
                    .get(key.number as usize)
                    .copied()
                    .unwrap_or_default()
            }
            Place::Group(at) => self.groups[at as usize].tally,
            Place::Channel(at) => self.channels[at as usize].tally,
        }
    }

    fn tally_mut(&mut self, place: Place) -> &mut Tally {
        match place {
            Place::Personal(key) => {
                let tenant = &mut self.tenants[key.tenant as usize];
                let number = key.number as usize;
                if tenant.tallies.len() <= number {
                    tenant.tallies.resize(number + 1, Tally::default());
                }
                &mut tenant.tallies[number]
            }
            Place::Group(at) => &mut self.groups[at as usize].tally,
            Place::Channel(at) => &mut self.channels[at as usize].tally,
        }
    }

    /// The next message id of a conversation: epoch milliseconds, incremented if already used.
    pub(crate) fn next_id(&mut self, place: Place, now: Duration) -> u64 {
        let tally = self.tally_mut(place);
        tally.last_id = millis(now).max(tally.last_id + 1);
        tally.last_id
    }

    /// Counts a message of the bot and assigns its id.
    pub(crate) fn accept(&mut self, place: Place, now: Duration) -> u64 {
        self.accepted += 1;
        let tally = self.tally_mut(place);
        tally.accepted += 1;
        tally.last_id = millis(now).max(tally.last_id + 1);
        tally.last_id
    }

    /// Number of accepted messages of the bot in all conversations.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    pub(crate) fn is_remembering(&self) -> bool {
        self.history != History::Off
    }

    /// Adds an entry to the history, if there is one for this conversation. True if it was added.
    pub(crate) fn remember(&mut self, place: Place, entry: Entry) -> bool {
        let History::Bounded {
            entries,
            conversations,
        } = self.history
        else {
            return false;
        };
        let room = self.timelines.len() < conversations || self.timelines.contains_key(&place);
        if room {
            self.timelines.entry(place).or_default().push(entry, entries);
        }
        room
    }

    /// Makes a notice entry, with an id of its own.
    pub(crate) fn notice(&mut self, now: Duration, tone: Tone, text: &str) -> Entry {
        self.notices += 1;
        Entry {
            id: format!("n{}", self.notices),
            at: millis(now),
            author: Author::Notice { tone },
            thread: None,
            state: EntryState::Sent,
            activity: Bytes::from(serde_json::json!({ "text": text }).to_string()),
        }
    }

    pub(crate) fn timeline(&self, place: Place) -> Option<&Timeline> {
        self.timelines.get(&place)
    }

    /// Is there a message with this id?
    pub(crate) fn knows_message(&self, place: Place, id: &str) -> MessageLookup {
        let Ok(number) = id.parse::<u64>() else {
            return MessageLookup::Missing;
        };
        if number == 0 || number > self.tally(place).last_id {
            return MessageLookup::Missing;
        }
        let Some(timeline) = self.timelines.get(&place) else {
            // Without a history every id that could have been assigned counts as present.
            return MessageLookup::Present;
        };
        match timeline.find(id) {
            Some(entry) if entry.state == EntryState::Deleted => MessageLookup::Missing,
            Some(_) => MessageLookup::Present,
            None if timeline.may_have_dropped(number) => MessageLookup::Present,
            None => MessageLookup::Missing,
        }
    }

    /// Replaces the content of a remembered message; returns the changed entry.
    pub(crate) fn edit(
        &mut self,
        place: Place,
        id: &str,
        activity: Bytes,
        state: EntryState,
    ) -> Option<&Entry> {
        let entry = self.timelines.get_mut(&place)?.find_mut(id)?;
        entry.activity = activity;
        entry.state = state;
        Some(entry)
    }

    /// Resets counts and history, keeps everything else.
    pub(crate) fn clear_messages(&mut self) {
        self.accepted = 0;
        self.timelines.clear();
        for tenant in &mut self.tenants {
            // The newest ids stay, so that ids never repeat.
            tenant.tallies.iter_mut().for_each(|tally| tally.accepted = 0);
        }
        self.groups.iter_mut().for_each(|group| group.tally.accepted = 0);
        self.channels
            .iter_mut()
            .for_each(|channel| channel.tally.accepted = 0);
    }

    /// Every conversation that has accepted a message of the bot, with its count.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Place, u32)> + '_ {
        let personal = self.tenants.iter().enumerate().flat_map(|(tenant, spec)| {
            spec.tallies.iter().enumerate().map(move |(number, tally)| {
                let key = crate::PersonKey {
                    tenant: tenant as u32,
                    number: number as u32,
                };
                (Place::Personal(key), tally.accepted)
            })
        });
        let groups = self
            .groups
            .iter()
            .enumerate()
            .map(|(at, g)| (Place::Group(at as u32), g.tally.accepted));
        let channels = self
            .channels
            .iter()
            .enumerate()
            .map(|(at, c)| (Place::Channel(at as u32), c.tally.accepted));
        personal
            .chain(groups)
            .chain(channels)
            .filter(|(_, count)| *count > 0)
    }
}
