//! Query parameters: each route knows its own, and refuses others. `code` and `clientId` carry the function key: they
//! are the host's and never judged.

use super::{Problem, suggestion};
use axum::{extract::FromRequestParts, http::request::Parts};

/// The host's own, in any case.
const HOSTS: [&str; 2] = ["code", "clientId"];

/// The parameters of a call, each at most once.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query string whose parameters are `known`.
    pub(super) fn read(query: &str, known: &[&'static str]) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if HOSTS.iter().any(|host| host.eq_ignore_ascii_case(&name)) {
                continue;
            }
            if !known.contains(&&*name) {
                return Err(unknown(&name, known));
            }
            if parameters.iter().any(|(given, _)| *given == name) {
                return Err(Problem::parameter(
                    name,
                    "this parameter is given twice; give it once",
                ));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn unknown(name: &str, known: &[&'static str]) -> Problem {
    let advice = match (suggestion::closest(name, known), known) {
        (Some(meant), _) => format!("did you mean {meant:?}?"),
        (None, []) => "this call has none".to_owned(),
        (None, known) => format!("known are {}", known.join(", ")),
    };
    let name: String = name.chars().take(100).collect();
    let detail = format!("there is no query parameter {name:?}; {advice}");
    Problem::parameter(name, detail)
}

/// A call without parameters of its own.
#[derive(Debug)]
pub(super) struct NoParameters;

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Parameters::read(parts.uri.query().unwrap_or_default(), &[]).map(|_| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_nobody_knows_is_named() {
        let known = &["state", "limit"];
        for (query, name, advice) in [
            ("stat=x", "stat", "did you mean \"state\"?"),
            ("LIMIT=1", "LIMIT", "did you mean \"limit\"?"),
            ("limit=1&audience=x", "audience", "known are state, limit"),
            ("limit=1&limit=1", "limit", "twice"),
            ("=x", "", "known are"),
        ] {
            let problem = Parameters::read(query, known).err().unwrap();
            let text = serde_json::to_value(&problem).unwrap();
            assert_eq!(text["parameter"], name, "{query}");
            assert!(problem.detail().contains(advice), "{query}: {}", problem.detail());
        }
        let none = Parameters::read("x=1", &[]).err().unwrap();
        assert!(none.detail().contains("has none"), "{}", none.detail());
    }

    #[test]
    fn the_hosts_parameters_are_not_judged() {
        let read = Parameters::read("code=x&CODE=y&clientId=z&ClientID=&limit=5", &["limit"]).unwrap();
        assert_eq!(read.get("limit"), Some("5"));
        assert_eq!(read.get("code"), None);
    }
}
