//! How large windows are, and when the next one is due.

/// Most recipients of a window at rates that Teams allows.
const USUAL: f64 = 100.0;
/// Most at any rate.
const LARGEST: f64 = 512.0;
/// Posts in flight at most.
pub(super) const MOST_IN_FLIGHT: usize = 512;

/// Recipients of a window: one second of permits, longer when answers take longer, at most 100; a tenth of a second
/// where the rate is set far beyond Teams' limit. Two are open at most, so twice this is uncertain after a crash.
pub(super) fn size(rate: f64, latency_seconds: f64) -> usize {
    let permits = rate * (1.5 * latency_seconds).max(1.0);
    let usual = permits.min(USUAL);
    let size = usual.max((rate / 10.0).min(LARGEST));
    // At least one recipient; the cast is exact for these sizes.
    size.ceil().max(1.0) as usize
}

/// When so few intended recipients are left unposted, the next window is formed: late, so that an urgent notification waits
/// for little more than what is already intended, but early enough for its append.
pub(super) fn refill_at(rate: f64, append_seconds: f64, size: usize) -> usize {
    let ahead = rate * (2.0 * append_seconds).max(0.25);
    (ahead.ceil() as usize).clamp(1, (size / 2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_second_of_permits_and_a_hundred_at_most() {
        assert_eq!(size(50.0, 0.1), 50);
        assert_eq!(size(1.0, 0.1), 1);
        assert_eq!(size(500.0, 0.05), 100);
        assert_eq!(size(50.0, 10.0), 100);
        assert_eq!(size(100_000.0, 0.05), 512);
    }

    #[test]
    fn the_next_window_is_formed_late_but_not_too_late() {
        assert_eq!(refill_at(50.0, 0.01, 50), 13);
        assert_eq!(refill_at(50.0, 2.0, 50), 25);
        assert_eq!(refill_at(1.0, 0.01, 1), 1);
    }
}
