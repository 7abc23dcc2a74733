//! Route templates as ASP.NET writes them: `items/{id:int?}`, `{*path}`, `files/{name}.{ext?}`.

use std::fmt;

use thiserror::Error;

use super::constraint::Constraint;
use super::segment::{self, Segment};

/// A parsed route.
#[derive(Clone, Debug)]
pub struct RouteTemplate {
    text: String,
    segments: Vec<Segment>,
}

/// Why a text is not a route template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Braces that do not pair.
    #[error("its braces do not pair; a parameter is written {{name}}, a literal brace {{{{ or }}}}")]
    Braces,
    /// A parameter without a valid name.
    #[error("\"{0}\" is no parameter name; letters, digits and _ are accepted")]
    ParameterName(String),
    /// The same parameter twice.
    #[error("the parameter \"{0}\" occurs twice")]
    Duplicate(String),
    /// Something follows `{*rest}`.
    #[error("the catch-all parameter must come last and stand alone in its segment")]
    CatchAllNotLast,
    /// `{id?}` before a segment that must be there.
    #[error("the optional parameter \"{0}\" must stand at the end")]
    OptionalNotLast(String),
    /// Two parameters side by side.
    #[error("two parameters need text between them")]
    Adjacent,
    /// An unknown or malformed constraint.
    #[error(
        "the constraint \"{0}\" is not known; accepted: int, long, bool, guid, alpha, datetime, decimal, double, float, length, minlength, maxlength, min, max, range, regex, required"
    )]
    Constraint(String),
    /// `?` or an empty segment.
    #[error("\"{0}\" is not accepted in a route")]
    Character(char),
    /// `a//b`.
    #[error("it has an empty segment")]
    EmptySegment,
}

/// One parameter of a route.
#[derive(Clone, Debug)]
pub struct RouteParameter {
    /// Its name, as written.
    pub name: String,
    /// Its constraints as written, such as `int` or `length(2,8)`.
    pub constraints: Vec<String>,
    /// What stands for it when it is left out.
    pub default: Option<String>,
    /// Whether it is one value, may be left out, or takes the rest of the path.
    pub extent: ParameterExtent,
    pub(super) rules: Vec<Constraint>,
}

/// How much of a path a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterExtent {
    /// `{id}`: one segment or a part of it.
    Required,
    /// `{id?}`: the same, or nothing.
    Optional,
    /// `{*path}`: everything that is left, slashes included, or nothing.
    CatchAll,
}

impl RouteParameter {
    /// Whether all constraints hold for a value.
    #[must_use]
    pub fn allows(&self, value: &str) -> bool {
        self.rules.iter().all(|rule| rule.allows(value))
    }

    pub(super) fn is_optional(&self) -> bool {
        self.extent == ParameterExtent::Optional
    }
}

/// The value of each route parameter, decoded; in the order of the template.
pub type RouteValues = Vec<(String, String)>;

impl RouteTemplate {
    /// Reads a template; slashes at its ends do not count.
    ///
    /// # Errors
    /// [`RouteError`] for what ASP.NET refuses.
    pub fn parse(text: &str) -> Result<Self, RouteError> {
        let trimmed = text.trim_start_matches("~/").trim_matches('/');
        let mut segments = Vec::new();
        if !trimmed.is_empty() {
            for part in segment::split(trimmed)? {
                segments.push(Segment::parse(&part)?);
            }
        }
        check(&segments)?;
        Ok(Self {
            text: trimmed.to_owned(),
            segments,
        })
    }

