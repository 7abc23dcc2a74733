//! The table of all HTTP functions, in the order in which ASP.NET tries them.

use http::Method;

use functions_project::{Function, FunctionState, Project, Trigger};
use functions_project::{RouteTemplate, RouteValues};

#[derive(Debug)]
pub(crate) struct RouteTable {
    /// The prefix's segments.
    prefix: Vec<String>,
    /// Index into the project's functions, best match first.
    order: Vec<usize>,
}

impl RouteTable {
    pub(crate) fn new(project: &Project) -> Self {
        let prefix = segments(&project.host().http.route_prefix);
        let mut order: Vec<(Vec<u8>, usize)> = project
            .functions()
            .iter()
            .enumerate()
            .filter(|(_, function)| function.state == FunctionState::Enabled)
            .filter_map(|(index, function)| Some((template(function)?.precedence(), index)))
            .collect();
        order.sort();
        Self {
            prefix,
            order: order.into_iter().map(|(_, index)| index).collect(),
        }
    }

    /// The function for a decoded path and a verb, with its route values. A verb that no function on the
    /// route lists finds nothing.
    pub(crate) fn find<'p>(
        &self,
        project: &'p Project,
        method: &Method,
        path: &str,
    ) -> Option<(&'p Function, RouteValues)> {
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
        self.order.iter().find_map(|index| {
            let function = project.functions().get(*index)?;
            let Trigger::Http(http) = &function.trigger else {
                return None;
            };
            let values = http.accepts(method).then(|| http.route.matches(below))??;
            Some((function, values))
        })
    }
}

fn template(function: &Function) -> Option<&RouteTemplate> {
    match &function.trigger {
        Trigger::Http(http) => Some(&http.route),
        _ => None,
    }
}

fn segments(path: &str) -> Vec<String> {
    let trimmed = path.trim_matches('/');
    if trimmed.is_empty() {
        Vec::new()
    } else {
        trimmed.split('/').map(str::to_owned).collect()
    }
}
