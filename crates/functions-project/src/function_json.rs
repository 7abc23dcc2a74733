//! Reads one function.json and refuses what the real host refuses.

use std::path::Path;

use serde_json::{Map, Value};

use crate::binding_types::{BindingOrigin, nearest, origin};
use crate::bindings;
use crate::function::{Function, FunctionState, Output, OutputKind, Trigger};
use crate::json;
use crate::names::{BindingName, FunctionName};
use crate::problem::{Place, Problem};
use crate::retry;
use crate::section::Section;
use crate::settings::Settings;

/// What a function.json is read against.
pub(super) struct LoadContext<'a> {
    pub(super) settings: &'a Settings,
    /// Bindings beyond HTTP and timer are known.
    pub(super) has_extensions: bool,
    /// host.json's `routePrefix`.
    pub(super) route_prefix: &'a str,
    /// Functions whose own files do not disable them.
    pub(super) enabled: &'a [String],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
    InOut,
}

/// A binding with what every binding has.
struct Binding<'a> {
    kind: &'static str,
    direction: Direction,
    name: BindingName,
    map: &'a Map<String, Value>,
    pointer: String,
}

impl Binding<'_> {
    fn is_trigger(&self) -> bool {
        self.kind.to_ascii_lowercase().ends_with("trigger")
    }
}

/// Reads `<root>/<folder>/function.json`.
pub(super) fn load(root: &Path, folder: &str, context: &LoadContext<'_>) -> Result<Function, Problem> {
    let file = format!("{folder}/function.json");
    let name = FunctionName::new(folder).map_err(|message| Problem::new(&file, Place::File, message))?;
    let value = json::read(&root.join(folder).join("function.json"), &file)?;
    read(&name, &file, &value, &root.join(folder), context)
}

fn read(
    name: &FunctionName,
    file: &str,
    value: &Value,
    folder: &Path,
    context: &LoadContext<'_>,
) -> Result<Function, Problem> {
    let top = Section::new(file, value.as_object(), "");
    if let Some(script) = top.text("scriptFile")?.filter(|script| !script.is_empty())
        && !folder.join(&script).exists()
    {
        let message = format!(
            "names the file \"{script}\", which does not exist; a custom handler needs no scriptFile"
        );
        return Err(top.problem("scriptFile", message));
    }
    let items = match top.find("bindings") {
        Some(found) => found
            .value
            .as_array()
            .cloned()
            .ok_or_else(|| top.problem("bindings", "must be an array of bindings"))?,
        None => {
            return Err(top.problem(
                "bindings",
                "is missing; an array with exactly one trigger is expected",
            ));
        }
    };
    let bindings = items
        .iter()
        .enumerate()
        .map(|(index, item)| binding(file, index, item, context))
        .collect::<Result<Vec<_>, _>>()?;
    refuse_duplicates(file, &bindings)?;
    let trigger = only_trigger(&top, &bindings)?;
    let state = state(name, &top, context)?;
    let section = Section::new(file, Some(trigger.map), &trigger.pointer);
    let kind = match trigger.kind {
        "httpTrigger" => Trigger::Http(bindings::http(&section, name, context.route_prefix)?),
        "timerTrigger" => Trigger::Timer(bindings::timer(&section, context.settings)?),
        "queueTrigger" => Trigger::Queue(bindings::queue_trigger(&section, context.settings)?),
        other => Trigger::Other(other.to_owned()),
    };
    Ok(Function {
        name: name.clone(),
        trigger_name: trigger.name.clone(),
        trigger: kind,
        outputs: outputs(file, &bindings, context)?,
        http_in_and_out: http_in_and_out(&bindings),
        retry: retry::read(&top)?,
        state,
    })
}

fn binding<'a>(
    file: &str,
    index: usize,
    item: &'a Value,
    context: &LoadContext<'_>,
) -> Result<Binding<'a>, Problem> {
    let pointer = format!("/bindings/{index}");
    let Value::Object(map) = item else {
        return Err(Problem::new(
            file,
            Place::Pointer(pointer),
            "must be an object with type, direction and name",
        ));
    };
    let section = Section::new(file, Some(map), &pointer);
    let written = section.text("type")?.unwrap_or_default();
    if written.is_empty() {
        return Err(section.problem(
            "type",
            "is missing; a binding type such as httpTrigger is expected",
        ));
    }
    let kind = match origin(&written) {
        (Some(kind), BindingOrigin::BuiltIn) => kind,
        (Some(kind), BindingOrigin::Bundle) if context.has_extensions => kind,
        (Some(kind), _) => {
            return Err(section.problem("type", format!(
                "{kind} is not built into the host; add \"extensionBundle\": {{\"id\": \"Microsoft.Azure.Functions.ExtensionBundle\", \"version\": \"[4.*, 5.0.0)\"}} to host.json"
            )));
        }
        (None, _) => {
            let hint = nearest(&written).map_or_else(String::new, |known| format!("; did you mean {known}?"));
            return Err(section.problem(
                "type",
                format!("\"{written}\" was not found in the configured extension bundle{hint}"),
            ));
        }
    };
    let direction = match section
        .text("direction")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("in") => Direction::In,
        Some("out") => Direction::Out,
        Some("inout") => Direction::InOut,
        Some(other) => {
            return Err(section.problem(
                "direction",
                format!("is \"{other}\"; in, out or inout is accepted"),
            ));
        }
    };
    let name = section
        .text("name")?
        .filter(|name| !name.is_empty())
        .ok_or_else(|| section.problem("name", "is missing; every binding needs a name"))?;
    let name = BindingName::new(&name).map_err(|message| section.problem("name", message))?;
    if name.is_return() && direction != Direction::Out {
        return Err(section.problem("direction", "must be out for the binding named $return"));
    }
    let binding = Binding {
        kind,
        direction,
        name,
        map,
        pointer: pointer.clone(),
    };
    if binding.is_trigger() && binding.direction != Direction::In {
        return Err(section.problem("direction", format!("must be in for {kind}")));
    }
    if kind == "http" && binding.direction == Direction::In {
        return Err(section.problem(
            "direction",
            "must be out for http; the request comes in through httpTrigger",
        ));
    }
    Ok(binding)
}

