//! The routes of all HTTP functions, in the order in which ASP.NET tries them. The local host and the bot behind any
//! host match by the same table.

use http::Method;

use super::{RouteTemplate, RouteValues};
use crate::function::{Function, HttpTrigger, Trigger};
use crate::names::FunctionName;
use crate::project::Project;

/// The routes of a project's HTTP functions.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// The prefix's segments.
    prefix: Vec<String>,
    /// Best match first.
    routes: Vec<Route>,
}

/// The route of one HTTP function.
#[derive(Clone, Debug)]
pub struct Route {
    /// The function.
    pub function: FunctionName,
    /// Its route below the prefix, and its verbs.
    pub trigger: HttpTrigger,
    base: String,
}

impl Route {
    /// The public path before the first parameter, with the prefix: `/api/notification` for `notification/{*rest}`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl RouteTable {
    /// The routes of those functions that `takes_part` names.
    pub fn new(project: &Project, takes_part: impl Fn(&Function) -> bool) -> Self {
        let prefix = segments(&project.host().http.route_prefix);
        let functions = project.functions().iter().filter(|function| takes_part(function));
        let mut routes: Vec<Route> = functions
            .filter_map(|function| match &function.trigger {
                Trigger::Http(trigger) => Some(Route {
                    function: function.name.clone(),
                    base: base(&prefix, &trigger.route),
                    trigger: trigger.clone(),
                }),
                _ => None,
            })
            .collect();
        // Stable: of equal ones the first by name.
        routes.sort_by_key(|route| route.trigger.route.precedence());
        Self { prefix, routes }
    }

    /// The route for a decoded path and a verb, with its values. A verb that no function on the route lists finds
    /// nothing.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<(&Route, RouteValues)> {
        let path = segments(path);
        let below = path.get(self.prefix.len()..)?;
        let in_prefix = self
            .prefix
            .iter()
            .zip(&path)
            .all(|(left, right)| left.eq_ignore_ascii_case(right));
        if !in_prefix {
            return None;
        }
        self.routes.iter().find_map(|route| {
            let accepted = route.trigger.accepts(method);
            let values = accepted.then(|| route.trigger.route.matches(below))??;
            Some((route, values))
        })
    }

    /// All routes, best match first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}

fn base(prefix: &[String], route: &RouteTemplate) -> String {
    let literal = route.literal_prefix();
    let all = prefix.iter().map(String::as_str).chain(literal);
    all.fold(String::new(), |path, segment| path + "/" + segment)
}

/// A slash at the end says nothing; an empty segment is one that no route has.
fn segments(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        Vec::new()
    } else {
        path.split('/').map(str::to_owned).collect()
    }
}
