//! The configuration of a sandbox. The defaults suit a bot on this machine.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::connector::{Observer, TokenPolicy};
use crate::events::{DeliveryPolicy, Signer};
use crate::faults::FaultPlan;
use crate::limits::LimitTable;
use crate::world::{History, WorldSpec};

/// Where the page gets the official card renderer from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Renderer {
    /// No renderer: cards are shown as text.
    #[default]
    Absent,
    /// `adaptivecards.min.js` of the npm package `adaptivecards`. The file may appear later; the page picks it up.
    File(PathBuf),
}

/// Settings of a [`Sandbox`](crate::Sandbox).
pub struct SandboxConfig {
    /// Tenants, people, chats and teams.
    pub world: WorldSpec,
    /// Where activities are posted to (`http` only).
    pub bot_endpoint: String,
    /// `serviceUrl` of activities: where the bot reaches this sandbox's `/_connector`.
    pub service_url: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The rate limits.
    pub limits: LimitTable,
    /// Injected faults.
    pub faults: FaultPlan,
    /// Which tokens the connector accepts.
    pub tokens: TokenPolicy,
    /// Signs the activities; without it they carry no `Authorization`.
    pub signer: Option<Arc<dyn Signer>>,
    /// How often activities are posted.
    pub delivery: DeliveryPolicy,
    /// How much history is stored.
    pub history: History,
    /// Called for every accepted message.
    pub observer: Option<Observer>,
    /// The card renderer of the page.
    pub renderer: Renderer,
    /// The page's message about a missing renderer: why it is missing and how to get it.
    pub renderer_hint: String,
    /// File that stores installations, blocks and so on across restarts.
    pub state_file: Option<PathBuf>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            world: WorldSpec::default(),
            bot_endpoint: "http://127.0.0.1:3978/api/messages".to_owned(),
            service_url: "http://127.0.0.1:3979/_connector/".to_owned(),
            clock: Arc::new(SystemClock),
            limits: LimitTable::default(),
            faults: FaultPlan::default(),
            tokens: TokenPolicy::default(),
            signer: None,
            delivery: DeliveryPolicy::default(),
            history: History::default(),
            observer: None,
            renderer: Renderer::default(),
            renderer_hint: "It is the file dist/adaptivecards.min.js of the npm package adaptivecards: \
                with Node.js installed, run npm install adaptivecards."
                .to_owned(),
            state_file: None,
        }
    }
}
