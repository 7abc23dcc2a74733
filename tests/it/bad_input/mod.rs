//! Mistakes, each answered with what is wrong, where, and what is accepted.

mod api;
mod hostile_cards;
mod project;
mod quarantined;
mod settings;
mod templates;
