//! Checks host.json and the function.json files of the staged folder.
//!
//! The rules are the Functions host's (v4): function names, binding names, one trigger each; the ones that a package most
//! likely breaks. `crates/functions-project` reads the same files in full, but with the app's settings at hand: a schedule
//! or queue named as `%SETTING%` that no setting resolves is a problem there, and a package is built where the settings of
//! the app in Azure are not known. One rule is this package's own: the publishing tool marks the program by its name, so
//! `defaultExecutablePath` must be plain where the host accepts more. And this program is compiled before anything else:
//! it stays free of that crate's dependencies.

use std::path::Path;

use serde_json::Value;

use super::stage;
use crate::{failure::Failure, project::read_json};

/// `customHandler.description.defaultExecutablePath`, which must be a plain relative path: the publishing tool
/// gives the executable bit to the entry whose name equals it.
pub(super) fn executable(file: &Path) -> Result<String, Failure> {
    let host = read_json(file)?;
    if host.get("version").and_then(Value::as_str) != Some("2.0") {
        return Err(Failure::new("host.json: `version` must be \"2.0\""));
    }
    let path = host
        .pointer("/customHandler/description/defaultExecutablePath")
        .and_then(Value::as_str);
    match path {
        None | Some("") => Err(Failure::new(
            "host.json: `customHandler.description.defaultExecutablePath` is missing",
        )),
        Some(path) if path.starts_with(['.', '/']) || path.contains(['%', '\\']) => {
            Err(Failure::new(format!(
                "host.json: defaultExecutablePath `{path}` must be a name relative to host.json, such as `handler`"
            )))
        }
        Some(path) => Ok(path.to_owned()),
    }
}

/// Checks every function.json under `folder`; returns the functions' names.
pub(super) fn functions(folder: &Path) -> Result<Vec<String>, Failure> {
    let names = stage::function_folders(folder)?;
    for name in &names {
        let file = folder.join(name).join("function.json");
        let function = read_json(&file)?;
        check(name, &function).map_err(|problem| Failure::new(format!("{name}/function.json: {problem}")))?;
    }
    Ok(names)
}

/// The timer that comes with the project as a demo, and its schedule.
const DEMO_TIMER: (&str, &str) = ("timerTrigger", "*/30 * * * * *");

/// Warns if the demo timer is enabled with its schedule unchanged: allowed, but probably not intended.
pub(super) fn demo_timer(folder: &Path) -> Result<Option<String>, Failure> {
    let (name, schedule) = DEMO_TIMER;
    let file = folder.join(name).join("function.json");
    if !file.is_file() {
        return Ok(None);
    }
    let function = read_json(&file)?;
    Ok(is_demo_enabled(&function, schedule).then(|| {
        format!(
            "{name}/function.json: the demo timer is enabled with its schedule {schedule}: once this is published, what \
             {name} sends in src/triggers.rs goes out every 30 seconds. Set your own schedule, or set \
             \"disabled\": true"
        )
    }))
}

/// `disabled` may also name a setting, whose value only the function app knows: it counts as disabled.
fn is_demo_enabled(function: &Value, schedule: &str) -> bool {
    let off = match function.get("disabled") {
        Some(Value::Bool(off)) => *off,
        Some(Value::String(text)) => !text.eq_ignore_ascii_case("false"),
        _ => false,
    };
    let bindings = function.get("bindings").and_then(Value::as_array);
    !off && bindings
        .into_iter()
        .flatten()
        .any(|binding| binding.get("schedule").and_then(Value::as_str) == Some(schedule))
}

