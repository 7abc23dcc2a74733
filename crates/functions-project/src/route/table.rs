//! The routes of all HTTP functions, in the order in which ASP.NET tries them. The local host and the bot behind any
//! host match by the same table.

use http::Method;

use super::{RouteTemplate, RouteValues};
use crate::function::{Function, HttpTrigger};
use crate::names::FunctionName;
use crate::project::Project;

/// The routes of a project's HTTP functions.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Best match first.
    routes: Vec<Route>,
}

/// The route of one HTTP function.
#[derive(Clone, Debug)]
pub struct Route {
    /// The function.
    pub function: FunctionName,
    /// Its address and its verbs.
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
        let functions = project.http_functions();
        let mut routes: Vec<Route> = functions
            .filter(|(function, _)| takes_part(function))
            .map(|(function, trigger)| Route {
                function: function.name.clone(),
                base: base_of(&trigger.address),
                trigger: trigger.clone(),
            })
            .collect();
        // Stable: of equal ones the first by name.
        routes.sort_by_key(|route| route.trigger.address.precedence());
        Self { routes }
    }

    /// The route for a decoded path and a verb, with its values. A verb that no function on the route lists finds
    /// nothing.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<(&Route, RouteValues)> {
        let path = segments(path);
        self.routes.iter().find_map(|route| {
            let accepted = route.trigger.accepts(method);
            let values = accepted.then(|| route.trigger.address.matches(&path))??;
            Some((route, values))
        })
    }

    /// The first route for a decoded path, whatever verbs it takes.
    #[must_use]
    pub fn find_path(&self, path: &str) -> Option<(&Route, RouteValues)> {
        let path = segments(path);
        self.routes
            .iter()
            .find_map(|route| Some((route, route.trigger.address.matches(&path)?)))
    }

    /// All routes, best match first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}

fn base_of(address: &RouteTemplate) -> String {
    let literal = address.literal_prefix();
    literal.fold(String::new(), |path, segment| path + "/" + segment)
}

/// Slashes at the ends say nothing.
fn segments(path: &str) -> Vec<String> {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Vec::new();
    }
    path.split('/').map(str::to_owned).collect()
}
