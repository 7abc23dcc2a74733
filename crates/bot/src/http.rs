//! HTTP functions of a project: what their code gets, what it may answer, and which function a request is for. Routes,
//! verbs and the prefix are those of `function.json` and `host.json`, matched as the Functions host matches them.

mod request;
mod router;

pub use request::HttpRequest;
pub(crate) use router::{Entrances, HttpFunctions, Routes};

use crate::{api::Api, bot::NotificationBot};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use std::{future::Future, sync::Arc};

/// Answers a request to a function of the project.
pub(crate) type OnRequest =
    Arc<dyn Fn(NotificationBot, HttpRequest) -> BoxFuture<'static, Response> + Send + Sync>;

/// What an HTTP function runs.
#[derive(Clone)]
pub struct HttpFunction(pub(crate) Runs);

#[derive(Clone)]
pub(crate) enum Runs {
    /// The notification API.
    Api,
    /// Its description.
    OpenApi,
    /// The health check.
    Health,
    /// The bot endpoint.
    Messages,
    /// Code of the project.
    Code(OnRequest),
}

/// What [`App::http`](crate::App::http) takes: [`api()`](crate::api()), or an async function of a bot and an
/// [`HttpRequest`] whose result axum can make an answer of.
pub trait IntoHttpFunction<Marker> {
    /// The function's code.
    fn into_http_function(self) -> HttpFunction;
}

impl IntoHttpFunction<()> for Api {
    fn into_http_function(self) -> HttpFunction {
        HttpFunction(Runs::Api)
    }
}

impl<H, F, R> IntoHttpFunction<(F, R)> for H
where
    H: Fn(NotificationBot, HttpRequest) -> F + Send + Sync + 'static,
    F: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    fn into_http_function(self) -> HttpFunction {
        HttpFunction(Runs::Code(Arc::new(move |bot, request| {
            let answer = self(bot, request);
            Box::pin(async move { answer.await.into_response() })
        })))
    }
}
