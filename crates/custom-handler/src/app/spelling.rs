//! Paths as the host matches them. ASP.NET's routing ignores the case of literals and one slash at the end, and the
//! host passes the path as it came, so a request arrives in spellings that axum's router would not match: each gets
//! the spelling that its route was registered with. Parameters stay as they came; an empty segment matches nothing.

use std::borrow::Cow;

use http::Uri;
use percent_encoding::percent_decode_str;

/// Every registered path, to be found in any spelling.
#[derive(Default)]
pub(super) struct Spellings {
    /// As axum matches them; the value is the rank among the routes, so that an exact match costs one look.
    exact: matchit::Router<Rank>,
    /// Best match first, as the host tries them.
    routes: Vec<Route>,
}

/// Literals before parameters before catch-alls, segment by segment, as ASP.NET ranks routes.
type Rank = Vec<u8>;

struct Route {
    rank: Rank,
    segments: Vec<Segment>,
    end: End,
}

/// Whether the path was registered with a slash at its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Bare,
    Slash,
}

enum Segment {
    /// As it was registered.
    Literal(String),
    /// `{id}`, possibly with text before it.
    Parameter { before: String },
    /// `{*rest}`: all that follows.
    Rest,
}

impl Spellings {
    /// Adds a path in axum's syntax.
    pub(super) fn add(&mut self, path: &str) -> Result<(), matchit::InsertError> {
        let route = Route::read(path);
        self.exact.insert(path, route.rank.clone())?;
        let at = self.routes.partition_point(|known| known.rank <= route.rank);
        self.routes.insert(at, route);
        Ok(())
    }

    /// The address in its route's own spelling; `None` where it has that already, or no route.
    pub(super) fn registered(&self, uri: &Uri) -> Option<Uri> {
        let exact = self.exact.at(uri.path()).ok().map(|found| found.value);
        // A route that the host prefers to the exact one can match in another spelling only.
        let better = |route: &&Route| exact.is_none_or(|exact| route.rank < *exact);
        let mut routes = self.routes.iter().take_while(better);
        let mut spelled = routes.find_map(|route| route.spell(uri.path()))?;
        if let Some(query) = uri.query() {
            spelled.push('?');
            spelled.push_str(query);
        }
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(spelled.parse().ok()?);
        Uri::from_parts(parts).ok()
    }
}

impl Route {
    fn read(path: &str) -> Self {
        let (path, end) = match path.strip_suffix('/') {
            Some(bare) => (bare, End::Slash),
            None => (path, End::Bare),
        };
        let segments: Vec<Segment> = path.split('/').skip(1).map(Segment::read).collect();
        let rank = segments.iter().map(Segment::rank).collect();
        Self { rank, segments, end }
    }

    /// The path as this route spells it, if it matches.
    fn spell(&self, path: &str) -> Option<String> {
        let mut spelled = String::with_capacity(path.len() + 1);
        let mut left = path.strip_prefix('/')?;
        for (n, segment) in self.segments.iter().enumerate() {
            if n > 0 {
                left = left.strip_prefix('/')?;
            }
            let (text, rest) = left.split_at(left.find('/').unwrap_or(left.len()));
            if text.is_empty() {
                return None;
            }
            spelled.push('/');
            match segment {
                Segment::Rest => {
                    spelled.push_str(left);
                    return Some(spelled);
                }
                Segment::Literal(literal) if alike(literal, text) => spelled.push_str(literal),
                Segment::Parameter { before } if before.is_empty() => spelled.push_str(text),
                Segment::Parameter { before } => {
                    let value = text.get(before.len()..).filter(|value| !value.is_empty())?;
                    alike(before, &text[..before.len()]).then_some(())?;
                    spelled.extend([before, value]);
                }
                Segment::Literal(_) => return None,
            }
            left = rest;
        }
        if self.end == End::Slash {
            spelled.push('/');
        }
        matches!(left, "" | "/").then_some(spelled)
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        // Braces of a literal are doubled.
        let plain = text.replace("{{", "").replace("}}", "");
        match text.split_once('{') {
            Some(("", rest)) if rest.starts_with('*') => Self::Rest,
            Some((before, _)) if plain.contains('{') => Self::Parameter {
                before: before.to_owned(),
            },
            _ => Self::Literal(text.replace("{{", "{").replace("}}", "}")),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter { before } if !before.is_empty() => 1,
            Self::Parameter { .. } => 2,
            Self::Rest => 3,
        }
    }
}

/// Whether a segment of a path is this literal, in any case, percent-encoded or not. An encoded slash is none.
fn alike(literal: &str, text: &str) -> bool {
    let Ok(text) = percent_decode_str(text).decode_utf8() else {
        return false;
    };
    match text {
        Cow::Borrowed(text) if text.is_ascii() => text.eq_ignore_ascii_case(literal),
        // Both ways: a letter that only shares its capital (a dotless i) is another letter.
        text => {
            text.to_uppercase() == literal.to_uppercase() && text.to_lowercase() == literal.to_lowercase()
        }
    }
}
