//! Makes addresses from routes: the way back from route values to a path.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use thiserror::Error;

use super::segment::{Part, Segment};
use super::template::{RouteParameter, RouteTemplate};

/// What a path's segment can't hold as it is (RFC 3986, `pchar`).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// What a name or value of a query can't hold as it is.
const QUERY: &AsciiSet = &SEGMENT.add(b'&').add(b'+').add(b'=').add(b'\'');

/// Why a route and its values make no address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A parameter that must be there is not.
    #[error("the route parameter \"{0}\" has no value")]
    Missing(String),
    /// A value that a request with it would not be routed by.
    #[error("the value of the route parameter \"{name}\" is not accepted by its constraints ({constraints})")]
    NotAllowed {
        /// The parameter.
        name: String,
        /// Its constraints.
        constraints: String,
    },
    /// A segment would be `.` or `..`, which clients resolve, written as `%2E` too.
    #[error("a value makes a path segment of dots only, which leads elsewhere")]
    DotSegment,
}

impl RouteTemplate {
    /// The path, with a slash before it, that leads to this route with these values. Names match in any case; values that
    /// the route has no parameter for become a query, as ASP.NET does it.
    ///
    /// # Errors
    /// [`LinkError`] when a value is missing or would not be accepted.
    pub fn path(&self, values: &[(&str, &str)]) -> Result<String, LinkError> {
        let value_of = |parameter: &RouteParameter| {
            values
                .iter()
                .find(|(name, value)| parameter.name.eq_ignore_ascii_case(name) && !value.is_empty())
                .map(|(_, value)| *value)
        };
        let mut path = String::new();
        // The first parameter that was left out: nothing may follow it.
        let mut left_out: Option<&RouteParameter> = None;
        for segment in self.segments() {
            match written(segment, &value_of)? {
                Written::Text(text) => {
                    if let Some(parameter) = left_out {
                        match &parameter.default {
                            Some(default) => push(&mut path, &encoded(default)),
                            None => return Err(LinkError::Missing(parameter.name.clone())),
                        }
                        left_out = None;
                    }
                    push(&mut path, &text);
                }
                Written::Absent(parameter) => left_out = left_out.or(Some(parameter)),
            }
        }
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(LinkError::DotSegment);
        }
        if path.is_empty() {
            path.push('/');
        }
        let known = |name: &str| {
            self.parameters()
                .any(|parameter| parameter.name.eq_ignore_ascii_case(name))
        };
        let mut separator = '?';
        for (name, value) in values.iter().filter(|(name, _)| !known(name)) {
            path.push(separator);
            path.extend(utf8_percent_encode(name, QUERY));
            path.push('=');
            path.extend(utf8_percent_encode(value, QUERY));
            separator = '&';
        }
        Ok(path)
    }
}

enum Written<'a> {
    Text(String),
    Absent(&'a RouteParameter),
}

fn written<'a, 'v>(
    segment: &'a Segment,
    value_of: &dyn Fn(&RouteParameter) -> Option<&'v str>,
) -> Result<Written<'a>, LinkError> {
    let checked = |parameter: &RouteParameter| match value_of(parameter) {
        Some(value) if !parameter.allows(value) => Err(LinkError::NotAllowed {
            name: parameter.name.clone(),
            constraints: parameter.constraints.join(", "),
        }),
        value => Ok(value),
    };
    if let Segment::CatchAll(parameter) = segment {
        return Ok(match checked(parameter)? {
            // Its slashes divide segments.
            Some(rest) => Written::Text(rest.split('/').map(encoded).collect::<Vec<_>>().join("/")),
            None => Written::Absent(parameter),
        });
    }
    if let Some((parameter, _)) = segment.absent()
        && checked(parameter)?.is_none()
    {
        return Ok(Written::Absent(parameter));
    }
    let Segment::Parts(parts) = segment else {
        return Ok(Written::Text(String::new()));
    };
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text(literal) => {
                // The separator of an optional parameter goes with it: `{name}.{ext?}`.
                let goes = match parts.get(index + 1) {
                    Some(Part::Parameter(next)) => next.is_optional() && checked(next)?.is_none(),
                    _ => false,
                };
                if !goes {
                    text.push_str(&encoded(literal));
                }
            }
            Part::Parameter(parameter) => match (checked(parameter)?, &parameter.default) {
                (Some(value), _) => text.push_str(&encoded(value)),
                (None, Some(default)) => text.push_str(&encoded(default)),
                (None, None) if parameter.is_optional() => {}
                (None, None) => return Err(LinkError::Missing(parameter.name.clone())),
            },
        }
    }
    Ok(Written::Text(text))
}

fn push(path: &mut String, segment: &str) {
    path.push('/');
    path.push_str(segment);
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(template: &str, values: &[(&str, &str)]) -> Result<String, LinkError> {
        RouteTemplate::parse(template).unwrap().path(values)
    }

    #[test]
    fn a_path_leads_back_to_its_route() {
        for (template, values, expected) in [
            ("api/messages", &[][..], "/api/messages"),
            ("", &[], "/"),
            ("api/notification/{id?}", &[], "/api/notification"),
            ("api/notification/{id?}", &[("ID", "7")], "/api/notification/7"),
            (
                "n/{id}/report",
                &[("id", "a b/ü?")],
                "/n/a%20b%2F%C3%BC%3F/report",
            ),
            ("n/{*path}", &[("path", "a/b c")], "/n/a/b%20c"),
            ("n/{*path}", &[], "/n"),
            ("f/{name}.{ext?}", &[("name", "x")], "/f/x"),
            ("f/{name}.{ext?}", &[("name", "x"), ("ext", "txt")], "/f/x.txt"),
            ("l/{lang=en}/{page?}", &[], "/l"),
            ("l/{lang=en}/{page?}", &[("page", "2")], "/l/en/2"),
            (
                "{tenant}/n",
                &[("tenant", "t"), ("view", "a&b")],
                "/t/n?view=a%26b",
            ),
            (
                "v{major:int}",
                &[("major", "2"), ("a", "1"), ("b", "2")],
                "/v2?a=1&b=2",
            ),
        ] {
            assert_eq!(path(template, values).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn a_value_that_is_missing_or_would_not_be_routed_is_named() {
        for (template, values, name) in [
            ("n/{id}", &[][..], "id"),
            ("n/{id}", &[("id", "")], "id"),
            ("n/{a?}/{b?}", &[("b", "x")], "a"),
            ("n/{id:guid}", &[("id", "x")], "id"),
            ("n/{id:int:min(5)?}", &[("id", "4")], "id"),
        ] {
            let error = path(template, values).unwrap_err().to_string();
            assert!(error.contains(&format!("\"{name}\"")), "{template}: {error}");
        }
        for (template, value) in [("n/{a}", ".."), ("{*a}", "x/./y")] {
            assert_eq!(path(template, &[("a", value)]), Err(LinkError::DotSegment));
        }
    }
}
