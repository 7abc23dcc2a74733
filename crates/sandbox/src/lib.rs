//! A simulated Teams: the Bot Connector with limits and faults, and a page that renders the cards.
//!
//! A [`Sandbox`] holds a small world (tenants, people, chats, teams) and responds to a bot like the Bot Connector
//! (REST v3). It can be used over HTTP ([`Sandbox::router`]) or as a function ([`Connector::handle`]),
//! in real or in virtual time ([`Clock`]).
//!
//! It shares no code with any bot framework, whose mistakes it would repeat.
//!
//! ```
//! use std::time::Duration;
//! use sandbox::{Request, Sandbox, SandboxConfig, WorldSpec};
//!
//! let config = SandboxConfig { world: WorldSpec::of_people(300_000), ..SandboxConfig::default() };
//! let sandbox = Sandbox::new(config)?;
//! let chat = sandbox.personal_conversation(0, 123_456).unwrap();
//! let body = r#"{"type":"message","from":{"id":"28:bot"},"text":"hello"}"#;
//! let answer = sandbox.connector().handle(Duration::from_secs(1_767_603_601), &Request::send(&chat, body));
//! assert_eq!(answer.status(), Some(201));
//! assert_eq!(sandbox.accepted(&chat)?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod config;
mod connector;
mod control;
mod events;
mod faults;
mod ids;
mod limits;
mod live;
mod page;
mod sandbox;
mod switches;
mod world;

pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Renderer, SandboxConfig};
pub use connector::{
    Accepted, Answer, Connector, Media, NotAnOperation, Observer, Operation, Reply, Request, Stats,
    TokenPolicy,
};
pub use events::{
    Delivery, DeliveryPolicy, EventError, EventReport, InvokeAnswer, Mention, Signer, TeamsEvent,
};
pub use faults::{Effect, Fault, FaultMode, FaultPlan, FaultRates, Latency, RoundTrip, ScriptedResponse};
pub use ids::PersonKey;
pub use limits::{Counting, LimitTable, RateLimit, RetryAfter};
pub use page::{LOOK_SCRIPT, TEXT_SCRIPT};
pub use sandbox::{Announcement, Sandbox, SandboxError};
pub use switches::{Parameter, ParameterKind, ScopeKind, Switch, SwitchError};
pub use world::{
    Author, DEFAULT_BOT_APP_ID, Entry, EntryState, GroupSpec, History, Person, Place, Presence,
    SavedWorldError, TeamLife, TeamSpec, TenantSpec, Tone, UnknownConversation, WorldSpec,
};

/// Tests the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
