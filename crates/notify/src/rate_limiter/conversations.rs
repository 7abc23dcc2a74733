//! Teams' limits per conversation: 7 in 1 s, 8 in 2 s, 60 in 30 s, 1,800 an hour. Keeps half a minute of every conversation
//! and an hour of the busy ones.

use crate::{ids::ConversationId, ports::Moment};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// Sends to one conversation, and in which time.
const LIMITS: [(usize, Duration); 3] = [
    (7, Duration::from_secs(1)),
    (8, Duration::from_secs(2)),
    (60, Duration::from_secs(30)),
];
const PER_HOUR: u32 = 1_800;
const HOUR: Duration = Duration::from_secs(3_600);
const KEPT: Duration = Duration::from_secs(30);
/// So many sends in half a minute make a conversation busy: its hour is counted from then on.
const BUSY: usize = 4;

/// A stable digest of a conversation id (FNV-1a): also across processes, for what is handed over.
pub(crate) fn digest(conversation: &ConversationId) -> u64 {
    let bytes = conversation.as_str().bytes();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[derive(Debug)]
enum Recent {
    /// Most conversations: posted to once.
    Once(Moment),
    Often(VecDeque<Moment>),
}

/// Sends by minute of the clock, oldest first.
pub(super) type Hour = VecDeque<(Moment, u32)>;

#[derive(Debug, Default)]
pub(super) struct Conversations {
    recent: HashMap<u64, Recent>,
    /// When what is recent stops being so.
    expiring: VecDeque<(Moment, u64)>,
    pauses: HashMap<u64, Moment>,
    pub(super) hours: HashMap<u64, Hour>,
}

impl Conversations {
    /// When a conversation may be posted to.
    pub(super) fn ready_at(&mut self, key: u64, now: Moment) -> Moment {
        self.forget(now);
        let mut ready = now;
        if let Some(until) = self.pauses.get(&key) {
            ready = ready.max(*until);
        }
        if let Some(Recent::Often(sends)) = self.recent.get(&key) {
            for (limit, window) in LIMITS {
                if let Some(index) = sends.len().checked_sub(limit) {
                    ready = ready.max(sends[index].after(window));
                }
            }
        }
        if let Some(hour) = self.hours.get(&key) {
            let mut count: u32 = hour.iter().map(|(_, count)| count).sum();
            for (minute, sends) in hour {
                if count < PER_HOUR {
                    break;
                }
                ready = ready.max(minute.after(HOUR + Duration::from_secs(60)));
                count -= sends;
            }
        }
        ready
    }

    /// Counts a post.
    pub(super) fn sent(&mut self, key: u64, now: Moment) {
        self.expiring.push_back((now, key));
        let often = match self.recent.get_mut(&key) {
            None => {
                self.recent.insert(key, Recent::Once(now));
                1
            }
            Some(Recent::Often(sends)) => {
                sends.push_back(now);
                while sends.front().is_some_and(|first| now.since(*first) >= KEPT) {
                    sends.pop_front();
                }
                sends.len()
            }
            Some(once) => {
                let first = match once {
                    Recent::Once(first) => *first,
                    Recent::Often(_) => now,
                };
                *once = Recent::Often(VecDeque::from([first, now]));
                2
            }
        };
        if let Some(hour) = self.hours.get_mut(&key) {
            count_minute(hour, now);
        } else if often > BUSY {
            let count = u32::try_from(often).unwrap_or(u32::MAX);
            self.hours.insert(key, VecDeque::from([(now, count)]));
        }
    }

    /// Posts to a conversation in the last while (up to 30 s).
    pub(super) fn within(&self, key: u64, now: Moment, window: Duration) -> usize {
        match self.recent.get(&key) {
            None => 0,
            Some(Recent::Once(at)) => usize::from(now.since(*at) <= window),
            Some(Recent::Often(sends)) => sends.iter().filter(|at| now.since(**at) <= window).count(),
        }
    }

    /// Lets nothing go to a conversation until then.
    pub(super) fn pause(&mut self, key: u64, until: Moment) {
        let pause = self.pauses.entry(key).or_insert(until);
        *pause = (*pause).max(until);
    }

    fn forget(&mut self, now: Moment) {
        let mut expired = false;
        while let Some((at, key)) = self.expiring.front()
            && now.since(*at) >= KEPT
        {
            let last = match self.recent.get(key) {
                Some(Recent::Once(at)) => Some(*at),
                Some(Recent::Often(sends)) => sends.back().copied(),
                None => None,
            };
            if last.is_some_and(|last| now.since(last) >= KEPT) {
                self.recent.remove(key);
            }
            self.expiring.pop_front();
            expired = true;
        }
        if expired {
            self.pauses.retain(|_, until| *until > now);
            self.hours.retain(|_, hour| {
                while hour
                    .front()
                    .is_some_and(|(minute, _)| now.since(*minute) >= HOUR + Duration::from_secs(60))
                {
                    hour.pop_front();
                }
                !hour.is_empty()
            });
        }
    }
}

fn count_minute(hour: &mut Hour, now: Moment) {
    match hour.back_mut() {
        Some((minute, count)) if now.since(*minute) < Duration::from_secs(60) => *count += 1,
        _ => hour.push_back((now, 1)),
    }
}
