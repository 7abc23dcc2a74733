//! The schedules find what they look for: bugs that are put between the processes and their ports.

use crate::schedules::first_broken;
use notify::ports::Ports;
use simulator::planted;

/// Seeds within which each of them is found.
const SEEDS: u64 = 1_000;

/// The words are those of the promise that the bug breaks.
fn is_found(bug: fn(Ports) -> Ports, words: &str) {
    let found = first_broken(SEEDS, bug, words);
    let (seed, what) = found.unwrap_or_else(|| panic!("not found within {SEEDS} seeds: {words}"));
    println!("found at seed {seed}: {what}");
}

#[test]
fn an_intent_written_after_the_post_is_found() {
    is_found(planted::intent_after_post, "accepted twice");
}

#[test]
fn an_owner_that_nobody_fences_is_found() {
    is_found(planted::never_fenced, "a count went down");
}

#[test]
fn lines_that_get_lost_are_found() {
    is_found(planted::lines_lost, "the ledgers prove");
}

#[test]
fn a_504_taken_for_a_503_is_found() {
    is_found(
        planted::ambiguous_taken_for_certain,
        "accepted twice under `report`",
    );
}

#[test]
fn a_post_that_the_client_repeats_is_found() {
    is_found(planted::repeated_by_the_client, "accepted twice");
}

#[test]
fn a_lane_handed_over_while_its_owner_posts_is_found() {
    is_found(planted::handed_over_while_posting, "posts in a second");
}

#[test]
fn a_lease_of_two_owners_is_found() {
    is_found(planted::lease_of_two_owners, "posts in a second");
}

#[test]
fn a_rate_limiter_whose_clock_is_too_fast_is_found() {
    is_found(planted::clock_too_fast, "posts in a second");
}

#[test]
fn a_reference_removed_by_an_answer_is_found() {
    is_found(
        planted::reference_removed_by_answer,
        "references disappeared without an event",
    );
}

#[test]
fn an_answer_given_before_the_notification_is_stored_is_found() {
    is_found(planted::accepted_before_stored, "was accepted and is lost");
}

#[test]
fn an_end_of_a_part_that_gets_lost_is_found() {
    is_found(planted::end_of_a_part_lost, "not at its end");
}

#[test]
fn a_tenant_that_is_always_probed_with_the_same_person_is_found() {
    is_found(planted::probe_stuck, "was probed twice in a row");
}

#[test]
fn a_refusal_of_one_tenant_that_is_taken_for_all_is_found() {
    is_found(
        planted::evidence_shared,
        "waits for what another tenant was answered",
    );
}

#[test]
fn a_preference_that_is_confirmed_and_not_stored_is_found() {
    is_found(planted::preference_not_stored, "after the opt-out was confirmed");
}

#[test]
fn a_pause_that_whoever_takes_over_forgets_is_found() {
    is_found(
        planted::pause_forgotten_by_others,
        "after the pause was confirmed",
    );
}

#[test]
fn an_owner_that_never_hears_of_opt_outs_is_found() {
    is_found(planted::opt_outs_unheard, "after the opt-out was confirmed");
}
