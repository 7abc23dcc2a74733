//! The loop: performs what the state machine asks for, waits for the next event, and tells it. All that runs is in one
//! list of futures of this task: nothing is spawned, and dropping the loop stops it at once.

use super::{
    WorkerRun,
    jobs::{Context, Job, release::release},
    state::{NextCall, State, Unlisted, event::Event},
};
use crate::ports::Moment;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::sync::Arc;
use tokio::sync::Notify;

/// Events taken in before anything new is started.
const MOST_EVENTS: usize = 256;

/// A worker's run over its lane.
pub(super) struct EventLoop {
    context: Context,
    state: State,
    jobs: FuturesUnordered<Job>,
    local_signal: Arc<Notify>,
}

impl EventLoop {
    pub(super) fn new(context: Context, state: State, local_signal: Arc<Notify>) -> Self {
        Self {
            context,
            state,
            jobs: FuturesUnordered::new(),
            local_signal,
        }
    }

    /// Runs to the end of the slice or of the work.
    pub(super) async fn run(mut self) -> (WorkerRun, Unlisted) {
        loop {
            let wake = self.step();
            if self.state.has_ended() {
                // What is still open is dropped before looking for what is left: it would be counted as ours.
                self.jobs.clear();
                let left = self.state.release(self.context.now());
                let unlisted = left.unlisted;
                return (release(&self.context, left).await, unlisted);
            }
            self.wait(wake).await;
        }
    }

    /// Starts everything that can be started; returns when to look again at the latest.
    fn step(&mut self) -> Moment {
        let now = self.context.now();
        if self.context.env.is_stopping() {
            self.state.take(Event::ProcessEnding, now);
        }
        self.state.plan_work(now);
        let mut now = now;
        let next_call = loop {
            match self.state.next_call(now) {
                NextCall::Start(call) => self.jobs.push(self.context.call(call, now.at)),
                NextCall::At(moment) => break Some(moment),
                NextCall::None => break None,
            }
            now = self.context.now();
        };
        let wake = self.state.finish_step(now, next_call);
        for effect in self.state.effects() {
            self.jobs.push(self.context.perform(effect, now.at));
        }
        wake
    }

    async fn wait(&mut self, wake: Moment) {
        let clock = self.context.env.ports.clock.clone();
        let local_signal = self.local_signal.clone();
        let event = if self.jobs.is_empty() {
            tokio::select! {
                biased;
                () = local_signal.notified() => Event::Signalled,
                () = clock.sleep_until(wake) => return,
            }
        } else {
            tokio::select! {
                biased;
                Some(event) = self.jobs.next() => event,
                () = local_signal.notified() => Event::Signalled,
                () = clock.sleep_until(wake) => return,
            }
        };
        self.state.take(event, self.context.now());
        for _ in 0..MOST_EVENTS {
            match self.jobs.next().now_or_never() {
                Some(Some(event)) => self.state.take(event, self.context.now()),
                _ => return,
            }
        }
    }
}
