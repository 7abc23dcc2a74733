//! What is tried of Teams' limiter, and what a refusal makes of it.

use super::*;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Round trips whose latency varies, milliseconds; half is the way there.
const VARYING: [u64; 10] = [20, 40, 60, 80, 80, 80, 100, 160, 300, 600];
const STEADY: [u64; 1] = [80];

/// What Teams makes of a request, by its arrival.
type Limit = fn(&mut BTreeMap<u64, u32>, u64) -> bool;

fn takes_all(_: &mut BTreeMap<u64, u32>, _: u64) -> bool {
    true
}

/// A strict sliding second of 50.
fn sliding(taken: &mut BTreeMap<u64, u32>, at: u64) -> bool {
    let within: u32 = taken.range(at.saturating_sub(999)..=at).map(|(_, n)| n).sum();
    let fits = within < 50;
    *taken.entry(at).or_default() += u32::from(fits);
    fits
}

/// Teams and a lane that always has something to post.
struct Rig {
    rate_limiter: RateLimiter,
    now: u64,
    posts: u64,
    latency: &'static [u64],
    limit: Limit,
    taken: BTreeMap<u64, u32>,
    /// By the time of its answer: when it departed, its conversation, whether it was taken.
    open: BTreeMap<u64, Vec<(u64, usize, bool)>>,
    arriving: BTreeMap<u64, Vec<(u64, u64, usize)>>,
    departed: Vec<u64>,
    refused: u32,
}

impl Rig {
    fn new(rate: u32, latency: &'static [u64], limit: Limit) -> Self {
        Self {
            rate_limiter: rate_limiter(rate),
            now: 0,
            posts: 0,
            latency,
            limit,
            taken: BTreeMap::new(),
            open: BTreeMap::new(),
            arriving: BTreeMap::new(),
            departed: Vec::new(),
            refused: 0,
        }
    }

    fn step(&mut self) {
        let now = self.now;
        for (answer, departed, who) in self.arriving.remove(&now).unwrap_or_default() {
            let taken = (self.limit)(&mut self.taken, now);
            self.open.entry(answer).or_default().push((departed, who, taken));
        }
        for (departed, who, taken) in self.open.remove(&now).unwrap_or_default() {
            self.rate_limiter.answered(at(departed), at(now));
            if taken {
                self.rate_limiter.admitted(at(now));
            } else {
                self.refused += 1;
                let second = Some(Duration::from_secs(1));
                self.rate_limiter
                    .throttled(&conversation(who), second, at(departed), at(now));
            }
        }
        let who = self.departed.len();
        while self.rate_limiter.permit(&conversation(who), at(now)) == Permit::Granted {
            self.posts = self
                .posts
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(97);
            let trip = self.latency[(self.posts >> 33) as usize % self.latency.len()];
            let arrival = self.arriving.entry(now + trip / 2).or_default();
            arrival.push((now + trip, now, who));
            self.departed.push(now);
        }
        self.now += 1;
    }

    fn pass(&mut self, seconds: u64) -> &mut Self {
        (0..seconds * 1_000).for_each(|_| self.step());
        self
    }

    /// Posts a second in the last ten.
    fn pace(&self) -> f64 {
        let from = self.now.saturating_sub(10_000);
        self.departed.iter().filter(|at| **at >= from).count() as f64 / 10.0
    }

    fn snapshot(&self) -> Snapshot {
        self.rate_limiter.remember(at(self.now), Timestamp::UNIX_EPOCH)
    }
}

#[test]
fn where_teams_minds_departures_alone_they_reach_the_rate() {
    let mut rig = Rig::new(50, &VARYING, takes_all);
    assert!(rig.pass(11).pace() < 47.0, "{}", rig.pace());
    assert!(rig.pass(60).pace() > 49.5, "{}", rig.pace());
    assert_eq!(rig.refused, 0);
}

