//! Wake-ups that get lost, come twice or late.

use crate::seed::Seed;
use async_trait::async_trait;
use notify::ports::{WakeUp, WakeUps};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// What becomes of wake-ups, as shares.
#[derive(Clone, Copy, Debug, Default)]
pub struct WakeUpTrouble {
    /// Never come.
    pub lost: f64,
    /// Come twice.
    pub doubled: f64,
    /// Come up to so much later.
    pub late: Duration,
}

/// A queue with such trouble.
pub struct UnreliableWakeUps {
    inner: Arc<dyn WakeUps>,
    trouble: WakeUpTrouble,
    seed: Mutex<Seed>,
}

impl UnreliableWakeUps {
    /// A queue behind this trouble.
    pub fn new(inner: Arc<dyn WakeUps>, trouble: WakeUpTrouble, seed: Seed) -> Self {
        Self {
            inner,
            trouble,
            seed: Mutex::new(seed),
        }
    }
}

#[async_trait]
impl WakeUps for UnreliableWakeUps {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        let (dice, late) = {
            let mut seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
            (seed.unit(), self.trouble.late.mul_f64(seed.unit()))
        };
        if dice < self.trouble.lost {
            return;
        }
        if dice < self.trouble.lost + self.trouble.doubled {
            self.inner.send(wake_up.clone(), delay).await;
        }
        self.inner.send(wake_up, delay + late).await;
    }
}
