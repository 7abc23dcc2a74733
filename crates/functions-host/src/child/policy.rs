//! When the host starts the handler again, and when it gives up.

use std::time::Duration;

use tokio::time::Instant;

/// Errors before the host stops: the first start and two restarts.
const ALLOWED: usize = 3;
/// Errors are forgotten when the next one comes so much later.
const MEMORY: Duration = Duration::from_secs(30 * 60);
/// An exit code that asks for a restart that does not count.
const RESTART_CODE: i32 = 200;

/// How a run of the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with its exit code; `None` = by a signal.
    Exited(Option<i32>),
    /// It was not ready in time.
    NotReady,
    /// Killed because an invocation overran functionTimeout.
    Overrun,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Exit code 0: the host takes it for well and never starts it again; calls are refused.
    LeaveIt,
    /// Start it again.
    Restart,
    /// Stop the host.
    StopHost,
}

/// The host's memory of errors.
#[derive(Debug, Default)]
pub(super) struct RestartPolicy {
    errors: Vec<Instant>,
}

impl RestartPolicy {
    pub(super) fn decide(&mut self, ended: Ended, now: Instant) -> Decision {
        match ended {
            Ended::Exited(Some(0)) => Decision::LeaveIt,
            Ended::Exited(Some(RESTART_CODE)) | Ended::Overrun => Decision::Restart,
            Ended::Exited(_) | Ended::NotReady => {
                if self
                    .errors
                    .last()
                    .is_some_and(|last| now.duration_since(*last) > MEMORY)
                {
                    self.errors.clear();
                }
                self.errors.push(now);
                if self.errors.len() < ALLOWED {
                    Decision::Restart
                } else {
                    Decision::StopHost
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_error_stops_the_host() {
        let now = Instant::now();
        let mut policy = RestartPolicy::default();
        assert_eq!(policy.decide(Ended::Exited(Some(0)), now), Decision::LeaveIt);
        assert_eq!(policy.decide(Ended::Exited(Some(101)), now), Decision::Restart);
        for _ in 0..10 {
            assert_eq!(policy.decide(Ended::Exited(Some(200)), now), Decision::Restart);
            assert_eq!(policy.decide(Ended::Overrun, now), Decision::Restart);
        }
        assert_eq!(policy.decide(Ended::Exited(None), now), Decision::Restart);
        assert_eq!(policy.decide(Ended::NotReady, now), Decision::StopHost);
    }

    #[test]
    fn errors_are_forgotten_after_half_an_hour() {
        let start = Instant::now();
        let mut policy = RestartPolicy::default();
        for minutes in [0, 29, 60, 70] {
            let now = start + Duration::from_secs(minutes * 60);
            assert_eq!(
                policy.decide(Ended::Exited(Some(1)), now),
                Decision::Restart,
                "after {minutes} minutes"
            );
        }
        let now = start + Duration::from_secs(71 * 60);
        assert_eq!(policy.decide(Ended::Exited(Some(1)), now), Decision::StopHost);
    }
}
