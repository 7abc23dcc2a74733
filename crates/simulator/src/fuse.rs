//! Kills a process at a call to a port, before or after the call's effect. A killed process never gets an answer, and
//! none of its later calls has an effect; the task that follows its wake-ups is dropped by the world. The ports behind a
//! fuse are in [`crate::fused`].

use std::{
    future::{Future, pending},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::sync::Notify;

/// When a process dies, relative to the call's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The effect never happens.
    Before,
    /// It has its effect, but its caller never gets the answer.
    After,
}

/// Counts a process's calls and burns at one of them.
#[derive(Debug)]
pub struct Fuse {
    calls: AtomicU64,
    burns_at: Option<(u64, When)>,
    burnt: AtomicBool,
    signal: Notify,
}

impl Fuse {
    /// A fuse that burns at call number `at` (from 0), or never.
    pub fn new(burns_at: Option<(u64, When)>) -> Arc<Self> {
        Arc::new(Self {
            calls: AtomicU64::new(0),
            burns_at,
            burnt: AtomicBool::new(false),
            signal: Notify::new(),
        })
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether it has burnt.
    pub fn is_burnt(&self) -> bool {
        self.burnt.load(Ordering::Relaxed)
    }

    /// Returns when it has burnt.
    pub async fn burnt(&self) {
        loop {
            let signal = self.signal.notified();
            if self.is_burnt() {
                return;
            }
            signal.await;
        }
    }

    /// Burns it now, whatever the process is about to do.
    pub fn burn(&self) {
        self.burnt.store(true, Ordering::Relaxed);
        self.signal.notify_waiters();
    }

    /// Passes a call on, unless the process is dead or dies of it.
    pub(crate) async fn guard<T>(&self, call: impl Future<Output = T>) -> T {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.is_burnt() {
            return pending().await;
        }
        match self.burns_at {
            Some((at, When::Before)) if at == number => self.burn_for_good().await,
            Some((at, When::After)) if at == number => {
                // A call that is given up (a wait that something else overtook) is over then.
                let _given_up = Dropped(self);
                call.await;
                self.burn_for_good().await
            }
            _ => {
                let answer = call.await;
                if self.is_burnt() {
                    return pending().await;
                }
                answer
            }
        }
    }

    /// A call that is answered at once and changes nothing outside (the time): all that comes after it has no effect.
    pub(crate) fn pass(&self) {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.burns_at.is_some_and(|(at, _)| at == number) {
            self.burn();
        }
    }

    async fn burn_for_good<T>(&self) -> T {
        self.burn();
        pending().await
    }
}

struct Dropped<'a>(&'a Fuse);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.burn();
    }
}
