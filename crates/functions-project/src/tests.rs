//! What a developer reads when a function app is wrong, and what is loaded when it is right.

use std::time::Duration;

use crate::*;

mod host_json;
mod routes;

const HOST: &str = r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"},
    "enableProxyingHttpRequest":true,"enableForwardingHttpRequest":true},
    "extensionBundle":{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"}}"#;

/// A folder with a host.json and functions given as (name, function.json).
fn app(host: &str, functions: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("host.json"), host).unwrap();
    for (name, json) in functions {
        std::fs::create_dir_all(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join(name).join("function.json"), json).unwrap();
    }
    dir
}

fn load(host: &str, functions: &[(&str, &str)], settings: &Settings) -> Result<Project, Problem> {
    let project = Project::load(app(host, functions).path(), settings)?;
    project.custom_handler(settings)?;
    Ok(project)
}

fn bindings(json: &str) -> String {
    format!(r#"{{"bindings":[{json}]}}"#)
}

const REQ: &str = r#"{"type":"httpTrigger","direction":"in","name":"req"}"#;
const RES: &str = r#"{"type":"http","direction":"out","name":"res"}"#;

#[test]
fn loads_functions_of_every_kind() {
    let settings = Settings::none()
        .with("NOTIFY_QUEUE", "Jobs")
        .with("AzureWebJobs.off.Disabled", "True");
    let functions = [
        (
            "http",
            r#"{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"Anonymous","methods":["post","GET"],"route":"messages/{*rest}"},{"type":"http","direction":"out","name":"$return"}]}"#,
        ),
        ("off", &bindings(&format!("{REQ},{RES}"))),
        (
            "queue",
            r#"{"bindings":[{"type":"queueTrigger","name":"job","queueName":"%notify_queue%","dataType":"binary"},{"type":"queue","direction":"out","name":"next","queueName":"more"}]}"#,
        ),
        (
            "tick",
            r#"{"bindings":[{"type":"timerTrigger","direction":"in","name":"tick","schedule":"*/30 * * * * *","runOnStartup":"true"}],"retry":{"strategy":"fixedDelay","maxRetryCount":3,"delayInterval":"00:00:30"}}"#,
        ),
        (
            "blobs",
            r#"{"bindings":[{"type":"blobTrigger","name":"blob","path":"in/{name}"}]}"#,
        ),
    ];
    let project = load(HOST, &functions, &settings).unwrap();
    assert_eq!(project.problems(), []);
    let by_name = |name: &str| {
        project
            .functions()
            .iter()
            .find(|function| function.name.as_str() == name)
            .unwrap()
    };
    let Trigger::Http(http) = &by_name("http").trigger else {
        panic!()
    };
    assert_eq!(
        (http.auth_level, http.route.to_string()),
        (AuthLevel::Anonymous, "messages/{*rest}".to_owned())
    );
    assert!(http.accepts(&http::Method::GET) && !http.accepts(&http::Method::PUT));
    assert!(by_name("http").http_in_and_out);
    assert_eq!(by_name("off").state, FunctionState::Disabled);
    let Trigger::Queue(queue) = &by_name("queue").trigger else {
        panic!()
    };
    assert_eq!(
        (queue.queue.as_str(), queue.data_type),
        ("jobs", DataType::Binary)
    );
    assert!(!by_name("queue").http_in_and_out);
    let Trigger::Timer(timer) = &by_name("tick").trigger else {
        panic!()
    };
    assert!(!timer.monitored && timer.run_on_startup);
    assert_eq!(by_name("tick").retry.unwrap().max_retries, Some(3));
    assert!(matches!(&by_name("blobs").trigger, Trigger::Other(kind) if kind == "blobTrigger"));
}

#[test]
fn one_bad_function_takes_only_itself_out() {
    for (json, parts) in [
        (r#"{"bindings":[{"type":"httpTrigger","#.to_owned(), &["bad/function.json, line 1, column 35", "not valid JSON"][..]),
        ("{}".to_owned(), &["/bindings", "missing"]),
        (bindings(""), &["/bindings", "no trigger"]),
        (bindings(RES), &["no trigger"]),
        (bindings(&format!("{REQ},{}", REQ.replace("req", "req2"))), &["more than one trigger"]),
        (bindings(&format!("{REQ},{}", RES.replace("res", "REQ"))), &["/bindings/1/name", "already used", "/bindings/0"]),
        (bindings(&REQ.replace("httpTrigger", "httpTriger")), &["/bindings/0/type", "did you mean httpTrigger"]),
        (bindings(&REQ.replace("\"req\"", "\"my_req\"")), &["/bindings/0/name", "my_req", "no _"]),
        (bindings(&REQ.replace(",\"name\":\"req\"", "")), &["/bindings/0/name", "missing"]),
        (bindings(&REQ.replace("\"in\"", "\"inn\"")), &["/bindings/0/direction", "in, out or inout"]),
        (bindings(&REQ.replace("\"in\"", "\"out\"")), &["/bindings/0/direction", "must be in"]),
        (bindings(&REQ.replace('}', ",\"route\":\"Administrator/x\"}")), &["/bindings/0/route", "reserved"]),
        (bindings(&REQ.replace('}', ",\"route\":\"runtime\"}")), &["/bindings/0/route", "reserved"]),
        (bindings(&REQ.replace('}', ",\"route\":\"a/{b\"}")), &["/bindings/0/route", "braces"]),
        (bindings(&REQ.replace('}', ",\"authLevel\":\"funktion\"}")), &["/bindings/0/authLevel", "anonymous, function or admin"]),
        (bindings(&REQ.replace('}', ",\"methods\":[\"get\",\"pots\"]}")), &["/bindings/0/methods/1", "pots", "post"]),
        (bindings(&REQ.replace('}', ",\"methods\":\"post\"}")), &["/bindings/0/methods", "an array"]),
        (bindings(r#"{"type":"timerTrigger","name":"t"}"#), &["/bindings/0/schedule", "missing"]),
        (bindings(r#"{"type":"timerTrigger","name":"t","schedule":"0 0 9 * * 7"}"#), &["/bindings/0/schedule", "weekday", "Sunday is 0"]),
        (bindings(r#"{"type":"timerTrigger","name":"t","schedule":"%WHEN%"}"#), &["/bindings/0/schedule", "no app setting", "WHEN"]),
        (bindings(r#"{"type":"timerTrigger","name":"t","schedule":"%BAD%"}"#), &["/bindings/0/schedule", "minute", "from %BAD%"]),
        (bindings(r#"{"type":"timerTrigger","name":"t","schedule":"0 * * * * *","runOnStartup":"maybe"}"#), &["/bindings/0/runOnStartup", "true or false"]),
        (bindings(r#"{"type":"queueTrigger","name":"q"}"#), &["/bindings/0/queueName", "missing"]),
        (bindings(r#"{"type":"queueTrigger","name":"q","queueName":"a_b"}"#), &["/bindings/0/queueName", "a_b"]),
        (bindings(r#"{"type":"queueTrigger","name":"q","queueName":"jobs","connection":"%WHERE%"}"#), &["/bindings/0/connection", "WHERE"]),
        (bindings(r#"{"type":"queueTrigger","name":"q","queueName":"jobs","connection":"a=b;c=d"}"#), &["/bindings/0/connection", "NAME"]),
        (r#"{"bindings":[{"type":"timerTrigger","name":"t","schedule":"0 * * * * *"}],"retry":{"strategy":"fixedDelay","maxRetryCount":1}}"#.to_owned(), &["/retry/delayInterval", "missing"]),
        (r#"{"scriptFile":"run.js","bindings":[]}"#.to_owned(), &["/scriptFile", "run.js"]),
    ] {
        let settings = Settings::none().with("BAD", "0 99 * * * *");
        let good = bindings(&format!("{REQ},{RES}"));
        let project = load(HOST, &[("bad", &json), ("good", &good)], &settings).unwrap();
        assert_eq!(project.functions().len(), 1, "{json}");
        let [problem] = project.problems() else { panic!("{json}: {:?}", project.problems()) };
        let text = problem.to_string();
        for part in ["bad/function.json"].iter().chain(parts) {
            assert!(text.contains(part), "{json}\n{text}\nlacks {part}");
        }
        assert!(!text.contains("a=b"), "a connection string is a secret");
    }
}

#[test]
fn folder_names_and_routes_must_not_collide() {
    let one = bindings(&format!("{REQ},{RES}"));
    let same_route = bindings(&format!(
        "{},{RES}",
        REQ.replace('}', ",\"route\":\"GOOD\",\"methods\":[\"get\"]}")
    ));
    let functions = [
        ("good", one.as_str()),
        ("host", &one),
        ("1st", &one),
        ("zother", &same_route),
    ];
    let project = load(HOST, &functions, &Settings::none()).unwrap();
    let texts: Vec<String> = project.problems().iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("1st/function.json") && texts[0].contains("no function name"));
    assert!(texts[1].contains("\"host\""));
    assert!(
        texts[2].contains("zother/function.json") && texts[2].contains("conflicts with the route of good")
    );
}

#[test]
fn bindings_beyond_http_and_timer_need_the_bundle() {
    let host = HOST.replace("extensionBundle", "noBundle");
    let queue = bindings(r#"{"type":"queueTrigger","name":"q","queueName":"jobs"}"#);
    let project = load(&host, &[("queue", &queue)], &Settings::none()).unwrap();
    assert!(project.problems()[0].to_string().contains("extensionBundle"));
}

#[test]
fn host_json_has_the_hosts_defaults_and_takes_overrides() {
    let settings = Settings::none()
        .with("AzureFunctionsJobHost__functionTimeout", "00:01:30")
        .with("AzureFunctionsJobHost__extensions__queues__batchSize", "8")
        .with("AzureFunctionsJobHost__extensions__http__routePrefix", "")
        .with(
            "AzureFunctionsJobHost__customHandler__description__defaultExecutablePath",
            "%DIR%/other",
        )
        .with("DIR", "bin");
    let project = load(&format!("\u{feff}{HOST}"), &[], &settings).unwrap();
    let host = project.host();
    let handler = project.custom_handler(&settings).unwrap();
    assert_eq!(host.function_timeout, Some(Duration::from_secs(90)));
    assert_eq!((host.queues.batch_size, host.queues.max_dequeue_count), (8, 5));
    assert_eq!(host.queues.encoding, MessageEncoding::Base64);
    assert_eq!(host.http.route_prefix, "");
    assert_eq!(handler.executable, "bin/other");
    assert!(handler.stderr_is_errors);
    assert_eq!(handler.initialization_timeout, Duration::from_secs(30));
}

#[test]
fn a_wrong_host_json_stops_with_its_place() {
    for (json, parts) in [
        ("{", &["host.json, line 1", "not valid JSON"][..]),
        ("", &["host.json", "empty"]),
        (r#"{"version":"1.0"}"#, &["/version", "\"2.0\""]),
        ("{}", &["/version", "missing"]),
        (
            r#"{"version":"2.0"}"#,
            &["/customHandler", "missing", "defaultExecutablePath"],
        ),
        (
            r#"{"version":"2.0","customHandler":{}}"#,
            &["/customHandler", "missing"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"enableForwardingHttpRequest":true}}"#,
            &["/customHandler/description", "missing"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"arguments":["a"]}}}"#,
            &["/customHandler/description/defaultExecutablePath"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"},"enableProxyingHttpRequest":"yes"}}"#,
            &["/customHandler/enableProxyingHttpRequest", "true or false"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"}},"functionTimeout":"5 minutes"}"#,
            &["/functionTimeout", "hh:mm:ss"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"}},"functionTimeout":"00:00:00"}"#,
            &["/functionTimeout", "too short"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"}},"extensions":{"queues":{"batchSize":33}}}"#,
            &["/extensions/queues/batchSize", "33", "from 1 to 32"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"}},"extensions":{"queues":{"messageEncoding":"utf8"}}}"#,
            &["/extensions/queues/messageEncoding", "base64 or none"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"},"port":70000}}"#,
            &["/customHandler/port", "70000", "65535"],
        ),
        (
            r#"{"version":2.0,"customHandler":{"description":{"defaultExecutablePath":"a"}}}"#,
            &["/version", "exactly \"2.0\""],
        ),
        (
            r#"{"Version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"}}}"#,
            &["/version", "missing"],
        ),
        (
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"a"}},"retry":{"strategy":"fixedDelay","maxRetryCount":2}}"#,
            &["/retry/delayInterval", "missing"],
        ),
    ] {
        let text = load(json, &[], &Settings::none()).expect_err(json).to_string();
        for part in parts {
            assert!(text.contains(part), "{json}\n{text}\nlacks {part}");
        }
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(
        Project::load(empty.path(), &Settings::none())
            .unwrap_err()
            .to_string()
            .contains("host.json: not found")
    );
}

#[test]
fn the_older_section_and_no_limit_are_read() {
    let host = r#"{"version":"2.0","functionTimeout":"-1","httpWorker":{"description":{"defaultExecutablePath":"a"}},"functions":["only"]}"#;
    let json = bindings(&format!("{REQ},{RES}"));
    let project = load(host, &[("only", &json), ("other", &json)], &Settings::none()).unwrap();
    assert_eq!(project.host().function_timeout, None);
    let handler = project.custom_handler(&Settings::none()).unwrap();
    assert!(handler.legacy && handler.forwarding);
    assert_eq!(
        project.functions().iter().map(|f| f.state).collect::<Vec<_>>(),
        [FunctionState::Enabled, FunctionState::Disabled]
    );
}

#[test]
fn what_is_enabled_by_code_overrules_its_file_and_nothing_else() {
    let timer = r#"{"type":"timerTrigger","name":"t","schedule":"0 0 0 1 1 *"}"#;
    let off = |disabled: &str| format!(r#"{{"disabled":{disabled},"bindings":[{timer}]}}"#);
    let functions = [
        ("byFile", off("true")),
        ("byText", off("\"True\"")),
        ("bySetting", off("\"OFF\"")),
        ("byApp", off("true")),
        ("other", off("true")),
    ];
    let functions: Vec<(&str, &str)> = functions
        .iter()
        .map(|(name, json)| (*name, json.as_str()))
        .collect();
    let settings = Settings::none()
        .with("OFF", "true")
        .with("AzureWebJobs.byApp.Disabled", "true");
    let enabled = ["BYFILE", "byText", "bySetting", "byApp", "nobody"].map(str::to_owned);
    let dir = app(HOST, &functions);
    let enabled_of = |enabled: &[String]| {
        Project::load_with(dir.path(), &settings, enabled)
            .unwrap()
            .functions()
            .iter()
            .filter(|function| function.state == FunctionState::Enabled)
            .map(|function| function.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(enabled_of(&enabled), ["byFile", "byText"]);
    assert!(enabled_of(&[]).is_empty());
}
