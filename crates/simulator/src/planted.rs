//! Bugs on purpose, so that the schedules can show that they find what they look for. Each is a mistake as it would be
//! made, put between a process and its ports: the domain's own code has nothing of it.
//!
//! A bug is a function that takes a process's ports and gives them back with something in front of one of them;
//! [`crate::world::Launch::ports`] takes it. It lies before the fuse and the wire, so that it dies and freezes with
//! its process, and what it asks of the stores can get lost like everything else.

mod leases;
mod ledgers;
mod limits;
pub mod objects;
mod pauses;
mod persons;
mod posts;
mod records;
mod waits;

pub use leases::{handed_over_while_posting, lease_of_two_owners};
pub use ledgers::{intent_after_post, lines_lost, never_fenced};
pub use limits::{always_bold, throttles_unheard};
pub use pauses::pause_forgotten_by_others;
pub use persons::{opt_outs_unheard, preference_not_stored};
pub use posts::{
    ambiguous_taken_for_certain, clock_too_fast, reference_removed_by_answer, repeated_by_the_client,
};
pub use records::{accepted_before_stored, end_of_a_part_lost};
pub use waits::{evidence_shared, probe_stuck};
