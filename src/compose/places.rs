//! Where cards are filled: on threads beside those that serve, in a bounded number of places. A card that takes long keeps
//! one place, never a thread that answers calls or posts messages.

use std::{num::NonZeroUsize, sync::Arc, thread::available_parallelism};
use tokio::sync::Semaphore;

/// Whose card it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A template of `cards/` with little data: known to end soon.
    Shipped,
    /// A template that came with a call, or much data: it may take as long as a card may.
    Foreign,
}

/// Work did not end by itself: a panic of the engine, or the process ends.
#[derive(Debug)]
pub(super) struct Broken;

/// As many places as there are cores, but at least one of each kind: what ships never waits behind what came with a call.
/// In each kind, who comes first goes first.
pub(super) struct Places {
    shipped: Arc<Semaphore>,
    foreign: Arc<Semaphore>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self::of(available_parallelism().map_or(1, NonZeroUsize::get))
    }

    fn of(cores: usize) -> Self {
        Self {
            shipped: Arc::new(Semaphore::new(1)),
            foreign: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
        }
    }

    /// Does the work in a place, once one is free. Work whose caller has gone ends in its place.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        origin: Origin,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Broken> {
        let places = match origin {
            Origin::Shipped => &self.shipped,
            Origin::Foreign => &self.foreign,
        };
        let place = Arc::clone(places).acquire_owned().await.map_err(|_| Broken)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        done.await.map_err(|_| Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    #[tokio::test]
    async fn no_more_run_at_once_than_there_are_places() {
        let places = Arc::new(Places::of(3));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all = (0..40).map(|_| {
            let (places, now, most) = (places.clone(), now.clone(), most.clone());
            async move {
                let work = move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                };
                places.run(Origin::Foreign, work).await.unwrap();
            }
        });
        futures::future::join_all(all).await;
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
    }

    #[tokio::test]
    async fn what_ships_does_not_wait_behind_what_came_with_a_call() {
        let places = Arc::new(Places::of(1));
        let (let_go, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let slow = tokio::spawn({
            let places = places.clone();
            async move {
                places
                    .run(Origin::Foreign, move || held.lock().unwrap().recv())
                    .await
            }
        });
        let waiting = tokio::spawn({
            let places = places.clone();
            async move { places.run(Origin::Foreign, || ()).await }
        });
        // The single thread of this test serves meanwhile.
        assert_eq!(places.run(Origin::Shipped, || 7).await.unwrap(), 7);
        assert!(!slow.is_finished() && !waiting.is_finished());
        let_go.send(()).unwrap();
        slow.await.unwrap().unwrap().unwrap();
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_panic_gives_its_place_back() {
        let places = Places::of(1);
        for _ in 0..3 {
            assert!(places.run(Origin::Foreign, || panic!("a bug")).await.is_err());
        }
        assert_eq!(places.run(Origin::Foreign, || 1).await.unwrap(), 1);
    }
}
