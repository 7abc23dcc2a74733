//! What Teams tells about installations, and what is known after it: read from the store's file.

mod copilot;
mod order;
mod outage;
mod recorded;
mod requests;
mod table;
mod teams;

use crate::support::local_bot::LocalBot;
