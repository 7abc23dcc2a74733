//! What the functions run: HTTP calls, timers and chat commands wired to a bot. The code that they run is in
//! `triggers`; this file only holds it together.

use crate::{
    actions::{CardActions, Pressed},
    api::{self, Call, Problem, PublicPath, PublicPaths},
    bot::NotificationBot,
    chat::{ChatCommand, ChatCommands, ChatReply},
    delivery,
    message_handler::{self, Inbox},
    send::SendError,
    tick::Tick,
};
use axum::{extract::Request, routing::any};
use custom_handler::{Failure, Invocation, QueueItem, Timer};
use futures::future::BoxFuture;
use notify::accept::Accepted;
use std::{future::Future, sync::Arc};
use teams::invoke::Reply;

/// Answers `POST /api/notification`.
pub(crate) type OnCall =
    Arc<dyn Fn(NotificationBot, Call) -> BoxFuture<'static, Result<Accepted, Problem>> + Send + Sync>;

/// Public path of the notification API, as the host forwards it.
const API: &str = "/api/notification";
/// Public path of the API's description.
const OPENAPI: &str = "/api/openapi.json";
/// Public path of the health check.
const HEALTH: &str = "/api/health";
/// Public path of the bot endpoint.
const MESSAGES: &str = "/api/messages";

/// A bot with everything that can trigger it.
pub struct App {
    bot: NotificationBot,
    functions: custom_handler::App,
    commands: ChatCommands,
    actions: CardActions,
}

impl App {
    /// A bot that nothing triggers yet.
    pub fn new(bot: NotificationBot) -> Self {
        Self {
            bot,
            functions: custom_handler::App::new(),
            commands: ChatCommands::default(),
            actions: CardActions::default(),
        }
    }

    /// Runs `handler` for a call of the notification API; reading and cancelling notifications is built in.
    pub fn http<F>(mut self, function: &'static str, handler: fn(NotificationBot, Call) -> F) -> Self
    where
        F: Future<Output = Result<Accepted, Problem>> + Send + 'static,
    {
        let handler: OnCall = Arc::new(move |bot, call| Box::pin(handler(bot, call)));
        let bot = self.bot.clone();
        let base = PublicPath::new(API);
        let route = api::mounted(api::router(bot, handler, base.clone()), &base);
        let below = format!("{API}/{{*rest}}");
        self.functions = self
            .functions
            .http(API, route.clone())
            .http(&below, route)
            .http_function(function);
        self
    }

    /// Runs `handler` at every tick of a timer.
    pub fn timer<F>(mut self, function: &'static str, handler: fn(NotificationBot, Tick) -> F) -> Self
    where
        F: Future<Output = Result<(), SendError>> + Send + 'static,
    {
        let bot = self.bot.clone();
        let run = move |timer: Timer, call: Invocation| {
            let bot = bot.clone();
            let tick = Tick::new(function, &timer, &call, bot.schedules(), bot.clock().wall());
            async move {
                handler(bot, tick)
                    .await
                    .map_err(|error| Failure::new(error.to_string()))
            }
        };
        self.functions = self.functions.timer(function, run);
        self
    }

    /// Answers a chat message that says `word` (case doesn't matter; in groups and channels the bot is mentioned).
    pub fn command<F>(mut self, word: &'static str, handler: fn(NotificationBot, ChatCommand) -> F) -> Self
    where
        F: Future<Output = ChatReply> + Send + 'static,
    {
        self.commands
            .add(word, move |bot, command| Box::pin(handler(bot, command)));
        self
    }

    /// Answers a pressed `Action.Execute` of this verb (case doesn't matter).
    pub fn action<F>(mut self, verb: &'static str, handler: fn(NotificationBot, Pressed) -> F) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        self.actions
            .add(verb, move |bot, pressed| Box::pin(handler(bot, pressed)));
        self
    }

    /// The functions, ready to be served under the Functions host or the local host.
    pub(crate) fn into_functions(self) -> custom_handler::App {
        let (bot, people) = (self.bot, Arc::new((self.commands, self.actions)));
        let inbox = Arc::new(Inbox::default());
        let receiver = bot.clone();
        let receive = any(move |request: Request| {
            let (bot, people, inbox) = (receiver.clone(), Arc::clone(&people), Arc::clone(&inbox));
            async move {
                let (parts, body) = request.into_parts();
                message_handler::receive(&bot, &inbox, &people.0, &people.1, parts, body).await
            }
        });
        let paths = PublicPaths {
            notification: PublicPath::new(API),
            openapi: PublicPath::new(OPENAPI),
            health: PublicPath::new(HEALTH),
        };
        let openapi = api::mounted(api::openapi_router(&paths), &paths.openapi);
        let health = api::mounted(api::health_router(bot.clone()), &paths.health);
        let (follower, watcher) = (bot.clone(), bot);
        self.functions
            .http(OPENAPI, openapi)
            .http_function("apiTrigger")
            .http(HEALTH, health)
            .http_function("healthTrigger")
            .http(MESSAGES, receive)
            .http_function("messageHandler")
            .queue(delivery::QUEUE, move |item: QueueItem, _: Invocation| {
                delivery::receive(follower.clone(), item)
            })
            .timer(delivery::TIMER, move |timer: Timer, call: Invocation| {
                let bot = watcher.clone();
                let tick = Tick::new(
                    delivery::TIMER,
                    &timer,
                    &call,
                    bot.schedules(),
                    bot.clock().wall(),
                );
                delivery::maintain(bot, tick)
            })
    }
}
