//! One log line per invocation: function or route, method, status, duration, id. Never a query or a header; a path only
//! where no route matched, and then only its first two segments.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, StatusCode};

use crate::invocation::InvocationId;
use crate::response::TraceInfo;

pub(super) async fn one_line(request: Request, next: Next) -> Response {
    let mut line = InvocationLine {
        started: Instant::now(),
        method: request.method().clone(),
        path: first_segments(request.uri().path()),
        id: InvocationId::from_headers(request.headers()),
        written: false,
    };
    let response = next.run(request).await;
    line.write(&response);
    response
}

struct InvocationLine {
    started: Instant,
    method: Method,
    path: String,
    id: Option<InvocationId>,
    written: bool,
}

macro_rules! line {
    ($level:ident, $line:expr, $what:expr, $trace:expr, $status:expr, $ms:expr) => {
        tracing::$level!(
            target: "custom_handler::invocation",
            function = $trace.function.as_deref(),
            route = $trace.route.as_deref(),
            method = %$line.method,
            status = $status.as_u16(),
            duration_ms = $ms,
            invocation_id = $line.id.as_ref().map(InvocationId::as_str),
            error = $trace.error.as_deref(),
            "{} answered {} in {} ms", $what, $status.as_u16(), $ms
        )
    };
}

impl InvocationLine {
    fn write(&mut self, response: &Response) {
        self.written = true;
        let no_info = TraceInfo::default();
        let trace = response.extensions().get::<TraceInfo>().unwrap_or(&no_info);
        let status = trace.inner_status.unwrap_or(response.status());
        let what = match (&trace.function, &trace.route) {
            (Some(function), _) => function.clone(),
            (None, Some(route)) => format!("{} {route}", self.method),
            (None, None) => format!("{} {} (no such route)", self.method, self.path),
        };
        let ms = self.milliseconds();
        let unknown = trace.function.is_none() && trace.route.is_none() && status == StatusCode::NOT_FOUND;
        if status.is_server_error() || (trace.error.is_some() && !unknown) {
            line!(error, self, what, trace, status, ms);
        } else if unknown {
            line!(warn, self, what, trace, status, ms);
        } else {
            line!(info, self, what, trace, status, ms);
        }
    }

    fn milliseconds(&self) -> f64 {
        (self.started.elapsed().as_secs_f64() * 1e6).round() / 1e3
    }
}

/// Dropped without a response: the client disconnected and the host cancelled the request.
impl Drop for InvocationLine {
    fn drop(&mut self) {
        if !self.written {
            tracing::warn!(
                target: "custom_handler::invocation",
                method = %self.method,
                duration_ms = self.milliseconds(),
                invocation_id = self.id.as_ref().map(InvocationId::as_str),
                "{} {} was cancelled by its caller", self.method, self.path
            );
        }
    }
}

fn first_segments(path: &str) -> String {
    let mut segments = path.split('/').skip(1);
    let shown: String = segments
        .by_ref()
        .take(2)
        .flat_map(|s| ["/", s])
        .collect::<String>()
        .chars()
        .take(256)
        .collect();
    if segments.next().is_some() {
        format!("{shown}/…")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::first_segments;

    #[test]
    fn a_path_is_cut_after_two_segments() {
        assert_eq!(first_segments("/api/users/a@example.com"), "/api/users/…");
        assert_eq!(first_segments("/timerTrigger"), "/timerTrigger");
        assert_eq!(first_segments("/"), "/");
    }
}
