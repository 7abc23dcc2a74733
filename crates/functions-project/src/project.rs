//! A function app on disk: host.json and every `*/function.json`, checked as the real host checks them.
//!
//! A wrong host.json stops everything. A wrong function.json takes only its function out and is
//! reported, as on Azure. Nothing here runs anything.

use std::path::{Path, PathBuf};

use crate::configuration::Configuration;
use crate::function::{Function, FunctionState, HttpTrigger, Trigger};
use crate::function_json::{self, LoadContext};
use crate::host_json::{self, CustomHandler, HostConfig};
use crate::problem::{Place, Problem};
use crate::settings::Settings;

/// A function app as loaded.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
    configuration: Configuration,
    host: HostConfig,
    functions: Vec<Function>,
    problems: Vec<Problem>,
}

impl Project {
    /// Reads `root/host.json` and `root/*/function.json`, and refuses what the host refuses. The custom handler's own
    /// section is [`custom_handler`](Self::custom_handler)'s to judge.
    ///
    /// # Errors
    /// A [`Problem`] of host.json, or a folder that cannot be listed. Problems of single functions are in
    /// [`problems`](Self::problems).
    pub fn load(root: &Path, settings: &Settings) -> Result<Self, Problem> {
        Self::load_with(root, settings, &[])
    }

    /// As [`load`](Self::load); the functions named in `enabled` are not disabled by their own files.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_with(root: &Path, settings: &Settings, enabled: &[String]) -> Result<Self, Problem> {
        let root = absolute(root);
        let value = host_json::load(&root)?;
        host_json::check_version(&value)?;
        let configuration = Configuration::new(&value, settings);
        let host = HostConfig::read(&configuration, settings)?;
        let folders = folders(&root)?;
        let mut project = Self {
            root,
            configuration,
            host,
            functions: Vec::new(),
            problems: Vec::new(),
        };
        project.load_functions(&folders, settings, enabled);
        Ok(project)
    }

    /// Reads what a handler needs to know of the project that a Functions host runs around it. That host has accepted the
    /// files, so nothing here is refused: what can't be read is replaced by something cautious and is in
    /// [`problems`](Self::problems).
    #[must_use]
    pub fn observe(root: &Path, settings: &Settings) -> Self {
        let root = absolute(root);
        let mut problems = Vec::new();
        let value = host_json::load(&root).unwrap_or_else(|problem| {
            problems.push(problem.and("cautious defaults are taken instead"));
            host_json::cautious()
        });
        let configuration = Configuration::new(&value, settings);
        let host = HostConfig::observe(&configuration, settings, &mut problems);
        let folders = folders(&root).unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        let mut project = Self {
            root,
            configuration,
            host,
            functions: Vec::new(),
            problems,
        };
        project.load_functions(&folders, settings, &[]);
        project
    }

    fn load_functions(&mut self, folders: &[String], settings: &Settings, enabled: &[String]) {
        let route_prefix = self.host.http.route_prefix.clone();
        let context = LoadContext {
            settings,
            route_prefix: &route_prefix,
            has_extensions: self.host.has_extension_bundle || self.root.join("bin/extensions.json").exists(),
            enabled,
        };
        for folder in folders {
            match function_json::load(&self.root, folder, &context)
                .and_then(|function| unique(&self.functions, function))
            {
                Ok(function) => self.functions.push(finished(function, &self.host)),
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// How the host starts the handler and passes requests on to it.
    ///
    /// # Errors
    /// The [`Problem`] for which the host would not start it.
    pub fn custom_handler(&self, settings: &Settings) -> Result<CustomHandler, Problem> {
        CustomHandler::read(&self.configuration, settings)
    }

    /// The app's folder, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// host.json.
    #[must_use]
    pub fn host(&self) -> &HostConfig {
        &self.host
    }

    /// The functions that were loaded, disabled ones too, by name.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// A function by its name, in any case.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|function| function.name.as_str().eq_ignore_ascii_case(name))
    }

    /// The HTTP functions with their triggers, disabled ones too, by name.
    pub fn http_functions(&self) -> impl Iterator<Item = (&Function, &HttpTrigger)> {
        self.functions
            .iter()
            .filter_map(|function| match &function.trigger {
                Trigger::Http(trigger) => Some((function, trigger)),
                _ => None,
            })
    }

    /// Why functions are missing.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

fn absolute(root: &Path) -> PathBuf {
    std::path::absolute(root).unwrap_or_else(|_| root.to_owned())
}

fn folders(root: &Path) -> Result<Vec<String>, Problem> {
    let entries = std::fs::read_dir(root).map_err(|error| {
        Problem::new(
            ".",
            Place::File,
            format!("{} cannot be listed: {error}", root.display()),
        )
    })?;
    let mut folders: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("function.json").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    Ok(folders)
}

/// Refuses a name that differs in case only, and a route and verb that an earlier function has.
fn unique(earlier: &[Function], function: Function) -> Result<Function, Problem> {
    let file = format!("{}/function.json", function.name);
    for other in earlier {
        if other.name.as_str().eq_ignore_ascii_case(function.name.as_str()) {
            let message = format!(
                "the name differs from {} in case only; rename the folder",
                other.name
            );
            return Err(Problem::new(file, Place::File, message));
        }
        if let (Trigger::Http(mine), Trigger::Http(theirs)) = (&function.trigger, &other.trigger)
            && mine.route.same_as(&theirs.route)
            && methods_overlap(mine, theirs)
        {
            let message = format!(
                "the route \"{}\" conflicts with the route of {}; change the route or the methods of one of them",
                mine.route, other.name
            );
            return Err(Problem::new(file, Place::File, message));
        }
    }
    Ok(function)
}

fn methods_overlap(left: &HttpTrigger, right: &HttpTrigger) -> bool {
    match (&left.methods, &right.methods) {
        (Some(left), _) => left.iter().any(|method| right.accepts(method)),
        (None, Some(right)) => !right.is_empty(),
        (None, None) => true,
    }
}

fn finished(mut function: Function, host: &HostConfig) -> Function {
    function.retry = function.retry.or(host.retry);
    let named = |only: &Vec<String>| {
        only.iter()
            .any(|name| name.eq_ignore_ascii_case(function.name.as_str()))
    };
    if host.listed_functions.as_ref().is_some_and(|only| !named(only)) {
        function.state = FunctionState::Disabled;
    }
    function
}
