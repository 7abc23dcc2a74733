//! Where a router of the API is mounted, and paths below that as the Functions host matches them: a slash at the end says
//! nothing, an empty segment matches nothing, what is literal may be written in any case and percent-encoded.

use axum::{
    Router,
    extract::Request,
    http::{Extensions, Uri},
    response::{IntoResponse, Response},
};
use notify::ids::NotificationId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::{fmt, sync::Arc};
use tower::ServiceExt;

/// The public path that a function's route and the host's `routePrefix` make, for instance `/api/notification`: with a
/// slash in front and none at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicPath(Arc<str>);

impl PublicPath {
    /// The path that a function is served at.
    pub(crate) fn new(path: &str) -> Self {
        let bare = path.trim_matches('/');
        Self(match bare {
            "" => "".into(),
            bare => format!("/{bare}").into(),
        })
    }

    /// Where a notification is found.
    pub(super) fn of(&self, id: &NotificationId) -> String {
        format!("{self}/{id}")
    }
}

impl fmt::Display for PublicPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives a request to another router, as if it came in there: what the outer one noted about its path is none of the
/// inner one's.
pub(super) async fn answer(router: Router, mut request: Request) -> Response {
    *request.extensions_mut() = Extensions::new();
    match router.oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    }
}

/// Changes a request's path and keeps its query.
pub(super) fn set_path(request: &mut Request, path: &str) {
    let text = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    // What came as a path stays one.
    if let Ok(uri) = text.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
}

/// What stays as it is in a segment.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A relative path in the one spelling that the routes have; `None` where the host would match nothing.
pub(super) fn canonical(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    if path.is_empty() {
        return Some("/".to_owned());
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let segment = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().ok()?;
        let plain = utf8_percent_encode(&text.to_ascii_lowercase(), PLAIN).to_string();
        (!plain.is_empty()).then(|| format!("/{plain}"))
    };
    path.split('/').map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one_path() {
        for (spelled, path) in [
            ("/", "/"),
            ("/X", "/x"),
            ("/X/", "/x"),
            ("/X/%52EPORT/", "/x/report"),
            ("/a%2Fb", "/a%2fb".replace("%2f", "%2F").as_str()),
            ("/x/report/y", "/x/report/y"),
        ] {
            assert_eq!(canonical(spelled).as_deref(), Some(path), "{spelled}");
        }
        for nothing in ["", "x", "//", "//x", "/x//report", "/x//", "/%FF"] {
            assert_eq!(canonical(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_public_path_has_one_slash_in_front() {
        for path in ["api/notification", "/api/notification/"] {
            assert_eq!(PublicPath::new(path).to_string(), "/api/notification");
        }
        let root = PublicPath::new("/");
        assert_eq!(root.of(&NotificationId::from("x")), "/x");
    }
}
