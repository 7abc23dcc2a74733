//! What all parts of a local host share, and the loop that carries one envelope invocation.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt as _;
use tokio::time::Instant;
use uuid::Uuid;

use crate::builder::{EnvelopeFraming, ForwardingMode, TraceContext};
use crate::child::lines::{HandlerLine, LineSink, LineSource, Severity};
use crate::clock::Clock;
use crate::envelope::Envelope;
use crate::envelope::outputs::queue_messages;
use crate::envelope::reply::{Outputs, Reply, Verdict, judge, output};
use crate::framing::Chunked;
use crate::http::keys::KeyPolicy;
use crate::invocation::{Invocation, InvocationError};
use crate::queues::Queues;
use crate::timers::TimerHistory;
use crate::upstream::{Target, Upstream};
use functions_project::{Cors, CustomHandler, Function, FunctionState, OutputKind, Project, RouteTable};

/// The version that `X-Azure-Functions-HostVersion` states: that of the host being played.
pub(crate) const HOST_VERSION: HeaderValue = HeaderValue::from_static("4.1052.200.0");
/// The product token that the host adds to User-Agent.
pub(crate) const HOST_AGENT: &str = "Azure-Functions-Host/4.1052.200.0";
pub(crate) const VERSION_HEADER: &str = "x-azure-functions-hostversion";
pub(crate) const INVOCATION_HEADER: &str = "x-azure-functions-invocationid";
/// How long the host lets a function end after its time is up, before the process is killed.
const GRACE: Duration = Duration::from_secs(2);

pub(crate) struct Core {
    pub(crate) project: Project,
    pub(crate) custom_handler: CustomHandler,
    pub(crate) routes: RouteTable,
    pub(crate) upstream: Upstream,
    pub(crate) queues: Queues,
    pub(crate) history: TimerHistory,
    pub(crate) clock: Clock,
    pub(crate) cors: Option<Cors>,
    pub(crate) keys: KeyPolicy,
    pub(crate) mode: ForwardingMode,
    pub(crate) framing: EnvelopeFraming,
    pub(crate) trace: TraceContext,
    pub(crate) body_limit: usize,
    pub(crate) homepage: bool,
    pub(crate) lines: LineSink,
}

impl Core {
    pub(crate) fn function(&self, name: &str) -> Result<&Function, InvocationError> {
        let found = self
            .project
            .functions()
            .iter()
            .find(|function| function.name.as_str().eq_ignore_ascii_case(name));
        match found {
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
        let target = self.upstream.target().await?;
        let call = async {
            match self.post(function, id, body, target).await {
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
        self.within_timeout(target, call).await
    }

    /// Bounds a call by functionTimeout; whoever overruns takes the handler's process along.
    pub(crate) async fn within_timeout<T>(
        &self,
        target: Target,
        call: impl Future<Output = Result<T, InvocationError>>,
    ) -> Result<T, InvocationError> {
        let Some(limit) = self.function_timeout() else {
            return call.await;
        };
        match tokio::time::timeout(limit, call).await {
            Ok(outcome) => outcome,
            Err(_) => {
                tokio::time::sleep(GRACE).await;
                self.upstream.overrun(target);
                Err(InvocationError::TimedOut(limit))
            }
        }
    }

    async fn post(
        &self,
        function: &Function,
        id: Uuid,
        body: Bytes,
        target: Target,
    ) -> Result<Verdict, InvocationError> {
        let body = match self.framing {
            EnvelopeFraming::Chunked => Body::new(Chunked::new(body)),
            EnvelopeFraming::ContentLength => Body::from(body),
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}/{}", target.address, function.name))
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .header(USER_AGENT, HOST_AGENT)
            .header(VERSION_HEADER, HOST_VERSION)
            .header(INVOCATION_HEADER, id.to_string());
        if self.trace == TraceContext::Injected {
            request = request.header("traceparent", trace_parent());
        }
        let request = request
            .body(body)
            .map_err(|error| InvocationError::Transport(error.to_string()))?;
        let response = self
            .upstream
            .client
            .request(request)
            .await
            .map_err(|error| InvocationError::Transport(reason(&error)))?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| InvocationError::Transport(reason(&error)))?;
        Ok(judge(head.status, &head.headers, &body.to_bytes()))
    }

    /// Passes the logs on and writes queue outputs, after a successful answer only.
    fn finish(
        &self,
        function: &Function,
        mut reply: Reply,
    ) -> Result<(Vec<String>, Outputs), InvocationError> {
        for text in &reply.logs {
            self.lines.send(&HandlerLine {
                source: LineSource::FunctionLog(function.name.clone()),
                severity: Severity::Information,
                text: text.clone(),
            });
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
            let failed = |reason: String| InvocationError::Output {
                name: binding.name.to_string(),
                reason,
            };
            for message in queue_messages(value, *data_type).map_err(failed)? {
                self.queues
                    .push_bytes(queue, message, Duration::ZERO)
                    .map_err(|error| failed(error.to_string()))?;
            }
        }
        Ok((reply.logs, outputs))
    }
}

/// A new W3C trace context, sampled.
pub(crate) fn trace_parent() -> String {
    let span = &Uuid::new_v4().simple().to_string()[..16];
    format!("00-{}-{span}-01", Uuid::new_v4().simple())
}

/// An error with its causes: hyper's outer text alone says little.
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
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