fn refuse_duplicates(file: &str, bindings: &[Binding<'_>]) -> Result<(), Problem> {
    for (index, binding) in bindings.iter().enumerate() {
        let same = |other: &&Binding<'_>| other.name.as_str().eq_ignore_ascii_case(binding.name.as_str());
        if let Some(first) = bindings[..index].iter().find(same) {
            return Err(Problem::new(
                file,
                Place::Pointer(format!("{}/name", binding.pointer)),
                format!(
                    "the name \"{}\" is already used by {} (names are compared in any case); every binding needs its own",
                    binding.name, first.pointer
                ),
            ));
        }
    }
    Ok(())
}

fn only_trigger<'a, 'b>(top: &Section<'_>, bindings: &'a [Binding<'b>]) -> Result<&'a Binding<'b>, Problem> {
    let mut triggers = bindings.iter().filter(|binding| binding.is_trigger());
    match (triggers.next(), triggers.next()) {
        (Some(trigger), None) => Ok(trigger),
        (None, _) => Err(top.problem("bindings", "has no trigger; exactly one binding must be a trigger such as httpTrigger, timerTrigger or queueTrigger")),
        (Some(first), Some(second)) => Err(top.problem(
            "bindings",
            format!("has more than one trigger ({} and {}); exactly one is accepted, put the other into a function of its own", first.kind, second.kind),
        )),
    }
}

fn outputs(file: &str, bindings: &[Binding<'_>], context: &LoadContext<'_>) -> Result<Vec<Output>, Problem> {
    bindings
        .iter()
        .filter(|binding| binding.direction != Direction::In)
        .map(|binding| {
            let section = Section::new(file, Some(binding.map), &binding.pointer);
            let kind = match binding.kind {
                "http" => OutputKind::Http,
                "queue" => bindings::queue_output(&section, context.settings)?,
                other => OutputKind::Other(other.to_owned()),
            };
            Ok(Output {
                name: binding.name.clone(),
                kind,
            })
        })
        .collect()
}

/// "HTTP in and out": one binding that is not out, an httpTrigger, and one that is not in, an http.
fn http_in_and_out(bindings: &[Binding<'_>]) -> bool {
    let mut incoming = bindings
        .iter()
        .filter(|binding| binding.direction != Direction::Out);
    let mut outgoing = bindings
        .iter()
        .filter(|binding| binding.direction != Direction::In);
    let only = |binding: Option<&Binding<'_>>, rest: usize, kind| {
        rest == 0 && binding.is_some_and(|one| one.kind == kind)
    };
    let (first_in, first_out) = (incoming.next(), outgoing.next());
    only(first_in, incoming.count(), "httpTrigger") && only(first_out, outgoing.count(), "http")
}

fn state(
    name: &FunctionName,
    top: &Section<'_>,
    context: &LoadContext<'_>,
) -> Result<FunctionState, Problem> {
    let settings = context.settings;
    let overruled = context
        .enabled
        .iter()
        .any(|enabled| enabled.eq_ignore_ascii_case(name.as_str()));
    let by_file = match top.find("disabled") {
        None => false,
        Some(found) => match found.value {
            Value::Bool(flag) => *flag && !overruled,
            Value::String(text) if text.eq_ignore_ascii_case("true") => !overruled,
            // The name of a setting that holds the flag: what is set there stands.
            Value::String(text) => settings.is_true(text),
            _ => return Err(top.problem("disabled", "must be true, false or the name of a setting")),
        },
    };
    let by_setting = [
        format!("AzureWebJobs.{name}.Disabled"),
        format!("AzureWebJobs_{name}_Disabled"),
        format!("AzureWebJobs__{name}__Disabled"),
    ]
    .iter()
    .any(|setting| settings.is_true(setting));
    Ok(if by_file || by_setting {
        FunctionState::Disabled
    } else {
        FunctionState::Enabled
    })
}
