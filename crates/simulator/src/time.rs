//! Virtual time: a clock that moves only when nothing is left to do, and the runtime that moves it.
//!
//! A runtime of tokio without its timer, on one thread: when it is about to sleep, the clock jumps to the next moment
//! that somebody waits for. Six thousand seconds with a million timers are seconds of real time, and a run is repeated
//! exactly by its seed. Nothing here is for production.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use notify::ports::{Clock, Moment};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// When every world begins.
pub fn beginning() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A clock whose time passes only when its runtime has nothing to do.
#[derive(Debug)]
pub struct VirtualClock {
    start: Timestamp,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    timers: BinaryHeap<Reverse<(Duration, u64)>>,
    sleepers: HashMap<u64, Waker>,
    next: u64,
    /// Wakes the runtime's first future.
    root: Option<Waker>,
}

impl VirtualClock {
    fn new() -> Self {
        Self {
            start: beginning(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jumps to the next moment that somebody waits for, and wakes all who do.
    fn jump(&self) {
        let mut woken = Vec::new();
        {
            let mut state = self.state();
            while let Some(Reverse((at, id))) = state.timers.peek().copied() {
                if !woken.is_empty() && at > state.now {
                    break;
                }
                state.timers.pop();
                // One who no longer waits doesn't move the clock.
                if let Some(waker) = state.sleepers.remove(&id) {
                    state.now = state.now.max(at);
                    woken.push(waker);
                }
            }
            // Who was woken may not care (a frozen process): then the next jump must come all the same.
            if !woken.is_empty() {
                woken.extend(state.root.clone());
            }
        }
        woken.into_iter().for_each(Waker::wake);
    }
}

struct Sleep<'a> {
    clock: &'a VirtualClock,
    until: Duration,
    id: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // A waker may be the last to know its task, and dropping that task comes back here: never under the lock.
        let mut state = self.clock.state();
        if state.now >= self.until {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        let id = match self.id {
            Some(id) if state.sleepers.contains_key(&id) => id,
            _ => {
                let id = state.next;
                state.next += 1;
                state.timers.push(Reverse((self.until, id)));
                id
            }
        };
        let previous = state.sleepers.insert(id, waker);
        drop(state);
        drop(previous);
        self.id = Some(id);
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let waker = self.clock.state().sleepers.remove(&id);
            drop(waker);
        }
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn wall(&self) -> Timestamp {
        let now = self.state().now;
        SignedDuration::try_from(now)
            .ok()
            .and_then(|passed| self.start.checked_add(passed).ok())
            .unwrap_or(self.start)
    }

    fn now(&self) -> Moment {
        Moment::at(self.state().now)
    }

    async fn sleep_until(&self, moment: Moment) {
        Sleep {
            clock: self,
            until: moment.since_origin(),
            id: None,
        }
        .await;
    }
}

/// Runs a future and all that it spawns under virtual time, on this thread. Not to be called inside another runtime.
///
/// # Errors
/// When the runtime can't be made.
pub fn run<T, F: Future<Output = T>>(make: impl FnOnce(Arc<VirtualClock>) -> F) -> io::Result<T> {
    let clock = Arc::new(VirtualClock::new());
    let moved = clock.clone();
    let root = clock.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .on_thread_park(move || moved.jump())
        .build()?;
    let mut future = Box::pin(make(clock));
    Ok(runtime.block_on(poll_fn(move |context| {
        let previous = root.state().root.replace(context.waker().clone());
        drop(previous);
        future.as_mut().poll(context)
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleepers_wake_in_their_order_and_nobody_waits_in_real_time() {
        let real = std::time::Instant::now();
        let order = run(|clock| async move {
            let order = Arc::new(Mutex::new(Vec::new()));
            let sleepers = [3_u64, 1, 2].map(|hours| {
                let (clock, order) = (clock.clone(), order.clone());
                tokio::spawn(async move {
                    clock
                        .sleep_until(Moment::at(Duration::from_secs(hours * 3_600)))
                        .await;
                    order.lock().unwrap().push(hours);
                })
            });
            for sleeper in sleepers {
                sleeper.await.unwrap();
            }
            assert_eq!(clock.now(), Moment::at(Duration::from_secs(3 * 3_600)));
            order.lock().unwrap().clone()
        })
        .unwrap();
        assert_eq!(order, [1, 2, 3]);
        assert!(real.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn one_who_gave_up_waiting_does_not_move_the_clock() {
        let now = run(|clock| async move {
            let long = clock.sleep_until(Moment::at(Duration::from_secs(100)));
            let short = clock.sleep_until(Moment::at(Duration::from_secs(1)));
            futures::future::select(long, short).await;
            clock.sleep_until(Moment::at(Duration::from_secs(2))).await;
            clock.now()
        })
        .unwrap();
        assert_eq!(now, Moment::at(Duration::from_secs(2)));
    }
}
