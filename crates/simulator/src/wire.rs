//! The way to the stores and back: latency, lost requests, lost replies, requests that a client repeats after a lost
//! reply, outages. A request that is on its way arrives even if the process that sent it is gone.

use crate::{
    seed::Seed,
    tally::{Operation, Tally},
};
use notify::ports::{Clock, StoreError};
use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What goes wrong on the way.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// Shortest and longest time of a request with its reply.
    pub latency: (Duration, Duration),
    /// Share of requests that never arrive: an error is the answer.
    pub lost_requests: f64,
    /// Share of requests that have their effect, but an error is the answer.
    pub lost_replies: f64,
    /// Share of requests that the client makes twice; the second answer counts.
    pub repeated: f64,
    /// Times in which nothing arrives, since the world began.
    pub outages: Vec<(Duration, Duration)>,
    /// Times in which no lease is taken, renewed or given back; all else arrives.
    pub leases_lost: Vec<(Duration, Duration)>,
    /// When all this ends (the latency stays), since the world began.
    pub until: Option<Duration>,
}

/// A way to the stores.
pub struct Wire {
    clock: Arc<dyn Clock>,
    trouble: Trouble,
    seed: Mutex<Seed>,
    tally: Arc<Tally>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    NeverArrives,
    NoReply,
    Twice,
}

impl Wire {
    /// A way with this trouble; counts what is asked into `tally`.
    pub fn new(clock: Arc<dyn Clock>, trouble: Trouble, seed: u64, tally: Arc<Tally>) -> Self {
        Self {
            clock,
            trouble,
            seed: Mutex::new(Seed::new(seed)),
            tally,
        }
    }

    fn seed(&self) -> MutexGuard<'_, Seed> {
        self.seed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fate(&self, operation: Operation) -> (Fate, Duration, Duration) {
        let now = self.clock.now().since_origin();
        let trouble = &self.trouble;
        let mut seed = self.seed();
        let (least, most) = trouble.latency;
        let time = least + (most - least).mul_f64(seed.unit());
        let there = time.mul_f64(seed.unit());
        let back = time - there;
        if trouble.until.is_some_and(|until| now >= until) {
            return (Fate::Well, there, back);
        }
        let within =
            |times: &[(Duration, Duration)]| times.iter().any(|(from, to)| (*from..*to).contains(&now));
        let leases = operation == Operation::Lease && within(&trouble.leases_lost);
        let out = within(&trouble.outages) || leases;
        let dice = seed.unit();
        let lost = trouble.lost_requests;
        let fate = if out || dice < lost {
            Fate::NeverArrives
        } else if dice < lost + trouble.lost_replies {
            Fate::NoReply
        } else if dice < lost + trouble.lost_replies + trouble.repeated {
            Fate::Twice
        } else {
            Fate::Well
        };
        (fate, there, back)
    }

    /// Sends a request. What it does happens in a task of its own.
    pub(crate) async fn send<T, E, F>(
        &self,
        operation: Operation,
        effect: impl Fn() -> F + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (fate, there, back) = self.fate(operation);
        self.tally.count(operation);
        if fate == Fate::NeverArrives {
            self.pass(there + back).await;
            return Err(StoreError::unavailable("simulated: the request was lost").into());
        }
        let clock = self.clock.clone();
        let arrival = tokio::spawn(async move {
            if !there.is_zero() {
                clock.sleep_until(clock.now().after(there)).await;
            }
            let answer = effect().await;
            if fate == Fate::Twice {
                effect().await
            } else {
                answer
            }
        });
        let answer = arrival.await;
        self.pass(back).await;
        match answer {
            Ok(answer) if fate != Fate::NoReply => answer,
            _ => Err(StoreError::unavailable("simulated: the reply was lost").into()),
        }
    }

    async fn pass(&self, time: Duration) {
        if !time.is_zero() {
            self.clock.sleep_until(self.clock.now().after(time)).await;
        }
    }
}
