//! Dispatches a request: an envelope to its function, anything else to the application's routes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::response::Response;
use futures::FutureExt as _;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower::ServiceExt as _;

use super::caller::{Caller, Mark};
use super::routes::Routes;
use super::{FunctionKind, FunctionRunner, HttpFunction, InvocationError};
use crate::envelope::Envelope;
use crate::http_envelope;
use crate::invocation::Invocation;
use crate::layers::panic::catch_panic;
use crate::response::{self, ErrorAudience, with_trace_info};
use crate::starting::StartGate;

/// The functions and routes of an application.
pub(crate) struct Dispatcher {
    pub(super) functions: HashMap<Arc<str>, FunctionKind>,
    pub(super) routes: Routes,
    pub(super) envelope_limit: usize,
    /// Clients' requests by functions' paths that were warned of.
    pub(super) clients: Mutex<HashSet<(Arc<str>, Mark)>>,
}

/// Waits until the application has started, then handles the request.
pub(crate) async fn dispatch(State(gate): State<StartGate>, request: Request) -> Response {
    match gate.dispatcher().await {
        Ok(dispatcher) => dispatcher.answer(request).await,
        Err(not_ready) => not_ready.answer(&request),
    }
}

impl Dispatcher {
    async fn answer(&self, request: Request) -> Response {
        let name = match Caller::of(&request) {
            Caller::Host(name) => name,
            Caller::Client(name, mark) => {
                self.warn_of_client(name, mark);
                return self.route(request).await;
            }
            Caller::Other => return self.route(request).await,
        };
        match self.functions.get_key_value(name) {
            Some((name, kind)) => {
                let name = Arc::clone(name);
                let response = self.envelope(Arc::clone(&name), kind, request).await;
                with_trace_info(response, |trace| trace.function = Some(name.to_string()))
            }
            None => {
                let name: String = name.chars().take(128).collect();
                let response = self.route(request).await;
                let unmatched = response
                    .extensions()
                    .get::<response::TraceInfo>()
                    .is_none_or(|trace| trace.route.is_none());
                if unmatched && response.status() == StatusCode::NOT_FOUND {
                    self.unknown(&name)
                } else {
                    response
                }
            }
        }
    }

    /// Were it the host after all, its timers and queues would stand still: once for each function and mark it is said why.
    fn warn_of_client(&self, name: &str, mark: Mark) {
        let Some((function, _)) = self.functions.get_key_value(name) else {
            return;
        };
        let mut seen = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.insert((Arc::clone(function), mark)) {
            tracing::warn!(
                function = &**function,
                %mark,
                "a request has the path by which the host calls this function, and is a client's by its mark: routes answer it, the function does not run"
            );
        }
    }

    async fn route(&self, mut request: Request) -> Response {
        if let Some(uri) = self.routes.spellings.registered(request.uri()) {
            *request.uri_mut() = uri;
        }
        // The error type is `Infallible`.
        match self.routes.router.clone().oneshot(request).await {
            Ok(response) => explained(response),
            Err(never) => match never {},
        }
    }

    fn unknown(&self, name: &str) -> Response {
        let mut known: Vec<&str> = self.functions.keys().map(|name| &**name).collect();
        known.sort_unstable();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        let detail = format!("no function is named `{name}`; this handler has: {known}");
        let trace = detail.clone();
        with_trace_info(
            response::error(ErrorAudience::Host, StatusCode::NOT_FOUND, &detail),
            |t| t.error = Some(trace),
        )
    }

    async fn envelope(&self, name: Arc<str>, kind: &FunctionKind, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = match self.read(body).await {
            Ok(body) => body,
            Err((status, why)) => return refused(status, why),
        };
        let envelope = match Envelope::parse(&body) {
            Ok(envelope) => envelope,
            Err(error) => return refused(StatusCode::BAD_REQUEST, error.to_string()),
        };
        drop(body);
        let call = Invocation::new(name, &head.headers, envelope.clone());
        match kind {
            FunctionKind::Envelope(run) => run_function(run, envelope, call).await,
            FunctionKind::Http(function) => self.http(function, &envelope, &call).await,
        }
    }

    async fn http(&self, function: &HttpFunction, envelope: &Envelope, call: &Invocation) -> Response {
        match http_envelope::request(envelope, function.binding(), call) {
            Ok(request) => http_envelope::reply(self.route(request).await, &function.output).await,
            Err(error) => refused(StatusCode::BAD_REQUEST, error.to_string()),
        }
    }

    async fn read(&self, body: Body) -> Result<bytes::Bytes, (StatusCode, String)> {
        match Limited::new(body, self.envelope_limit).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err((
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "the envelope is larger than {} bytes (App::envelope_limit)",
                    self.envelope_limit
                ),
            )),
            Err(error) => Err((
                StatusCode::BAD_REQUEST,
                format!("the envelope's body is incomplete: {error}"),
            )),
        }
    }
}

/// The router's own refusals have no body: they get one that says what is wrong, and keep their headers.
fn explained(response: Response) -> Response {
    let detail = match response.status() {
        StatusCode::NOT_FOUND => "there is nothing by this path",
        StatusCode::METHOD_NOT_ALLOWED => {
            "this path doesn't take this method; the header Allow names those that it takes"
        }
        _ => return response,
    };
    if !response.body().is_end_stream() {
        return response;
    }
    let (head, _) = response.into_parts();
    let mut explained = response::error(ErrorAudience::Client, head.status, detail);
    for (name, value) in &head.headers {
        if *name != CONTENT_LENGTH {
            explained.headers_mut().insert(name.clone(), value.clone());
        }
    }
    *explained.extensions_mut() = head.extensions;
    explained
}

async fn run_function(run: &FunctionRunner, envelope: Envelope, call: Invocation) -> Response {
    // Creating the future may panic as well as polling it: both are inside `catch_panic`.
    let outcome = catch_panic(async { run(envelope, call).await }.boxed()).await;
    match outcome {
        Ok(Ok(reply)) => response::success(&reply),
        Ok(Err(InvocationError::Malformed(error))) => refused(StatusCode::BAD_REQUEST, error.to_string()),
        Ok(Err(InvocationError::Failed(failure))) => {
            refused(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string())
        }
        Err(panic) => refused(StatusCode::INTERNAL_SERVER_ERROR, panic.to_string()),
    }
}

fn refused(status: StatusCode, why: String) -> Response {
    with_trace_info(response::error(ErrorAudience::Host, status, &why), |trace| {
        trace.error = Some(why)
    })
}