    /// Matches decoded path segments (those after the prefix).
    #[must_use]
    pub fn matches(&self, path: &[String]) -> Option<RouteValues> {
        let mut values = RouteValues::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if let Segment::CatchAll(parameter) = segment {
                let rest = path.get(index..).unwrap_or_default().join("/");
                let value = if rest.is_empty() {
                    parameter.default.clone()
                } else {
                    Some(rest)
                };
                return match value {
                    Some(value) => parameter.allows(&value).then(|| with(values, parameter, value)),
                    None => Some(values),
                };
            }
            match path.get(index) {
                Some(text) => segment.matches(text, &mut values).then_some(())?,
                None => {
                    if let (parameter, Some(default)) = segment.absent()? {
                        values.push((parameter.name.clone(), default));
                    }
                }
            }
        }
        (path.len() <= self.segments.len()).then_some(values)
    }

    /// The parameters, in the order of the template.
    pub fn parameters(&self) -> impl Iterator<Item = &RouteParameter> {
        self.segments.iter().flat_map(Segment::parameters)
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Lower comes first: literals before constrained parameters before free ones before catch-alls.
    #[must_use]
    pub fn precedence(&self) -> Vec<u8> {
        self.segments.iter().map(Segment::precedence).collect()
    }

    /// The segments before the first that has a parameter.
    pub fn literal_prefix(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map_while(Segment::literal)
    }

    /// Whether both are the same route but for the case.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

fn with(mut values: RouteValues, parameter: &RouteParameter, value: String) -> RouteValues {
    values.push((parameter.name.clone(), value));
    values
}

fn check(segments: &[Segment]) -> Result<(), RouteError> {
    let mut names: Vec<String> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        if matches!(segment, Segment::CatchAll(_)) && !last {
            return Err(RouteError::CatchAllNotLast);
        }
        for parameter in segment.parameters() {
            let lower = parameter.name.to_lowercase();
            if names.contains(&lower) {
                return Err(RouteError::Duplicate(parameter.name.clone()));
            }
            names.push(lower);
            let rest_may_be_absent = segments[index + 1..].iter().all(|later| later.absent().is_some());
            if parameter.is_optional() && !rest_may_be_absent {
                return Err(RouteError::OptionalNotLast(parameter.name.clone()));
            }
        }
    }
    Ok(())
}

impl fmt::Display for RouteTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, path: &str) -> Option<String> {
        let template = RouteTemplate::parse(template).unwrap_or_else(|error| panic!("{template}: {error}"));
        let path: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let values = template.matches(&path)?;
        Some(
            values
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    #[test]
    fn matches_as_asp_net_does() {
        for (template, path, expected) in [
            ("messages", "messages", Some("")),
            ("/messages/", "MESSAGES", Some("")),
            ("messages", "messages/x", None),
            ("items/{id:int?}", "items", Some("")),
            ("items/{id:int?}", "items/7", Some("id=7")),
            ("items/{id:int?}", "items/x", None),
            ("items/{id=5}", "items", Some("id=5")),
            ("items/{id}", "items", None),
            ("notification/{*path}", "notification", Some("")),
            ("notification/{*path}", "notification/a/b", Some("path=a/b")),
            ("{**rest}", "a/b", Some("rest=a/b")),
            ("files/{name}.{ext?}", "files/a.b.txt", Some("name=a.b ext=txt")),
            ("files/{name}.{ext?}", "files/a", Some("name=a")),
            ("v{major:int}-{minor:int}", "v1-2", Some("major=1 minor=2")),
            ("v{major:int}-{minor:int}", "v1-x", None),
            ("{id:length(2,3):alpha}", "abc", Some("id=abc")),
            ("{id:length(2,3):alpha}", "ab1", None),
            ("{id:regex(^\\d{{3}}$)}", "123", Some("id=123")),
            ("{id:regex(^\\d{{3}}$)}", "1234", None),
            (
                "{id:guid}",
                "0d5f7f0e-54be-4ba1-9a8e-0a5d3c0f6b77",
                Some("id=0d5f7f0e-54be-4ba1-9a8e-0a5d3c0f6b77"),
            ),
            ("a{{b}}", "a{b}", Some("")),
            ("", "", Some("")),
            ("", "x", None),
        ] {
            assert_eq!(matched(template, path).as_deref(), expected, "{template} {path}");
        }
    }

    #[test]
    fn refuses_what_asp_net_refuses() {
        for (template, part) in [
            ("a/{b", "braces"),
            ("a/b}", "braces"),
            ("{a}{b}", "text between"),
            ("{a}/{A}", "twice"),
            ("{*a}/b", "last"),
            ("x{*a}", "catch-all"),
            ("{a?}/b", "end"),
            ("{a:nonsense}", "nonsense"),
            ("{a:length(x)}", "length(x)"),
            ("{}", "parameter name"),
            ("{a-b}", "a-b"),
            ("a?b", "?"),
            ("a//b", "empty"),
        ] {
            let error = RouteTemplate::parse(template).expect_err(template).to_string();
            assert!(error.contains(part), "{template}: {error}");
        }
    }
}
