//! A notification bot for Microsoft Teams as an Azure Functions custom handler: the library behind the template.

mod actions;
mod api;
mod app;
mod bot;
mod chat;
mod cli;
mod commands;
mod compose;
mod delivery;
mod incoming;
mod message_handler;
mod output;
mod run;
mod schedules;
mod send;
mod settings;
mod stores;
mod subject;
mod templates;
mod tick;
mod unwanted;

pub use actions::Pressed;
pub use api::{Call, Problem};
pub use app::App;
pub use bot::NotificationBot;
pub use chat::{ChatCommand, ChatReply};
pub use notify::{accept::Accepted, ports::StoreError, target::Scope};
pub use run::run;
pub use send::{Draft, SendError};
pub use subject::{Preference, Subject};
pub use teams::invoke::Reply;
pub use templates::CardError;
pub use tick::Tick;
