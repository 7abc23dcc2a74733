//! Limits in virtual time.

use super::*;
use crate::ids::PersonKey;

fn chat(number: u32) -> Option<(Place, RequestClass)> {
    Some((
        Place::Personal(PersonKey { tenant: 0, number }),
        RequestClass::Send,
    ))
}

fn at(millis: u64) -> Duration {
    Duration::from_millis(1_700_000_000_000 + millis)
}

#[test]
fn a_tenant_gets_fifty_in_any_second_and_each_tenant_its_own() {
    let mut limiter = Limiter::new(LimitTable::teams());
    for n in 0..50 {
        assert_eq!(limiter.admit(at(u64::from(n) * 10), Some(0), chat(n)), Ok(()));
    }
    let refused = limiter.admit(at(600), Some(0), chat(99)).unwrap_err();
    assert_eq!(refused.wait, Duration::from_millis(400));
    assert_eq!(limiter.admit(at(600), Some(1), chat(99)), Ok(()));
    assert!(limiter.admit(at(999), Some(0), chat(99)).is_err());
    assert_eq!(limiter.admit(at(1000), Some(0), chat(99)), Ok(()));
    assert_eq!(limiter.peaks(), (50, 51));
}

#[test]
fn a_conversation_gets_seven_eight_sixty_and_eighteen_hundred() {
    let mut limiter = Limiter::new(LimitTable::teams());
    let mut send = |millis| limiter.admit(at(millis), Some(0), chat(1));
    for _ in 0..7 {
        assert!(send(0).is_ok());
    }
    assert!(send(0).is_err());
    assert!(send(1000).is_ok(), "the eighth within two seconds");
    assert_eq!(send(1000).unwrap_err().wait, Duration::from_millis(1000));
    let mut sent = 8;
    for step in 0..280 {
        if send(2000 + step * 100).is_ok() {
            sent += 1;
        }
    }
    assert_eq!(sent, 60, "sixty in thirty seconds");
    let mut hour = 0;
    let mut hourly = Limiter::new(LimitTable::teams());
    for second in 0..3600 {
        if hourly.admit(at(second * 1000), Some(0), chat(1)).is_ok() {
            hour += 1;
        }
    }
    assert_eq!(hour, 1800);
}

#[test]
fn refused_requests_cost_nothing() {
    let mut limiter = Limiter::new(LimitTable::teams().with_tenant_rate(1));
    assert!(limiter.admit(at(0), Some(0), chat(1)).is_ok());
    for millis in 1..1000 {
        assert!(limiter.admit(at(millis), Some(0), chat(2)).is_err());
    }
    assert!(limiter.admit(at(1000), Some(0), chat(2)).is_ok());
}

#[test]
fn lifted_limits_still_show_the_rate() {
    let mut limiter = Limiter::new(LimitTable::lifted());
    for n in 0..10_000 {
        assert!(limiter.admit(at(n / 10), Some(0), chat(1)).is_ok());
    }
    assert_eq!(limiter.peaks(), (10_000, 10_000));
    assert!(limiter.conversations.is_empty());
}

#[test]
fn memory_follows_the_last_hour() {
    let mut limiter = Limiter::new(LimitTable::teams().with_tenant_rate(1_000_000));
    for n in 0..100_000_u32 {
        limiter.admit(at(u64::from(n) * 1000), Some(0), chat(n)).unwrap();
    }
    assert!(
        limiter.conversations.len() <= 2 * 4096,
        "{}",
        limiter.conversations.len()
    );
}

#[test]
fn a_clock_that_jumps_back_admits_nothing_extra() {
    let mut limiter = Limiter::new(LimitTable::teams().with_tenant_rate(1));
    assert!(limiter.admit(at(5000), Some(0), chat(1)).is_ok());
    assert!(limiter.admit(at(1000), Some(0), chat(2)).is_err());
    assert!(limiter.admit(at(6000), Some(0), chat(2)).is_ok());
}

/// How many of as many requests as may come, one a millisecond, are admitted in each of two seconds, from half a second of
/// the clock on.
fn admitted(counting: Counting) -> [u32; 2] {
    let mut limiter = Limiter::new(LimitTable::teams().counting(counting));
    let mut admitted = [0; 2];
    for n in 0..2_000 {
        let answer = limiter.admit(at(500 + u64::from(n)), Some(0), chat(n));
        admitted[n as usize / 1_000] += u32::from(answer.is_ok());
    }
    admitted
}

#[test]
fn a_tenant_is_counted_as_the_table_says() {
    assert_eq!(admitted(Counting::SlidingWindow), [50, 50]);
    assert_eq!(admitted(Counting::FixedWindow), [100, 50]);
    assert_eq!(admitted(Counting::TokenBucket { tokens: 50 }), [99, 50]);
    assert_eq!(admitted(Counting::TokenBucket { tokens: 10 }), [59, 50]);
}

#[test]
fn who_is_refused_learns_when_there_is_room_again() {
    for (counting, wait) in [
        (Counting::SlidingWindow, 1_000),
        (Counting::FixedWindow, 700),
        (Counting::TokenBucket { tokens: 50 }, 20),
    ] {
        let mut limiter = Limiter::new(LimitTable::teams().counting(counting));
        for n in 0..50 {
            assert_eq!(limiter.admit(at(300), Some(0), chat(n)), Ok(()));
        }
        let refused = limiter.admit(at(300), Some(0), chat(50)).unwrap_err();
        assert_eq!(refused.wait, Duration::from_millis(wait), "{counting:?}");
        assert_eq!(limiter.admit(at(300) + refused.wait, Some(0), chat(50)), Ok(()));
    }
}