fn check(name: &str, function: &Value) -> Result<(), String> {
    if !is_name(name, |c| matches!(c, '_' | '-')) || name.eq_ignore_ascii_case("host") {
        return Err(
            "the name of a function's folder must be a letter, then letters, digits, `_` or `-`; `host` is reserved".to_owned(),
        );
    }
    let bindings = function
        .get("bindings")
        .and_then(Value::as_array)
        .ok_or("`bindings` must be an array")?;
    let mut seen: Vec<String> = Vec::new();
    let mut triggers = 0;
    for binding in bindings {
        let text = |key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default();
        let binding_name = text("name");
        if binding_name != "$return" && !is_name(binding_name, |_| false) {
            return Err(format!(
                "binding name `{binding_name}` must be a letter, then letters or digits"
            ));
        }
        let lower = binding_name.to_ascii_lowercase();
        if seen.contains(&lower) {
            return Err(format!("two bindings are named `{binding_name}`"));
        }
        seen.push(lower);
        if text("type").to_ascii_lowercase().ends_with("trigger") {
            triggers += 1;
        }
    }
    if triggers == 1 {
        Ok(())
    } else {
        Err(format!(
            "a function has exactly one trigger, this one has {triggers}"
        ))
    }
}

fn is_name(name: &str, also: impl Fn(char) -> bool) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || also(c);
    name.len() <= 128 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(rest)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{DEMO_TIMER, check, demo_timer, executable, functions, is_demo_enabled};

    #[test]
    fn what_this_project_ships_passes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert_eq!(executable(&root.join("host.json")).unwrap(), "handler");
        let names = functions(&root).unwrap();
        for name in [
            "httpTrigger",
            "messageHandler",
            "timerTrigger",
            "apiTrigger",
            "healthTrigger",
            "deliveryQueue",
            "reconcileTimer",
        ] {
            assert!(
                names.iter().any(|found| found == name),
                "{name} is missing from {names:?}"
            );
        }
    }

    /// On, as it is, it would post to everybody every 30 seconds from the minute of publishing.
    #[test]
    fn the_demo_timer_ships_switched_off() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert_eq!(demo_timer(&root).unwrap(), None);
    }

    #[test]
    fn only_the_demo_as_it_is_gets_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let timer = |disabled: serde_json::Value, schedule: &str| {
            let name = folder.path().join("timerTrigger");
            std::fs::create_dir_all(&name).unwrap();
            let text = json!({"disabled": disabled, "bindings": [{"type": "timerTrigger", "name": "timer", "schedule": schedule}]});
            std::fs::write(name.join("function.json"), text.to_string()).unwrap();
            demo_timer(folder.path()).unwrap()
        };
        assert_eq!(demo_timer(folder.path()).unwrap(), None);
        for on in [json!(false), json!(null), json!("false")] {
            let warning = timer(on, "*/30 * * * * *").unwrap();
            assert!(
                warning.contains("every 30 seconds") && warning.contains("disabled"),
                "{warning}"
            );
            assert_eq!(
                timer(json!(false), "0 0 9 * * 1-5"),
                None,
                "somebody's own schedule"
            );
        }
        for off in [json!(true), json!("true"), json!("TIMER_IS_OFF")] {
            assert_eq!(timer(off, "*/30 * * * * *"), None);
        }
        assert!(!is_demo_enabled(&json!({}), DEMO_TIMER.1));
    }

    #[test]
    fn a_plain_function_passes() {
        let function =
            json!({"bindings": [{"type": "httpTrigger", "name": "req"}, {"type": "http", "name": "res"}]});
        check("httpTrigger", &function).unwrap();
    }

    #[test]
    fn what_the_host_refuses_is_refused() {
        let trigger = |name: &str| json!({"type": "timerTrigger", "name": name});
        let refused = |folder: &str, bindings: serde_json::Value| {
            check(folder, &json!({ "bindings": bindings })).unwrap_err()
        };
        assert!(refused("1st", json!([trigger("tick")])).contains("folder"));
        assert!(refused("f", json!([trigger("my_timer")])).contains("`my_timer`"));
        assert!(refused("f", json!([trigger("a"), {"type": "http", "name": "A"}])).contains("two bindings"));
        assert!(refused("f", json!([trigger("a"), trigger("b")])).contains("exactly one trigger"));
        assert!(refused("f", json!([])).contains("exactly one trigger"));
        assert!(check("f", &json!({})).unwrap_err().contains("`bindings`"));
    }
}
