//! One log line an invocation: function or route, method, status, time, id. Never a query, never a header; a path
//! only where no route matched, and then no more than its first two segments.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, StatusCode};

use crate::answer::Told;
use crate::invocation::InvocationId;

pub(super) async fn one_line(request: Request, next: Next) -> Response {
    let mut line = Line {
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

struct Line {
    started: Instant,
    method: Method,
    path: String,
    id: Option<InvocationId>,
    written: bool,
}

macro_rules! line {
    ($level:ident, $line:expr, $what:expr, $told:expr, $status:expr, $ms:expr) => {
        tracing::$level!(
            target: "custom_handler::invocation",
            function = $told.function.as_deref(),
            route = $told.route.as_deref(),
            method = %$line.method,
            status = $status.as_u16(),
            duration_ms = $ms,
            invocation_id = $line.id.as_ref().map(InvocationId::as_str),
            error = $told.error.as_deref(),
            "{} answered {} in {} ms", $what, $status.as_u16(), $ms
        )
    };
}

impl Line {
    fn write(&mut self, response: &Response) {
        self.written = true;
        let nothing = Told::default();
        let told = response.extensions().get::<Told>().unwrap_or(&nothing);
        let status = told.inner_status.unwrap_or(response.status());
        let what = match (&told.function, &told.route) {
            (Some(function), _) => function.clone(),
            (None, Some(route)) => format!("{} {route}", self.method),
            (None, None) => format!("{} {} (no such route)", self.method, self.path),
        };
        let ms = self.milliseconds();
        let unknown = told.function.is_none() && told.route.is_none() && status == StatusCode::NOT_FOUND;
        if status.is_server_error() || (told.error.is_some() && !unknown) {
            line!(error, self, what, told, status, ms);
        } else if unknown {
            line!(warn, self, what, told, status, ms);
        } else {
            line!(info, self, what, told, status, ms);
        }
    }

    fn milliseconds(&self) -> f64 {
        (self.started.elapsed().as_secs_f64() * 1e6).round() / 1e3
    }
}

/// The client went away and the host cancelled the request: its code was dropped where it waited.
impl Drop for Line {
    fn drop(&mut self) {
        if !self.written {
            tracing::warn!(
                target: "custom_handler::invocation",
                method = %self.method,
                duration_ms = self.milliseconds(),
                invocation_id = self.id.as_ref().map(InvocationId::as_str),
                "{} {} was given up by its caller", self.method, self.path
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
