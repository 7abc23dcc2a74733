//! Where cards are filled: on threads beside those that serve, in a bounded number of places. A card that takes long keeps
//! one place, never a thread that answers calls or posts messages.

use std::{num::NonZeroUsize, sync::Arc, thread::available_parallelism};
use tokio::sync::Semaphore;

/// Which of the places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A template of `cards/` with little data: known to end soon.
    Shipped,
    /// Any other, with [little effort](super::fill::Effort::Little).
    Tried,
    /// One for which that was not enough, while its caller waits: it may take as long as a card may.
    Called,
    /// The same of a notification that is accepted.
    Accepted,
}

/// Work did not end by itself: a panic of the engine.
#[derive(Debug)]
pub(super) struct Broken;

/// One place for what ships, one for what is tried, one for what is accepted, and as many for calls as there are cores but
/// one: nothing usual waits behind cards that take long, and what is accepted waits behind no calls. In each kind, who
/// comes first goes first.
pub(super) struct Places {
    shipped: Arc<Semaphore>,
    tried: Arc<Semaphore>,
    called: Arc<Semaphore>,
    accepted: Arc<Semaphore>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self::of(available_parallelism().map_or(1, NonZeroUsize::get))
    }

    fn of(cores: usize) -> Self {
        Self {
            shipped: Arc::new(Semaphore::new(1)),
            tried: Arc::new(Semaphore::new(1)),
            called: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
            accepted: Arc::new(Semaphore::new(1)),
        }
    }

    /// Does the work in a place, once one is free. Work whose caller has gone ends in its place.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Broken> {
        let places = match place {
            Place::Shipped => &self.shipped,
            Place::Tried => &self.tried,
            Place::Called => &self.called,
            Place::Accepted => &self.accepted,
        };
        let place = Arc::clone(places).acquire_owned().await.map_err(|_| Broken)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        match done.await {
            Ok(result) => Ok(result),
            Err(error) if error.is_panic() => Err(Broken),
            // The process ends, and the work with it: it says nothing of the card.
            Err(_) => std::future::pending().await,
        }
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
                places.run(Place::Called, work).await.unwrap();
            }
        });
        futures::future::join_all(all).await;
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
    }

    #[tokio::test]
    async fn nothing_else_waits_behind_calls_that_take_long() {
        let places = Arc::new(Places::of(1));
        let (let_go, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let slow = tokio::spawn({
            let places = places.clone();
            async move {
                places
                    .run(Place::Called, move || held.lock().unwrap().recv())
                    .await
            }
        });
        let waiting = tokio::spawn({
            let places = places.clone();
            async move { places.run(Place::Called, || ()).await }
        });
        // The single thread of this test serves meanwhile.
        assert_eq!(places.run(Place::Shipped, || 7).await.unwrap(), 7);
        assert_eq!(places.run(Place::Tried, || 8).await.unwrap(), 8);
        assert_eq!(places.run(Place::Accepted, || 9).await.unwrap(), 9);
        assert!(!slow.is_finished() && !waiting.is_finished());
        let_go.send(()).unwrap();
        slow.await.unwrap().unwrap().unwrap();
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_panic_gives_its_place_back() {
        let places = Places::of(1);
        for _ in 0..3 {
            assert!(places.run(Place::Called, || panic!("a bug")).await.is_err());
        }
        assert_eq!(places.run(Place::Called, || 1).await.unwrap(), 1);
    }
}
