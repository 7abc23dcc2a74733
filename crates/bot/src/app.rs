//! What a project runs: its functions, and its answers to people. This holds it together; nothing is decided here.

use crate::{
    action::{Action, ActionReply},
    bot::NotificationBot,
    command::Command,
    delivery,
    hooks::{Answer, ErrorPlace, ErrorReport, IncomingMessage, Installed, MembersAdded, caught, handler},
    http::{Entrances, HttpFunction, HttpFunctions, IntoHttpFunction, Runs},
    message_handler::{self, Inbox, People},
    tick::Tick,
};
use axum::{Router, extract::Request, routing::any};
use custom_handler::{Batch, Envelope, Failure, Invocation, QueueItem, Timer, Trigger};
use std::{future::Future, sync::Arc};

/// The function of the bot endpoint.
const MESSAGES: &str = "messageHandler";
/// The function of the API's description.
const OPENAPI: &str = "apiTrigger";
/// The function of the health check.
const HEALTH: &str = "healthTrigger";

/// A bot with everything that can trigger it. Each function has a folder with its `function.json`; its name here is the
/// folder's.
///
/// ```
/// use teams_notify::{App, Bot, Failure, Notification, Tick};
///
/// fn app(bot: Bot) -> App {
///     App::new(bot)
///         .http("httpTrigger", teams_notify::api())
///         .timer("timerTrigger", every_tick)
/// }
///
/// async fn every_tick(bot: Bot, tick: Tick) -> Result<(), Failure> {
///     bot.send_on_tick(&tick, Notification::card("default")).await?;
///     Ok(())
/// }
/// ```
#[must_use]
pub struct App {
    bot: NotificationBot,
    functions: custom_handler::App,
    names: Vec<&'static str>,
    http: HttpFunctions,
    people: People,
}

impl App {
    /// A bot that nothing triggers yet but Teams.
    pub fn new(bot: NotificationBot) -> Self {
        let mut http = HttpFunctions::default();
        http.add(MESSAGES, Runs::Messages);
        http.add(OPENAPI, Runs::OpenApi);
        http.add(HEALTH, Runs::Health);
        Self {
            bot,
            functions: custom_handler::App::new(),
            names: Vec::new(),
            http,
            people: People::default(),
        }
    }

    /// Runs code for an HTTP function: [`api()`](crate::api()) for the notification API, or an async function of a
    /// bot and an [`HttpRequest`](crate::HttpRequest). Route, verbs and who may call are in its `function.json`.
    pub fn http<Marker>(mut self, function: &'static str, code: impl IntoHttpFunction<Marker>) -> Self {
        let HttpFunction(runs) = code.into_http_function();
        self.http.add(function, runs);
        self
    }

    /// Runs code at every tick of a timer.
    pub fn timer<H, F>(self, function: &'static str, code: H) -> Self
    where
        H: Fn(NotificationBot, Tick) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.add(
            function,
            move |bot: NotificationBot, timer: Timer, call: Invocation| {
                let tick = Tick::new(function, &timer, &call, bot.schedules(), bot.clock().wall());
                code(bot, tick)
            },
        )
    }

    /// Runs code for each message of a storage queue of the project. A failure brings the message again.
    pub fn queue<H, F>(self, function: &'static str, code: H) -> Self
    where
        H: Fn(NotificationBot, QueueItem) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.add(function, move |bot, item: QueueItem, _| code(bot, item))
    }

    /// Runs code for each batch of events: Event Hubs and Service Bus with `"cardinality": "many"`, Cosmos DB's changes.
    pub fn events<H, F>(self, function: &'static str, code: H) -> Self
    where
        H: Fn(NotificationBot, Batch) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.add(function, move |bot, events: Batch, _| code(bot, events))
    }

    /// Runs code for a function with any other trigger: `Data` and `Metadata` as the host sent them.
    pub fn function<H, F>(self, function: &'static str, code: H) -> Self
    where
        H: Fn(NotificationBot, Envelope) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.add(function, move |bot, envelope: Envelope, _| code(bot, envelope))
    }

    /// Answers a chat message that begins with these words (case doesn't matter; in groups and channels the bot is
    /// mentioned).
    pub fn command<H, F>(mut self, words: &'static str, code: H) -> Self
    where
        H: Fn(NotificationBot, Command) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        self.people.commands.add(words, handler(code));
        self
    }

