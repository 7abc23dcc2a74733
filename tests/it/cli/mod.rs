//! The command line: what it prints, to the letter where people and scripts read it.

mod card;
mod card_check;
mod card_preview;
mod forget;
mod help;
mod notification;
mod operators_on_blobs;
