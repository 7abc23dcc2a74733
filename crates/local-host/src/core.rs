//! What all parts of a local host share, and the loop that carries one envelope invocation.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderValue, Method};
use http_body_util::BodyExt as _;
use tokio::time::Instant;
use uuid::Uuid;

use crate::builder::{ForwardingMode, QueueOutputs};
use crate::clock::Clock;
use crate::envelope::Envelope;
use crate::envelope::reply::{Outputs, Reply, Verdict, judge, output};
use crate::handler::{Handler, Run};
use crate::http::keys::KeyPolicy;
use crate::invocation::{Invocation, InvocationError};
use crate::timers::TimerHistory;
use functions_project::{Cors, CustomHandler, Function, FunctionState, OutputKind, Project, RouteTable};

/// The version that `X-Azure-Functions-HostVersion` states: that of the host being played.
pub(crate) const HOST_VERSION: HeaderValue = HeaderValue::from_static("4.1052.200.0");
/// The product token that the host adds to User-Agent.
pub(crate) const HOST_AGENT: &str = "Azure-Functions-Host/4.1052.200.0";
pub(crate) const VERSION_HEADER: &str = "x-azure-functions-hostversion";
pub(crate) const INVOCATION_HEADER: &str = "x-azure-functions-invocationid";

pub(crate) struct Core {
    pub(crate) project: Project,
    pub(crate) custom_handler: CustomHandler,
    pub(crate) routes: RouteTable,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) queue_outputs: Option<QueueOutputs>,
    pub(crate) history: TimerHistory,
    pub(crate) clock: Clock,
    pub(crate) cors: Option<Cors>,
    pub(crate) keys: KeyPolicy,
    pub(crate) mode: ForwardingMode,
    pub(crate) body_limit: usize,
    pub(crate) homepage: bool,
}

impl Core {
    pub(crate) fn function(&self, name: &str) -> Result<&Function, InvocationError> {
        match self.project.function(name) {
            None => Err(InvocationError::UnknownFunction(name.to_owned())),
            Some(function) if function.state == FunctionState::Disabled => {
                Err(InvocationError::Disabled(function.name.to_string()))
            }
            Some(function) => Ok(function),
        }
    }

    pub(crate) fn function_timeout(&self) -> Option<Duration> {
        self.project.host().function_timeout
    }

    /// Calls the handler with an envelope, again and again as the retry policy says, and writes its outputs.
    pub(crate) async fn invoke(
        &self,
        function: &Function,
        mut envelope: Envelope,
    ) -> Result<Invocation, InvocationError> {
        let started = Instant::now();
        let mut attempts = 0_u32;
        let mut last_error: Option<String> = None;
        loop {
            if let Some(retry) = function.retry {
                envelope.set_retry(attempts, retry.max_retries, last_error.as_deref());
            }
            let id = Uuid::new_v4();
            attempts += 1;
            let outcome = self.attempt(function, id, envelope.to_bytes()).await;
            let outcome = outcome.and_then(|reply| self.finish(function, reply));
            let duration = started.elapsed();
            let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            match outcome {
                Ok((logs, outputs)) => {
                    tracing::debug!(function = %function.name, invocation_id = %id, duration_ms, "invocation succeeded");
                    return Ok(Invocation {
                        id,
                        attempts,
                        duration,
                        logs,
                        outputs,
                    });
                }
                Err(error) => {
                    tracing::warn!(function = %function.name, invocation_id = %id, duration_ms, %error, "invocation failed");
                    let retry = function
                        .retry
                        .filter(|retry| retry.max_retries.is_none_or(|max| attempts <= max));
                    let (Some(retry), false) = (retry, matches!(error, InvocationError::Unavailable(_)))
                    else {
                        return Err(error);
                    };
                    last_error = Some(error.to_string());
                    tokio::time::sleep(retry.delay_before(attempts)).await;
                }
            }
        }
    }

    /// One call within functionTimeout.
    async fn attempt(&self, function: &Function, id: Uuid, body: Bytes) -> Result<Reply, InvocationError> {
        let run = self.handler.ready().await?;
        let call = async {
            match self.post(function, id, body, run).await {
                Ok(Verdict::Success(reply)) => Ok(reply),
                Ok(Verdict::Failure(error)) | Err(error) => Err(error),
                Ok(Verdict::NeverCompletes) => {
                    tracing::error!(
                        function = %function.name, invocation_id = %id,
                        "the handler answered an envelope with an empty or null 2xx: the invocation hangs until functionTimeout; answer {{}} as application/json"
                    );
                    std::future::pending().await
                }
            }
        };
        self.within_timeout(run, call).await
    }

    /// Bounds a call by functionTimeout.
    pub(crate) async fn within_timeout<T>(
        &self,
        run: Run,
        call: impl Future<Output = Result<T, InvocationError>>,
    ) -> Result<T, InvocationError> {
        let Some(limit) = self.function_timeout() else {
            return call.await;
        };
        match tokio::time::timeout(limit, call).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.handler.overran(run);
                Err(InvocationError::TimedOut(limit))
            }
        }
    }

    async fn post(
        &self,
        function: &Function,
        id: Uuid,
        body: Bytes,
        run: Run,
    ) -> Result<Verdict, InvocationError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/{}", function.name))
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .header(USER_AGENT, HOST_AGENT)
            // As on Azure; `func start` counts the bytes.
            .header(TRANSFER_ENCODING, "chunked")
            .header(VERSION_HEADER, HOST_VERSION)
            .header(INVOCATION_HEADER, id.to_string())
            .body(Body::from(body))
            .map_err(|error| InvocationError::Transport(error.to_string()))?;
        let (head, body) = self.handler.call(run, request).await?.into_parts();
        Ok(judge(head.status, &head.headers, &read_answer(body).await?))
    }

    /// Passes logs and outputs on, after a successful answer only.
    fn finish(
        &self,
        function: &Function,
        mut reply: Reply,
    ) -> Result<(Vec<String>, Outputs), InvocationError> {
        for text in &reply.logs {
            tracing::info!(target: "local_host::handler", function = %function.name, "{text}");
        }
        let has_return = function.outputs.iter().any(|output| output.name.is_return());
        let outputs = reply.merged_outputs(has_return);
        for binding in &function.outputs {
            let OutputKind::Queue { queue, data_type } = &binding.kind else {
                continue;
            };
            let Some(value) = output(&outputs, binding.name.as_str()) else {
                continue;
            };
            let Some(write) = &self.queue_outputs else {
                tracing::warn!(
                    function = %function.name, %queue,
                    "an output for a queue is not written: this host has no queues"
                );
                continue;
            };
            write(queue, *data_type, value).map_err(|reason| InvocationError::Output {
                name: binding.name.to_string(),
                reason,
            })?;
        }
        Ok((reply.logs, outputs))
    }
}

/// The whole body of the handler's answer.
pub(crate) async fn read_answer(body: Body) -> Result<Bytes, InvocationError> {
    let body = body.collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|error| InvocationError::transport(&error))
}

impl std::fmt::Debug for Core {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Core")
            .field("root", &self.project.root())
            .finish_non_exhaustive()
    }
}

/// The handle that every part holds.
pub(crate) type SharedCore = Arc<Core>;
