//! A stage for kills: clients ask the process that is there; when it dies another comes, and somebody looks on all the
//! while. The looks are made by a service of their own, so that they are no calls of the process under test.

use notify::{
    ids::NotificationId,
    outcome::Counts,
    service::NotificationService,
    status::{NotificationState, Status},
};
use simulator::{
    fuse::{Fuse, When},
    world::{Launch, Process, World, assert_sums},
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// Virtual time after which what has not ended never will.
pub(crate) const LONGEST_RUN: Duration = Duration::from_secs(4 * 3600);

/// Whether a client that got no answer asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manners {
    AsksAgain,
    GoesAway,
}

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) observer: NotificationService,
    process: Option<Process>,
    launch: fn(&World, std::sync::Arc<Fuse>) -> Launch,
    manners: Manners,
    seen: BTreeMap<NotificationId, Counts>,
}

impl Stage {
    pub(crate) fn new(
        mut world: World,
        kill: Option<(u64, When)>,
        manners: Manners,
        launch: fn(&World, std::sync::Arc<Fuse>) -> Launch,
    ) -> Self {
        let first = launch(&world, Fuse::new(kill));
        let process = world.launch(first);
        Self {
            observer: world.observer(),
            process: Some(process),
            world,
            launch,
            manners,
            seen: BTreeMap::new(),
        }
    }

    pub(crate) fn fuse(&self) -> std::sync::Arc<Fuse> {
        self.process.as_ref().unwrap().fuse.clone()
    }

    /// Asks the process that is there, as a client does; `None` when no answer came and the client gave up.
    pub(crate) async fn ask<T>(&mut self, request: impl AsyncFn(NotificationService) -> T) -> Option<T> {
        loop {
            let fuse = self.fuse();
            let service = self.process.as_ref().unwrap().service.clone();
            let answer = tokio::select! {
                biased;
                () = fuse.burnt() => None,
                answer = request(service) => Some(answer),
            };
            if answer.is_some() {
                return answer;
            }
            self.replace().await;
            if self.manners == Manners::GoesAway {
                return None;
            }
        }
    }

    /// The next process comes a second after the last one died.
    async fn replace(&mut self) {
        if let Some(dead) = self.process.take() {
            dead.kill();
        }
        self.world.pass(Duration::from_secs(1)).await;
        let next = (self.launch)(&self.world, Fuse::new(None));
        self.process = Some(self.world.launch(next));
    }

    /// Looks once: the sums hold, and no count ever goes down.
    pub(crate) async fn look(&mut self, id: &NotificationId) -> Option<Status> {
        let status = self.observer.status(id).await.ok()?;
        assert_sums(&status);
        let before = self.seen.insert(id.clone(), status.counts).unwrap_or_default();
        assert_grows(&before, &status.counts);
        Some(status)
    }

    /// Looks until a notification is at its end (or is `Stopped`).
    pub(crate) async fn until_over(&mut self, id: &NotificationId) -> Option<Status> {
        self.until(id, |status| {
            status.notification.finished_at.is_some() || status.state == NotificationState::Stopped
        })
        .await
    }

    /// Looks until it is so.
    pub(crate) async fn until(
        &mut self,
        id: &NotificationId,
        so: impl Fn(&Status) -> bool,
    ) -> Option<Status> {
        let end = self.world.now() + LONGEST_RUN;
        while self.world.now() < end {
            if self.fuse().is_burnt() {
                self.replace().await;
            }
            if let Some(status) = self.look(id).await
                && so(&status)
            {
                return Some(status);
            }
            self.world.pass(Duration::from_millis(500)).await;
        }
        None
    }
}

/// An outcome is final: counts only grow.
pub(crate) fn assert_grows(before: &Counts, after: &Counts) {
    for outcome in notify::outcome::Outcome::ALL {
        assert!(
            after.of(outcome) >= before.of(outcome),
            "a count went down: {before:?} to {after:?}"
        );
    }
}

/// Does all of them on all processors, each as a whole.
pub(crate) fn on_all_processors(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}
