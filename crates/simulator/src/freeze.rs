//! Freezes a process, as a suspended virtual machine is frozen, and thaws it as if nothing were: an owner that wakes
//! after its lease is a zombie.
//!
//! It holds whatever a port answers (in [`crate::fused`]), so it holds every task of the process, also those that the
//! domain spawns itself: a task waits for ports and for other tasks, and those wait for ports. A call that was made in
//! the very instant is under way already and has its effect. Calls are not held before their effect: a real process
//! can't be stopped between the look at its lease and the request that follows in the same step either, as far as it
//! can help it, and what it sent is on its way.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Freezes and thaws.
#[derive(Debug, Default)]
pub struct Freezer {
    frozen: AtomicBool,
    signal: Notify,
}

impl Freezer {
    /// From now on nothing of the process goes on.
    pub fn freeze(&self) {
        self.frozen.store(true, Ordering::Relaxed);
    }

    /// Whether it is frozen.
    pub fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// It goes on.
    pub fn thaw(&self) {
        self.frozen.store(false, Ordering::Relaxed);
        self.signal.notify_waiters();
    }

    /// Returns when it is not frozen.
    pub(crate) async fn thawed(&self) {
        loop {
            let signal = self.signal.notified();
            if !self.is_frozen() {
                return;
            }
            signal.await;
        }
    }
}
