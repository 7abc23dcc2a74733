//! A function app on disk: host.json and every `*/function.json`, checked as the real host checks them.
//!
//! A wrong host.json stops everything. A wrong function.json takes only its function out and is
//! reported, as on Azure. Nothing here runs anything.

use std::path::{Path, PathBuf};

use crate::function::{Function, FunctionState, HttpTrigger, Trigger};
use crate::function_json::{self, Surroundings};
use crate::host_json::HostConfig;
use crate::problem::{Place, Problem};
use crate::settings::Settings;

/// A function app as loaded.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
    host: HostConfig,
    functions: Vec<Function>,
    problems: Vec<Problem>,
}

impl Project {
    /// Reads `root/host.json` and `root/*/function.json`.
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
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let host = HostConfig::load(&root, settings)?;
        let has_extensions = host.has_extension_bundle || root.join("bin/extensions.json").exists();
        let around = Surroundings {
            settings,
            has_extensions,
            enabled,
        };
        let mut functions: Vec<Function> = Vec::new();
        let mut problems = Vec::new();
        for folder in folders(&root)? {
            match function_json::load(&root, &folder, &around)
                .and_then(|function| unique(&functions, function))
            {
                Ok(function) => functions.push(finished(function, &host)),
                Err(problem) => problems.push(problem),
            }
        }
        Ok(Self {
            root,
            host,
            functions,
            problems,
        })
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

    /// Why functions are missing.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
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
    if host.only.as_ref().is_some_and(|only| !named(only)) {
        function.state = FunctionState::Disabled;
    }
    function
}
