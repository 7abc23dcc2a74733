//! The functions of the project, as its files say: their routes, and whether files and code fit together.

use crate::http::Routes;
use functions_project::{Problem, Project, Settings};

/// What the project's files say of its functions.
pub(crate) struct Functions {
    routes: Routes,
    names: Vec<String>,
    problems: Vec<Problem>,
    requests: ClientRequests,
}

/// How the host brings requests of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientRequests {
    /// Through its proxy, which marks each.
    Proxied,
    /// Forwarded, or as envelopes.
    Forwarded,
}

impl ClientRequests {
    fn of(project: &Project, settings: &Settings) -> Self {
        match project.custom_handler(settings) {
            Ok(handler) if handler.proxying => Self::Proxied,
            _ => Self::Forwarded,
        }
    }
}

impl Functions {
    /// Takes from the files what counts here.
    pub(crate) fn of(project: &Project, settings: &Settings) -> Self {
        Self {
            routes: Routes::of(project),
            names: project
                .functions()
                .iter()
                .map(|function| function.name.as_str().to_owned())
                .collect(),
            problems: project.problems().to_vec(),
            requests: ClientRequests::of(project, settings),
        }
    }

    /// Where HTTP functions are.
    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Warns of files that can't be used, and of functions that have code and no folder, or a folder and no code: none of
    /// them is ever run. Each is warned of once: this is the only place that logs the project's problems.
    pub(crate) fn check(&self, code: impl Iterator<Item = &'static str>) {
        let code: Vec<&str> = code
            .chain([crate::delivery::QUEUE, crate::delivery::TIMER])
            .collect();
        for problem in &self.problems {
            tracing::warn!(%problem, "a file of the project can't be used");
        }
        for name in &code {
            if !self.names.iter().any(|known| known.eq_ignore_ascii_case(name)) && !self.is_broken(name) {
                tracing::warn!(
                    function = name,
                    "the code has this function, but the project has no folder with its function.json: nothing calls it"
                );
            }
        }
        if self.requests == ClientRequests::Forwarded {
            self.check_paths(&code);
        }
        for name in &self.names {
            if !code.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                tracing::warn!(
                    function = name,
                    "the project has a folder of this function, but no code: its calls are answered 404"
                );
            }
        }
    }

    /// Warns of clients' paths that are those by which the host calls functions (azure-functions-host issue 6251).
    fn check_paths(&self, code: &[&str]) {
        for name in code {
            if let Some(reached) = self.routes.posted_to(&format!("/{name}"))
                && !reached.eq_ignore_ascii_case(name)
            {
                tracing::warn!(
                    function = name,
                    route_of = reached,
                    "a client's request can have the very path by which the host calls this function, and a host that forwards requests marks them weakly: set routePrefix or enableProxyingHttpRequest in host.json"
                );
            }
        }
    }

    /// Whether the function's own file is the problem.
    fn is_broken(&self, name: &str) -> bool {
        let mut folders = self
            .problems
            .iter()
            .filter_map(|problem| problem.file().strip_suffix("/function.json"));
        folders.any(|folder| folder.eq_ignore_ascii_case(name))
    }
}
