//! The handler as a child process: how it is started, watched, restarted and ended.

mod command;
pub(crate) mod lines;
mod policy;
mod supervisor;

pub(crate) use command::ChildSpec;
pub use command::StartError;
pub(crate) use supervisor::{Readiness, Stop, Supervisor, SupervisorOptions, wait_until_ready};
