//! Hints that get lost, come twice or late.

use crate::seed::Seed;
use async_trait::async_trait;
use notify::ports::{Hint, Hints};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// What becomes of hints, as shares.
#[derive(Clone, Copy, Debug, Default)]
pub struct HintTrouble {
    /// Never come.
    pub lost: f64,
    /// Come twice.
    pub doubled: f64,
    /// Come up to so much later.
    pub late: Duration,
}

/// A queue with such trouble.
pub struct UnreliableHints {
    inner: Arc<dyn Hints>,
    trouble: HintTrouble,
    seed: Mutex<Seed>,
}

impl UnreliableHints {
    /// A queue behind this trouble.
    pub fn new(inner: Arc<dyn Hints>, trouble: HintTrouble, seed: Seed) -> Self {
        Self {
            inner,
            trouble,
            seed: Mutex::new(seed),
        }
    }
}

#[async_trait]
impl Hints for UnreliableHints {
    async fn send(&self, hint: Hint, delay: Duration) {
        let (dice, late) = {
            let mut seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
            (seed.unit(), self.trouble.late.mul_f64(seed.unit()))
        };
        if dice < self.trouble.lost {
            return;
        }
        if dice < self.trouble.lost + self.trouble.doubled {
            self.inner.send(hint.clone(), delay).await;
        }
        self.inner.send(hint, delay + late).await;
    }
}
