//! A notification bot for Microsoft Teams as an Azure Functions custom handler: the library behind the template.

/// Less processor time a card than with the C library's, which also keeps what large work took: docs/benchmarks.md.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod action;
mod api;
mod app;
mod audience;
mod bot;
mod cli;
mod command;
mod commands;
mod compose;
#[cfg(test)]
mod debug_output;
mod delivery;
mod discarded_body;
mod functions;
mod hooks;
mod http;
mod incoming;
mod message;
mod message_handler;
mod notification;
mod origin;
mod output;
mod project;
mod reply;
mod run;
mod schedules;
mod send;
mod settings;
mod signed_buttons;
mod stores;
mod templates;
mod tick;

pub use action::{Action, ActionReply, Started};
pub use api::{Api, Problem, api};
pub use app::App;
pub use audience::{Audience, EmptyAudience};
pub use bot::NotificationBot as Bot;
pub use command::Command;
pub use custom_handler::{Batch, Envelope, Failure, Payload, PayloadError, QueueItem};
pub use hooks::{Answer, ErrorPlace, ErrorReport, IncomingMessage, Installed, MembersAdded};
pub use http::{HttpFunction, HttpRequest, IntoHttpFunction};
pub use message::Message;
pub use notification::Notification;
pub use notify::persons::Preference;
pub use notify::{ids, ports, target::Scope};
pub use origin::{Origin, Person};
pub use run::{Program, run};
pub use send::{SendError, Sent};
pub use stores::StoreSettings;
pub use templates::CardError;
pub use tick::Tick;

/// Conversation references, for stores and lists of a project's own.
pub mod references {
    pub use notify::{
        person::PersonKey,
        reference::ConversationReference,
        target::{Installation, ReferenceRecord, Target, TargetKey, Tombstone},
    };
}

/// What stores of a project's own must do: call these in tests of those stores.
#[cfg(feature = "conformance")]
pub mod conformance {
    pub use storage::conformance::{Pass, references, semantics as objects};
}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/make-it-yours.md")]
struct MakeItYours;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/from-teamsfx.md")]
struct FromTeamsFx;