#[test]
fn a_strict_sliding_second_refuses_each_try_and_the_next_is_four_times_as_far() {
    let mut rig = Rig::new(50, &VARYING, sliding);
    let mut tries = Vec::new();
    let mut known = 0;
    for _ in 0..900 {
        rig.pass(1);
        let changes = rig.rate_limiter.lessons();
        tries.extend((known..changes).map(|_| rig.now / 1_000));
        known = changes;
    }
    // Each try is two changes, there and back.
    assert!(tries.len() <= 8, "{tries:?}");
    let began: Vec<u64> = tries.iter().step_by(2).copied().collect();
    for (first, next) in began.iter().zip(&began[1..]).skip(1) {
        assert!(*next > 3 * *first, "{began:?}");
    }
    assert!(
        f64::from(rig.refused) < 0.001 * rig.departed.len() as f64,
        "{}",
        rig.refused
    );
}

#[test]
fn no_step_lets_more_than_the_rate_depart_in_any_second() {
    for limit in [takes_all as Limit, sliding] {
        let mut rig = Rig::new(50, &VARYING, limit);
        rig.pass(200);
        assert_eq!(most_in_a_second(&rig.departed), 50);
    }
    let mut lower = Rig::new(20, &VARYING, takes_all);
    assert_eq!(most_in_a_second(&lower.pass(200).departed), 20);
}

#[test]
fn where_latency_is_steady_nothing_is_tried() {
    let mut rig = Rig::new(50, &STEADY, sliding);
    rig.pass(120);
    assert_eq!((rig.refused, rig.rate_limiter.lessons()), (0, 0));
    assert!(rig.snapshot().is_empty());
}

#[test]
fn what_was_learnt_is_the_next_owner_s_too_at_the_same_rate_only() {
    let mut rig = Rig::new(50, &VARYING, takes_all);
    let known = rig.pass(60).snapshot();
    let text = serde_json::to_string(&known).unwrap();
    let known: Snapshot = serde_json::from_str(&text).unwrap();
    for (rate, keeps) in [(50, true), (40, false)] {
        let mut next = Rig::new(rate, &VARYING, takes_all);
        next.rate_limiter.recall(&known, at(0), Timestamp::UNIX_EPOCH);
        next.pass(9);
        let share = next.departed.len() as f64 / 9.0 / f64::from(rate);
        assert_eq!(share > 0.985, keeps, "{share}");
    }
}

#[test]
fn a_429_of_one_conversation_or_far_below_the_rate_takes_no_step_back() {
    let mut rig = Rig::new(50, &VARYING, takes_all);
    rig.pass(60);
    let (learnt, now) = (rig.rate_limiter.lessons(), rig.now);
    let busy = conversation(usize::MAX);
    for step in 0..7 {
        rig.rate_limiter.conversations.sent(digest(&busy), at(now + step));
    }
    rig.rate_limiter.throttled(&busy, None, at(now + 6), at(now + 7));
    assert_eq!(rig.rate_limiter.lessons(), learnt);
    for second in 1..6 {
        let now = now + second * 2_000;
        rig.rate_limiter.throttled(
            &conversation(second as usize),
            Some(Duration::from_secs(1)),
            at(now),
            at(now),
        );
    }
    // The first is at the rate, the second little below; then the rate is what Teams throttles.
    assert!(rig.rate_limiter.lessons() <= learnt + 3);
}

#[test]
fn a_note_of_a_later_version_with_other_steps_is_read() {
    let text = r#"{"learnt":{"rate":50,"step":9,"refused":[1,2,3,4,5,6],"hundreds":7,"more":true}}"#;
    let known: Snapshot = serde_json::from_str(text).unwrap();
    let mut next = Rig::new(50, &VARYING, takes_all);
    next.rate_limiter.recall(&known, at(0), Timestamp::UNIX_EPOCH);
    assert_eq!(next.rate_limiter.pace.remember(), None);
}
