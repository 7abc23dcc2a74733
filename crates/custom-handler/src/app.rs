//! The registration of functions and routes. Built once at start; requests are handled in `dispatch`.

mod caller;
mod dispatch;
mod function;
mod path_spelling;
mod routes;
mod wiring;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use axum::routing::MethodRouter;
use axum::{Extension, Router};
use futures::FutureExt as _;
use futures::future::BoxFuture;

pub(crate) use caller::{Caller, ListeningPort};
pub(crate) use dispatch::{Dispatcher, dispatch};
pub use function::{Function, HttpFunction};
pub use routes::RouteName;
pub use wiring::WiringError;

use crate::envelope::{Envelope, EnvelopeError};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::reply::Reply;
use crate::starting::StartGate;
use crate::trigger::{QueueItem, Timer, Trigger};

/// Why an invocation has no reply.
pub(crate) enum InvocationError {
    Malformed(EnvelopeError),
    Failed(Failure),
}

type FunctionRunner =
    Box<dyn Fn(Envelope, Invocation) -> BoxFuture<'static, Result<Reply, InvocationError>> + Send + Sync>;

pub(crate) enum FunctionKind {
    Envelope(FunctionRunner),
    Http(HttpFunction),
}

const DEFAULT_ENVELOPE_LIMIT: usize = 64 * 1024 * 1024;

/// A set of functions with any triggers: HTTP routes, timers, queues and others.
///
/// ```
/// use axum::routing::post;
/// use custom_handler::{App, Failure, Invocation, QueueItem, Reply, Timer};
///
/// let app = App::new()
///     .http("/api/orders", post(|| async { "taken" }))
///     .timer("everyNight", |_tick: Timer, _call: Invocation| async move { Ok::<_, Failure>(()) })
///     .queue("orderItems", |item: QueueItem, _call: Invocation| async move {
///         let order: serde_json::Value = item.json()?;
///         Reply::new().queue_json("shipments", &order).map_err(Failure::from)
///     });
/// let router: axum::Router = app.into_router()?;
/// # Ok::<(), custom_handler::WiringError>(())
/// ```
#[must_use]
pub struct App {
    functions: Vec<(Function, FunctionKind)>,
    routes: Vec<(String, MethodRouter)>,
    routers: Vec<Router>,
    envelope_limit: usize,
}

impl Default for App {
    fn default() -> Self {
        Self {
            functions: Vec::new(),
            routes: Vec::new(),
            routers: Vec::new(),
            envelope_limit: DEFAULT_ENVELOPE_LIMIT,
        }
    }
}

impl App {
    /// An application without functions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves one public path, as the host forwards or proxies it: with the route prefix (`/api/…`) and in axum's
    /// syntax (`{id}`, `{*rest}`).
    ///
    /// The host routes case-insensitively and ignores a trailing slash, but passes the path unchanged; so this matches
    /// by the same rules. Values of parameters are unchanged.
    pub fn http(mut self, path: &str, methods: MethodRouter) -> Self {
        self.routes.push((path.to_owned(), methods));
        self
    }

    /// Serves all routes of an axum router; its layers, state and fallback stay its own, and its paths are matched as
    /// axum does it.
    ///
    /// axum merges routers when [`into_router`](Self::into_router) is called, and panics there if two of them
    /// serve the same path or bring a fallback each.
    pub fn routes(mut self, router: Router) -> Self {
        self.routers.push(router);
        self
    }

    /// Registers an HTTP function that the host may send as an envelope (neither proxying nor forwarding switched on,
    /// or the function has further bindings). Its requests are served by the same routes.
    pub fn http_function(mut self, function: impl Into<HttpFunction>) -> Self {
        let function = function.into();
        self.functions
            .push((function.function.clone(), FunctionKind::Http(function)));
        self
    }

    /// Runs `handler` for a timer trigger.
    pub fn timer<H, F, R, E>(self, function: impl Into<Function>, handler: H) -> Self
    where
        H: Fn(Timer, Invocation) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
        R: Into<Reply>,
        E: Into<Failure>,
    {
        self.function(function, handler)
    }

    /// Runs `handler` for a storage queue trigger, one message per call.
    pub fn queue<H, F, R, E>(self, function: impl Into<Function>, handler: H) -> Self
    where
        H: Fn(QueueItem, Invocation) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
        R: Into<Reply>,
        E: Into<Failure>,
    {
        self.function(function, handler)
    }

    /// Runs `handler` for any trigger: [`Batch`](crate::Batch), [`Text`](crate::Text), [`Binary`](crate::Binary),
    /// the raw [`Envelope`], or a [`Trigger`] of your own.
    pub fn function<T, H, F, R, E>(mut self, function: impl Into<Function>, handler: H) -> Self
    where
        T: Trigger + Send + 'static,
        H: Fn(T, Invocation) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
        R: Into<Reply>,
        E: Into<Failure>,
    {
        let function = function.into();
        let binding = function.binding.clone();
        let handler = Arc::new(handler);
        let run: FunctionRunner = Box::new(move |envelope, call| {
            let handler = Arc::clone(&handler);
            let value = T::decode(&envelope, binding.as_deref());
            async move {
                let value = value.map_err(InvocationError::Malformed)?;
                handler(value, call)
                    .await
                    .map(Into::into)
                    .map_err(|e| InvocationError::Failed(e.into()))
            }
            .boxed()
        });
        self.functions.push((function, FunctionKind::Envelope(run)));
        self
    }

    /// Largest envelope that is read, in bytes; the response to a larger one is 413. Default 64 MiB.
    pub fn envelope_limit(mut self, bytes: usize) -> Self {
        self.envelope_limit = bytes;
        self
    }

    /// A router for everything the host sends: pings, envelopes, HTTP. It can be tested without a socket.
    ///
    /// # Errors
    /// [`WiringError`] for an invalid function name, a duplicate name or route, or an invalid route pattern.
    ///
    /// # Panics
    /// Where axum does when routers given to [`routes`](Self::routes) overlap.
    pub fn into_router(self) -> Result<Router, WiringError> {
        Ok(crate::layers::front(StartGate::open(self.into_dispatcher()?)))
    }

    /// As [`into_router`](Self::into_router), for a caller in the same process that plays the host: `Host` of its own
    /// requests names 127.0.0.1 and this port, as if the router were served there. Requests with another name are clients'.
    ///
    /// # Errors
    /// As [`into_router`](Self::into_router).
    pub fn into_router_at(self, port: u16) -> Result<Router, WiringError> {
        Ok(self.into_router()?.layer(Extension(ListeningPort(port))))
    }

    pub(crate) fn into_dispatcher(self) -> Result<Dispatcher, WiringError> {
        let mut functions = HashMap::new();
        for (function, kind) in self.functions {
            function.check()?;
            let name = function.name.clone();
            if functions.insert(Arc::from(function.name), kind).is_some() {
                return Err(WiringError::FunctionTwice { name });
            }
        }
        let routes = routes::build(self.routes, self.routers)?;
        Ok(Dispatcher {
            functions,
            routes,
            envelope_limit: self.envelope_limit,
            clients: Mutex::default(),
        })
    }
}
