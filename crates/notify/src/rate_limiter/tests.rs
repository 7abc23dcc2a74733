//! What the rate limiter guarantees, under virtual time.

mod caution;

use super::*;
use proptest::prelude::*;

fn at(ms: u64) -> Moment {
    Moment::at(Duration::from_millis(ms))
}

fn rate_limiter(rate: u32) -> RateLimiter {
    RateLimiter::new(NonZeroU32::new(rate).unwrap(), at(0))
}

fn conversation(n: usize) -> ConversationId {
    ConversationId::from(format!("a:{n}"))
}

/// Greedy poster with imprecise wake-ups: the times of its permits.
fn greedy(rate: u32, until: u64, lateness: &[u64]) -> Vec<u64> {
    let mut rate_limiter = rate_limiter(rate);
    let mut times = Vec::new();
    let mut now = 0;
    let mut late = lateness.iter().cycle();
    while now < until {
        match rate_limiter.permit(&conversation(times.len()), at(now)) {
            Permit::Granted => {
                times.push(now);
                rate_limiter.answered(at(now), at(now));
            }
            Permit::Tenant(next) | Permit::Conversation(next) => {
                let next = next.since_origin().as_micros().div_ceil(1000) as u64;
                now = next.max(now + 1) + late.next().copied().unwrap_or(0);
            }
        }
    }
    times
}

fn most_in_a_second(times: &[u64]) -> usize {
    (0..times.len())
        .map(|start| {
            times[start..]
                .iter()
                .take_while(|t| **t < times[start] + 1000)
                .count()
        })
        .max()
        .unwrap_or(0)
}

/// What one request takes, milliseconds: to Teams, and back.
type Trip = (u64, u64);

/// Posts as fast as permitted for so many milliseconds; the times at which the requests arrive at Teams.
fn arrivals(rate: u32, until: u64, mut trip: impl FnMut() -> Trip) -> Vec<u64> {
    let mut rate_limiter = rate_limiter(rate);
    let mut open: Vec<(u64, u64)> = Vec::new();
    let mut arrived = Vec::new();
    for now in 0..until {
        for (departed, _) in open.extract_if(.., |(_, answer)| *answer == now) {
            rate_limiter.answered(at(departed), at(now));
        }
        while rate_limiter.permit(&conversation(arrived.len()), at(now)) == Permit::Granted {
            let (there, back) = trip();
            arrived.push(now + there);
            open.push((now, now + there + back));
        }
    }
    arrived.sort_unstable();
    arrived
}

proptest! {
    #[test]
    fn a_busy_machine_that_holds_requests_up_makes_no_second_too_full_at_teams(
        rate in 5_u32..100,
        delays in prop::collection::vec(prop_oneof![9 => Just(0_u64), 1 => 1_u64..80], 100..400),
    ) {
        let mut delays = delays.iter().cycle();
        let arrived = arrivals(rate, 5_000, || (25 + delays.next().copied().unwrap_or(0), 25));
        prop_assert!(most_in_a_second(&arrived) <= rate as usize);
    }

    #[test]
    fn no_sliding_second_holds_more_than_the_rate(rate in 1_u32..400, lateness in prop::collection::vec(0_u64..30, 1..20)) {
        let times = greedy(rate, 5_000, &lateness);
        prop_assert!(most_in_a_second(&times) <= rate as usize);
    }
}

#[test]
fn the_ceiling_is_reached_within_one_percent() {
    let times = greedy(50, 100_000, &[0, 1]);
    assert!(times.len() >= 4_950, "{} permits in 100 s", times.len());
}

#[test]
fn latency_that_varies_costs_half_of_what_it_varies_by() {
    let latencies = [20, 32, 44, 56, 70, 80, 100, 130, 180, 330];
    let mut seed = 1_u64;
    let arrived = arrivals(50, 100_000, || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let half = latencies[(seed >> 33) as usize % latencies.len()] / 2;
        (half, half)
    });
    // 84 ms beyond the shortest on average: 95 % of the rate if half is counted, 92 % if all is.
    assert!(arrived.len() >= 4_700, "{} posts in 100 s", arrived.len());
}

#[test]
fn one_conversation_gets_seven_a_second_and_sixty_in_half_a_minute() {
    let mut rate_limiter = rate_limiter(1_000);
    let mut times = Vec::new();
    for now in 0..60_000 {
        if rate_limiter.permit(&conversation(1), at(now)) == Permit::Granted {
            rate_limiter.answered(at(now), at(now));
            times.push(now);
        }
    }
    assert_eq!(most_in_a_second(&times), 7);
    assert_eq!(times.iter().filter(|t| **t < 2_000).count(), 8);
    assert_eq!(times.iter().filter(|t| **t < 30_000).count(), 60);
}

#[test]
fn an_hour_holds_eighteen_hundred() {
    let mut rate_limiter = rate_limiter(1_000);
    let mut sent = 0;
    for now in (0..3_600_000).step_by(100) {
        if rate_limiter.permit(&conversation(1), at(now)) == Permit::Granted {
            rate_limiter.answered(at(now), at(now));
            sent += 1;
        }
    }
    assert!((1_700..=1_800).contains(&sent), "{sent}");
}

#[test]
fn a_429_pauses_the_tenant_exactly_as_long_as_teams_says() {
    let mut rate_limiter = rate_limiter(50);
    assert_eq!(rate_limiter.permit(&conversation(1), at(0)), Permit::Granted);
    let back = rate_limiter.throttled(&conversation(1), Some(Duration::from_secs(7)), at(0), at(80));
    assert_eq!(back, at(7_080));
    assert_eq!(
        rate_limiter.permit(&conversation(2), at(7_079)),
        Permit::Tenant(at(7_080))
    );
    assert_eq!(rate_limiter.permit(&conversation(2), at(7_080)), Permit::Granted);
}

#[test]
fn a_429_of_a_busy_conversation_pauses_only_that_one() {
    let mut rate_limiter = rate_limiter(50);
    for step in 0..7 {
        assert_eq!(
            rate_limiter.permit(&conversation(1), at(step * 100)),
            Permit::Granted
        );
    }
    rate_limiter.throttled(&conversation(1), Some(Duration::from_secs(30)), at(600), at(700));
    assert_eq!(
        rate_limiter.permit(&conversation(1), at(20_000)),
        Permit::Conversation(at(30_700))
    );
    assert_eq!(rate_limiter.permit(&conversation(2), at(20_000)), Permit::Granted);
}

#[test]
fn after_a_storm_the_ceiling_is_back_within_half_a_minute() {
    let mut rate_limiter = rate_limiter(50);
    let mut now = 0;
    for _ in 0..20 {
        rate_limiter.throttled(&conversation(1), Some(Duration::from_secs(1)), at(now), at(now));
        now += 1_000;
        if rate_limiter.permit(&conversation(2), at(now)) == Permit::Granted {
            rate_limiter.answered(at(now), at(now));
        }
    }
    assert!(rate_limiter.rate() < 10.0);
    let end = now;
    while rate_limiter.rate() < 47.5 {
        now += 100;
        if rate_limiter.permit(&conversation(now as usize), at(now)) == Permit::Granted {
            rate_limiter.answered(at(now), at(now));
        }
    }
    assert!(now - end <= 30_000, "{} ms", now - end);
}
