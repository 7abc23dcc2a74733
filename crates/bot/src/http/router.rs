//! Which function a request is for. One table for all HTTP functions, read from the project's files once.

use super::{HttpRequest, OnRequest, Runs};
use crate::{
    api::{self, PublicPath, PublicPaths},
    bot::NotificationBot,
    hooks::{ErrorPlace, Hooks, caught},
};
use axum::{
    Router,
    extract::Request,
    http::{Extensions, Method, Uri, uri::PathAndQuery},
    response::{IntoResponse, Response},
};
use custom_handler::{Failure, RouteName};
use functions_project::{Project, Route, RouteTable, RouteValues, decoded_path};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{collections::BTreeMap, sync::Arc};
use tower::ServiceExt as _;

/// What a segment of a path may have as it is (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The public routes of the project's HTTP functions.
#[derive(Clone, Debug)]
pub(crate) enum Routes {
    /// As the project's files say.
    Read(RouteTable),
    /// The files name none: where the host has its functions by default.
    Usual,
}

/// Where the notification API is as it ships.
const API: &str = "/api/notification";
/// And its description.
const OPENAPI: &str = "/api/openapi.json";
/// And the health check.
const HEALTH: &str = "/api/health";
/// And the bot endpoint.
const MESSAGES: &str = "/api/messages";
/// And any other function.
const PREFIX: &str = "/api/";

impl Routes {
    /// Of a project; disabled functions have routes too, as a host may enable them.
    pub(crate) fn of(project: &Project) -> Self {
        if project.http_functions().next().is_none() {
            return Self::Usual;
        }
        Self::Read(RouteTable::new(project, |_| true))
    }

    /// The HTTP function that a client's `POST` to a path reaches.
    pub(crate) fn posted_to(&self, path: &str) -> Option<&str> {
        let Self::Read(table) = self else {
            return None;
        };
        let (route, _) = table.find(&Method::POST, path)?;
        Some(route.function.as_str())
    }

    /// The public path of a function, before its first parameter.
    fn base(&self, function: &str) -> Option<String> {
        let Self::Read(table) = self else {
            return None;
        };
        let is = |route: &&Route| route.function.as_str().eq_ignore_ascii_case(function);
        table.iter().find(is).map(|route| route.base().to_owned())
    }
}

/// The addresses that others are told, below the host's.
pub(crate) struct Entrances {
    /// The bot endpoint.
    pub(crate) messages: PublicPath,
    /// The notification API.
    pub(crate) notification: PublicPath,
}