    /// Answers a pressed `Action.Execute` of this verb (case doesn't matter).
    pub fn action<H, F>(mut self, verb: &'static str, code: H) -> Self
    where
        H: Fn(NotificationBot, Action) -> F + Send + Sync + 'static,
        F: Future<Output = Result<ActionReply, Failure>> + Send + 'static,
    {
        self.people.actions.add(verb, handler(code));
        self
    }

    /// Runs code when the bot was installed, after that is stored: once for an installation, again after a removal, not
    /// for an update of the app. What it gives back is posted there.
    pub fn on_install<H, F>(self, code: H) -> Self
    where
        H: Fn(NotificationBot, Installed) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        self.people.hooks.on_install.set("on_install", handler(code));
        self
    }

    /// Runs code when people came into a chat or team of the bot. Teams tells an addition more than once: what comes again
    /// within ten minutes, without a removal in between, is left out by this process; after a restart, or on another
    /// instance, it may be told again. Not in a personal chat, where the person comes together with the bot:
    /// [`on_install`](Self::on_install) is the place for a welcome there.
    pub fn on_members_added<H, F>(self, code: H) -> Self
    where
        H: Fn(NotificationBot, MembersAdded) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        self.people
            .hooks
            .on_members_added
            .set("on_members_added", handler(code));
        self
    }

    /// Runs code for a message that is no command.
    pub fn on_message<H, F>(self, code: H) -> Self
    where
        H: Fn(NotificationBot, IncomingMessage) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        self.people.hooks.on_message.set("on_message", handler(code));
        self
    }

    /// Runs code when a function, a command, an action or a hook of the project failed or panicked; an HTTP function also
    /// where it answers 500 and upwards. The failure is in the log already.
    pub fn on_error<H, F>(self, code: H) -> Self
    where
        H: Fn(NotificationBot, ErrorReport) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.people.hooks.on_error.set("on_error", handler(code));
        self
    }

    fn add<T, H, F>(mut self, function: &'static str, code: H) -> Self
    where
        T: Trigger + Send + 'static,
        H: Fn(NotificationBot, T, Invocation) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let (bot, hooks) = (self.bot.clone(), Arc::clone(&self.people.hooks));
        let code = Arc::new(code);
        let run = move |trigger: T, call: Invocation| {
            let (bot, hooks, code) = (bot.clone(), Arc::clone(&hooks), Arc::clone(&code));
            async move {
                let result = caught(|| code(bot.clone(), trigger, call)).await;
                let failure = match &result {
                    Ok(Ok(())) => None,
                    Ok(Err(failure)) => Some(failure.clone()),
                    Err(panicked) => Some(panicked.failure()),
                };
                if let Some(failure) = failure {
                    let place = ErrorPlace::Function(function.to_owned());
                    hooks.failed(&bot, place, failure);
                }
                result.unwrap_or_else(|panicked| panicked.resume())
            }
        };
        self.functions = self.functions.function(function, run);
        self.names.push(function);
        self
    }

    /// Whether the project has code for a function that is not HTTP.
    pub(crate) fn has_code(&self, function: &str) -> bool {
        self.names.contains(&function)
    }

    /// Where Teams and callers of the API find it, below the host's address.
    pub(crate) fn entrances(&self) -> Entrances {
        self.http.entrances(self.bot.routes())
    }

    /// The functions, ready to be served under the Functions host or the local host.
    pub(crate) fn into_functions(self) -> custom_handler::App {
        let bot = self.bot;
        let people = Arc::new(self.people);
        let hooks = Arc::clone(&people.hooks);
        let inbox = Arc::new(Inbox::default());
        let receiver = bot.clone();
        let receive = any(move |request: Request| {
            let (bot, people, inbox) = (receiver.clone(), Arc::clone(&people), Arc::clone(&inbox));
            async move {
                let (parts, body) = request.into_parts();
                message_handler::receive(&bot, &inbox, &people, parts, body).await
            }
        });
        let http: Vec<&'static str> = self.http.names().collect();
        bot.functions().check(self.names.iter().chain(&http).copied());
        let mut functions = self.functions;
        for name in http {
            functions = functions.http_function(name);
        }
        let router = self
            .http
            .into_router(&bot, hooks, Router::new().fallback_service(receive));
        let (receiver, maintainer) = (bot.clone(), bot);
        functions
            .routes(router)
            .queue(delivery::QUEUE, move |item: QueueItem, _: Invocation| {
                delivery::receive(receiver.clone(), item)
            })
            .timer(delivery::TIMER, move |timer: Timer, call: Invocation| {
                let bot = maintainer.clone();
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
