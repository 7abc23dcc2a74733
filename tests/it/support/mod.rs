//! Doubles, real parts and the handler as a child process. No test lives here.

pub(crate) mod activities;
pub(crate) mod azurite;
pub(crate) mod blobs;
pub(crate) mod browser;
pub(crate) mod connector;
pub(crate) mod entra;
pub(crate) mod handler;
pub(crate) mod http;
pub(crate) mod jwt;
pub(crate) mod local;
pub(crate) mod local_bot;
pub(crate) mod modes;
pub(crate) mod notification;
pub(crate) mod output;
pub(crate) mod queue;
pub(crate) mod references;
pub(crate) mod room;
pub(crate) mod rsa;
pub(crate) mod wait;
