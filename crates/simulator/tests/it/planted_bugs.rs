//! The schedules find what they look for: bugs planted in the domain (its test-only feature `planted-bugs`).

use crate::schedules::first_broken;
use notify::{planted_bugs::Planted, settings::Settings};

/// Seeds within which each of them is found.
const SEEDS: u64 = 1_000;

fn is_found(name: &str, plant: fn(&mut Settings)) {
    let found = first_broken(SEEDS, plant);
    let (seed, what) = found.unwrap_or_else(|| panic!("{name} was not found within {SEEDS} seeds"));
    println!("{name}: found at seed {seed}: {what}");
}

#[test]
fn an_intent_written_after_the_post_is_found() {
    is_found("an intent written after the post", |settings| {
        settings.planted = Planted::IntentAfterPost;
    });
}

#[test]
fn a_claim_without_fencing_record_is_found() {
    is_found("no fencing record", |settings| {
        settings.planted = Planted::NoFencingRecord;
    });
}

#[test]
fn a_504_retried_under_report_is_found() {
    is_found("a 504 retried under `report`", |settings| {
        settings.planted = Planted::AmbiguousRetriedUnderReport;
    });
}

#[test]
fn a_rate_limiter_reset_on_handover_is_found() {
    is_found("a rate limiter reset on hand-over", |settings| {
        settings.planted = Planted::RateLimiterReset;
    });
}

#[test]
fn a_reference_removed_by_an_answer_is_found() {
    is_found("a reference removed by an answer", |settings| {
        settings.planted = Planted::RemovedByAnswer;
    });
}
