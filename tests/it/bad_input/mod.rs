//! Mistakes, each answered with what is wrong, where, and what is accepted.

mod api;
mod hostile_cards;
mod parked;
mod project;
mod settings;
mod templates;
