//! Matches paths as the host does. ASP.NET's routing ignores the case of literals and one trailing slash, and the host
//! passes the path unchanged, so requests may arrive in spellings that axum's router would not match: they are rewritten
//! to the spelling of the registered route. Parameters are not changed; an empty segment matches nothing.

use std::borrow::Cow;

use http::Uri;
use percent_encoding::percent_decode_str;

/// The registered paths, which can be looked up in any spelling.
#[derive(Default)]
pub(super) struct Spellings {
    /// For exact matches, as in axum; the value is the route's rank.
    exact: matchit::Router<Rank>,
    /// In the host's order of preference.
    routes: Vec<Route>,
}

/// Literals before parameters before catch-alls, segment by segment, as ASP.NET ranks routes.
type Rank = Vec<u8>;

struct Route {
    rank: Rank,
    segments: Vec<Segment>,
    trailing_slash: TrailingSlash,
}

/// Whether the path was registered with a trailing slash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TrailingSlash {
    Absent,
    Present,
}

enum Segment {
    /// A literal, as registered.
    Literal(String),
    /// `{id}`, possibly with text before it.
    Parameter { before: String },
    /// `{*rest}`: the rest of the path.
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

    /// The URI in the spelling of its route; `None` if it needs no change, or has no route.
    pub(super) fn registered(&self, uri: &Uri) -> Option<Uri> {
        let exact = self.exact.at(uri.path()).ok().map(|found| found.value);
        // A route that the host prefers to the exact match can only match in another spelling.
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
        let (path, trailing_slash) = match path.strip_suffix('/') {
            Some(bare) => (bare, TrailingSlash::Present),
            None => (path, TrailingSlash::Absent),
        };
        let segments: Vec<Segment> = path.split('/').skip(1).map(Segment::read).collect();
        let rank = segments.iter().map(Segment::rank).collect();
        Self {
            rank,
            segments,
            trailing_slash,
        }
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
                Segment::Literal(literal) if matches_literal(literal, text) => spelled.push_str(literal),
                Segment::Parameter { before } if before.is_empty() => spelled.push_str(text),
                Segment::Parameter { before } => {
                    let value = text.get(before.len()..).filter(|value| !value.is_empty())?;
                    matches_literal(before, &text[..before.len()]).then_some(())?;
                    spelled.extend([before, value]);
                }
                Segment::Literal(_) => return None,
            }
            left = rest;
        }
        if self.trailing_slash == TrailingSlash::Present {
            spelled.push('/');
        }
        matches!(left, "" | "/").then_some(spelled)
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        // Braces in a literal are doubled.
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

/// Whether a segment of a path is this literal, in any case, percent-encoded or not. An encoded slash is not a separator.
fn matches_literal(literal: &str, text: &str) -> bool {
    let Ok(text) = percent_decode_str(text).decode_utf8() else {
        return false;
    };
    match text {
        Cow::Borrowed(text) if text.is_ascii() => text.eq_ignore_ascii_case(literal),
        // Upper and lower case: a dotless i has the same upper case as i, but is another letter.
        text => {
            text.to_uppercase() == literal.to_uppercase() && text.to_lowercase() == literal.to_lowercase()
        }
    }
}
