//! Freezes a process between two of its steps, as a suspended virtual machine does, and thaws it as if nothing were:
//! a holder that wakes after its lease is a zombie.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// Freezes and thaws.
#[derive(Debug, Default)]
pub struct Freezer {
    frozen: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Freezer {
    /// From now on nothing of the process runs.
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
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A process's task that can be frozen.
pub struct Freezable<F> {
    task: Pin<Box<F>>,
    freezer: Arc<Freezer>,
}

impl<F: Future> Freezable<F> {
    /// Makes a task freezable.
    pub fn new(task: F, freezer: Arc<Freezer>) -> Self {
        Self {
            task: Box::pin(task),
            freezer,
        }
    }
}

impl<F: Future> Future for Freezable<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if self.freezer.is_frozen() {
            let mut waker = self.freezer.waker.lock().unwrap_or_else(PoisonError::into_inner);
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        self.task.as_mut().poll(context)
    }
}
