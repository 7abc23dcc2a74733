//! All HTTP functions, in the order in which ASP.NET tries them.

use http::Method;

use super::template::{RouteTemplate, RouteValues};
use crate::function::{Function, FunctionState, Trigger};
use crate::project::Project;

/// Finds the function that a request is for.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Index into the project's functions, best match first.
    order: Vec<usize>,
}

impl RouteTable {
    /// The enabled HTTP functions of a project.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        let mut order: Vec<(Vec<u8>, usize)> = project
            .functions()
            .iter()
            .enumerate()
            .filter(|(_, function)| function.state == FunctionState::Enabled)
            .filter_map(|(index, function)| Some((template(function)?.precedence(), index)))
            .collect();
        order.sort();
        Self {
            order: order.into_iter().map(|(_, index)| index).collect(),
        }
    }

    /// The function of that same project for a decoded path and a verb, with its route values. Letters match in any case,
    /// and slashes at the ends don't count. A verb that no function on the route lists finds nothing.
    #[must_use]
    pub fn find<'p>(
        &self,
        project: &'p Project,
        method: &Method,
        path: &str,
    ) -> Option<(&'p Function, RouteValues)> {
        let path = segments(path);
        self.order.iter().find_map(|index| {
            let function = project.functions().get(*index)?;
            let Trigger::Http(http) = &function.trigger else {
                return None;
            };
            let values = http.accepts(method).then(|| http.address.matches(&path))??;
            Some((function, values))
        })
    }
}

fn template(function: &Function) -> Option<&RouteTemplate> {
    match &function.trigger {
        Trigger::Http(http) => Some(&http.address),
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
