//! The bindings that this host plays: HTTP, timer and queue.

use http::Method;

use crate::function::{AuthLevel, DataType, HttpTrigger, OutputKind, QueueTrigger, TimerTrigger};
use crate::names::{FunctionName, QueueName};
use crate::ncrontab::Schedule;
use crate::problem::Problem;
use crate::route::RouteTemplate;
use crate::section::Section;
use crate::settings::Settings;

const VERBS: [&str; 9] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT",
];

pub(super) fn http(section: &Section<'_>, name: &FunctionName, prefix: &str) -> Result<HttpTrigger, Problem> {
    let route = route(section, name)?;
    let address = RouteTemplate::parse(&format!("{prefix}/{route}")).map_err(|error| {
        section.problem(
            "route",
            format!("\"{route}\" is no route below the prefix \"{prefix}\": {error}"),
        )
    })?;
    Ok(HttpTrigger {
        auth_level: auth_level(section)?,
        methods: methods(section)?,
        route,
        address,
    })
}

fn auth_level(section: &Section<'_>) -> Result<AuthLevel, Problem> {
    match section
        .text("authLevel")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        Some("anonymous") => Ok(AuthLevel::Anonymous),
        // `user` and `system` are members of the host's own enumeration, without a key of their own here.
        None | Some("function" | "user") => Ok(AuthLevel::Function),
        Some("admin" | "system") => Ok(AuthLevel::Admin),
        Some(other) => Err(section.problem(
            "authLevel",
            format!("is \"{other}\"; anonymous, function or admin is accepted"),
        )),
    }
}

fn methods(section: &Section<'_>) -> Result<Option<Vec<Method>>, Problem> {
    let Some(verbs) = section.texts("methods")? else {
        return Ok(None);
    };
    let mut methods = Vec::with_capacity(verbs.len());
    for (index, verb) in verbs.iter().enumerate() {
        let upper = verb.to_ascii_uppercase();
        let known = VERBS
            .contains(&upper.as_str())
            .then(|| Method::from_bytes(upper.as_bytes()).ok())
            .flatten();
        let method = known.ok_or_else(|| {
            let accepted = VERBS.join(", ").to_ascii_lowercase();
            section.problem_at(
                &["methods", &index.to_string()],
                format!("\"{verb}\" is no HTTP method; accepted: {accepted}"),
            )
        })?;
        methods.push(method);
    }
    Ok(Some(methods))
}

fn route(section: &Section<'_>, name: &FunctionName) -> Result<RouteTemplate, Problem> {
    let written = section
        .text("route")?
        .map(|route| route.trim().to_owned())
        .filter(|route| !route.is_empty());
    let route = written.unwrap_or_else(|| name.to_string());
    // The host compares the beginning only: "administrator" is reserved too.
    for reserved in ["admin", "runtime"] {
        if route
            .trim_start_matches('/')
            .to_ascii_lowercase()
            .starts_with(reserved)
        {
            return Err(section.problem(
                "route",
                format!("\"{route}\" begins with \"{reserved}\", which is reserved for the host; choose another route"),
            ));
        }
    }
    RouteTemplate::parse(&route)
        .map_err(|error| section.problem("route", format!("\"{route}\" is no route: {error}")))
}

pub(super) fn timer(section: &Section<'_>, settings: &Settings) -> Result<TimerTrigger, Problem> {
    let written = section
        .text("schedule")?
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| {
            section.problem(
                "schedule",
                "is missing; an NCRONTAB expression such as \"0 */5 * * * *\" is expected",
            )
        })?;
    let text = settings
        .resolve(&written)
        .map_err(|message| section.problem("schedule", message))?;
    let schedule = Schedule::parse(&text).map_err(|error| {
        let origin = if written == text {
            String::new()
        } else {
            format!(" (from {written})")
        };
        section.problem("schedule", format!("{error}{origin}"))
    })?;
    let monitored = section.flag("useMonitor")?.unwrap_or(true) && !schedule.is_sub_minute();
    Ok(TimerTrigger {
        schedule,
        monitored,
        run_on_startup: section.flag("runOnStartup")?.unwrap_or(false),
    })
}

pub(super) fn queue_trigger(section: &Section<'_>, settings: &Settings) -> Result<QueueTrigger, Problem> {
    Ok(QueueTrigger {
        queue: queue_name(section, settings)?,
        connection: connection(section, settings)?,
        data_type: data_type(section)?,
    })
}

pub(super) fn queue_output(section: &Section<'_>, settings: &Settings) -> Result<OutputKind, Problem> {
    Ok(OutputKind::Queue {
        queue: queue_name(section, settings)?,
        data_type: data_type(section)?,
    })
}

fn queue_name(section: &Section<'_>, settings: &Settings) -> Result<QueueName, Problem> {
    connection(section, settings)?;
    let written = section
        .text("queueName")?
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| section.problem("queueName", "is missing; the queue's name is expected"))?;
    let name = settings
        .resolve(&written)
        .map_err(|message| section.problem("queueName", message))?;
    QueueName::new(&name).map_err(|message| section.problem("queueName", message))
}

/// `connection` is the name of a setting, or `%NAME%` for one that holds this name; left out or empty it is
/// AzureWebJobsStorage. Whether that setting exists is not judged here.
fn connection(section: &Section<'_>, settings: &Settings) -> Result<String, Problem> {
    let written = section.text("connection")?.unwrap_or_default();
    let name = match written.contains(['=', ';']) {
        true => written,
        false => settings
            .resolve(&written)
            .map_err(|message| section.problem("connection", message))?,
    };
    match name.trim() {
        "" => Ok("AzureWebJobsStorage".to_owned()),
        text if text.contains(['=', ';']) => Err(section.problem(
            "connection",
            "looks like a connection string; the NAME of the setting that holds it is expected, such as AzureWebJobsStorage",
        )),
        name => Ok(name.to_owned()),
    }
}

fn data_type(section: &Section<'_>) -> Result<DataType, Problem> {
    match section
        .text("dataType")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("" | "string" | "undefined") => Ok(DataType::Text),
        Some("binary" | "stream") => Ok(DataType::Binary),
        Some(other) => Err(section.problem(
            "dataType",
            format!("is \"{other}\"; string, binary or stream is accepted"),
        )),
    }
}