/// The HTTP functions by name.
#[derive(Default)]
pub(crate) struct HttpFunctions(BTreeMap<&'static str, Runs>);

impl HttpFunctions {
    pub(crate) fn add(&mut self, function: &'static str, runs: Runs) {
        self.0.insert(function, runs);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// Where the function is that runs something.
    fn path(&self, routes: &Routes, is: fn(&Runs) -> bool, usual: &str) -> PublicPath {
        let mut functions = self.0.iter();
        let function = functions.find(|(_, runs)| is(runs));
        let base = function.and_then(|(name, _)| routes.base(name));
        PublicPath::new(base.as_deref().unwrap_or(usual))
    }

    /// Where the functions of the API are.
    fn paths(&self, routes: &Routes) -> PublicPaths {
        PublicPaths {
            notification: self.path(routes, |runs| matches!(runs, Runs::Api), API),
            openapi: self.path(routes, |runs| matches!(runs, Runs::OpenApi), OPENAPI),
            health: self.path(routes, |runs| matches!(runs, Runs::Health), HEALTH),
        }
    }

    pub(crate) fn entrances(&self, routes: &Routes) -> Entrances {
        Entrances {
            messages: self.path(routes, |runs| matches!(runs, Runs::Messages), MESSAGES),
            notification: self.path(routes, |runs| matches!(runs, Runs::Api), API),
        }
    }

    /// The function for a decoded path, and the values of its route.
    fn find(
        &self,
        routes: &Routes,
        method: &Method,
        path: &str,
    ) -> Option<(&'static str, &Runs, RouteValues)> {
        let named = |name: &str| {
            let mut functions = self.0.iter();
            functions.find(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        match routes {
            Routes::Read(table) => {
                // The host calls a function for its own verbs only; in another one it says so itself.
                let found = table.find(method, path).or_else(|| table.find_path(path));
                let (route, values) = found?;
                let (name, runs) = named(route.function.as_str())?;
                Some((name, runs, values))
            }
            Routes::Usual => {
                let mut functions = self.0.iter();
                let (name, runs) = functions.find(|(name, runs)| is_usual(name, runs, path))?;
                let below = path.get(API.len()..).unwrap_or_default();
                Some((name, runs, vec![("rest".to_owned(), below.to_owned())]))
            }
        }
    }

    /// Answers every HTTP request of the host. `messages` is the bot endpoint.
    pub(crate) fn into_router(self, bot: &NotificationBot, hooks: Arc<Hooks>, messages: Router) -> Router {
        let paths = self.paths(bot.routes());
        let dispatch = Arc::new(Dispatch {
            api: api::router(bot.clone(), paths.notification.clone()),
            openapi: api::openapi_router(&paths),
            health: api::health_router(bot.clone()),
            messages,
            hooks,
            functions: self,
            bot: bot.clone(),
        });
        Router::new().fallback(move |request: Request| {
            let dispatch = Arc::clone(&dispatch);
            async move { dispatch.answer(request).await }
        })
    }
}

struct Dispatch {
    bot: NotificationBot,
    functions: HttpFunctions,
    api: Router,
    openapi: Router,
    health: Router,
    messages: Router,
    hooks: Arc<Hooks>,
}

impl Dispatch {
    async fn answer(&self, request: Request) -> Response {
        let path = decoded_path(request.uri().path());
        // An empty segment matches nothing, whatever host let it through.
        let found = match path.contains("//") {
            true => None,
            false => self.functions.find(self.bot.routes(), request.method(), &path),
        };
        let Some((name, runs, values)) = found else {
            return api::nowhere().into_response();
        };
        let mut response = match runs {
            Runs::Api => serve(&self.api, below(request, &values)).await,
            Runs::OpenApi => serve(&self.openapi, below(request, &Vec::new())).await,
            Runs::Health => serve(&self.health, below(request, &Vec::new())).await,
            Runs::Messages => serve(&self.messages, request).await,
            Runs::Code(code) => self.run(name, code, request, values).await,
        };
        response.extensions_mut().insert(RouteName(name.to_owned()));
        response
    }

    async fn run(&self, function: &str, code: &OnRequest, request: Request, values: RouteValues) -> Response {
        let request = match HttpRequest::read(request, values).await {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        };
        let answered = caught(|| code(self.bot.clone(), request)).await;
        let failure = match &answered {
            Ok(response) if response.status().is_server_error() => Some(Failure::new(format!(
                "it answered {}",
                response.status().as_u16()
            ))),
            Ok(_) => None,
            Err(panicked) => Some(panicked.failure()),
        };
        if let Some(failure) = failure {
            let place = ErrorPlace::Function(function.to_owned());
            self.hooks.failed(&self.bot, place, failure);
        }
        answered.unwrap_or_else(|_| {
            api::Problem::server("the function ended without an answer; the log says where").into_response()
        })
    }
}

/// Whether a path is a function's where no file says otherwise.
fn is_usual(name: &str, runs: &Runs, path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let starts = |with: &str| {
        path.get(..with.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(with))
    };
    match runs {
        Runs::Api => starts(API) && matches!(path.as_bytes().get(API.len()), None | Some(b'/')),
        Runs::OpenApi => path.eq_ignore_ascii_case(OPENAPI),
        Runs::Health => path.eq_ignore_ascii_case(HEALTH),
        Runs::Messages => path.eq_ignore_ascii_case(MESSAGES),
        Runs::Code(_) => starts(PREFIX) && path[PREFIX.len()..].eq_ignore_ascii_case(name),
    }
}

async fn serve(router: &Router, request: Request) -> Response {
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The same request with the path that follows the function's own.
fn below(mut request: Request, values: &RouteValues) -> Request {
    // What outer routers noted about its path is none of the inner one's.
    *request.extensions_mut() = Extensions::new();
    // Of `notification/{*rest}` the value of `rest`; a route without parameters has nothing below it.
    let rest: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
    let rest = rest.join("/");
    let rest = rest.strip_prefix('/').unwrap_or(&rest);
    let segments = rest.split('/');
    let path: String = segments.fold(String::new(), |path, segment| {
        path + "/" + &utf8_percent_encode(segment, SEGMENT).to_string()
    });
    let whole = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(path) = PathAndQuery::try_from(whole) {
        *request.uri_mut() = Uri::from(path);
    }
    request
}
