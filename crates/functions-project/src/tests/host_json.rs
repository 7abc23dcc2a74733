//! What the host takes of a host.json is taken, and what a handler under it can't read does not end it.

use super::*;

/// One function of each kind that a handler asks about.
fn functions() -> Vec<(&'static str, String)> {
    let queue = r#"{"type":"queueTrigger","name":"q","queueName":"jobs","connection":"%WHERE%"}"#;
    vec![
        ("http", bindings(&format!("{REQ},{RES}"))),
        ("queue", bindings(queue)),
    ]
}

fn with(extra: &str) -> String {
    format!(
        r#"{{"version":"2.0","extensionBundle":{{"id":"b","version":"[4.*, 5.0.0)"}},"customHandler":{{"description":{{"defaultExecutablePath":"handler"}}}}{extra}}}"#
    )
}

fn read(host: &[u8], settings: &Settings) -> (Result<Project, Problem>, Project) {
    let functions = functions();
    let functions: Vec<(&str, &str)> = functions
        .iter()
        .map(|(name, json)| (*name, json.as_str()))
        .collect();
    let dir = app("", &functions);
    std::fs::write(dir.path().join("host.json"), host).unwrap();
    let settings = settings.clone().with("WHERE", "Orders");
    let strict = Project::load(dir.path(), &settings).and_then(|project| {
        project.custom_handler(&settings)?;
        Ok(project)
    });
    (strict, Project::observe(dir.path(), &settings))
}

#[test]
fn what_the_host_takes_is_taken() {
    let utf16: Vec<u8> = format!("\u{feff}{}", with(""))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let variants: Vec<Vec<u8>> = [
        // The reader's liberties.
        format!("\u{feff}// ours\n{}/* end */", with(r#", /* none */ "logging": {},"#)),
        with(r#","logging":{"logLevel":{"default":'Warning'}}"#),
        "{version: '2.0', extensionBundle: {id: 'b'}, customHandler: {description: {defaultExecutablePath: 'handler'}}}"
            .to_owned(),
        // Sections that are empty, null or of another kind.
        with(r#","extensions":null"#),
        with(r#","extensions":[],"concurrency":"no""#),
        with(r#","extensions":{"queues":[],"http":""}"#),
        with(r#","extensions":{"queues":{"batchSize":null,"visibilityTimeout":""}}"#),
        with(r#","retry":{},"functions":[],"watchFiles":"x""#),
        with(r#","retry":null,"functions":null,"functionTimeout":null"#),
        with(r#","functions":"http","functionTimeout":"""#),
        // Values in other clothes.
        with(r#","functionTimeout":-1"#),
        with(r#","functionTimeout":"-1.00:00:00""#),
        with(r#","extensions":{"queues":{"batchSize":"8","newBatchThreshold":4.0,"messageEncoding":"NONE"}}"#),
        with(r#","Extensions":{"Queues":{"BatchSize":8,"MessageEncoding":1}}"#),
        // Unknown and foreign.
        with(r#","$schema":"x","aggregator":{"batchSize":-1},"healthMonitor":7,"managedDependency":{"enabled":true}"#),
        with("").replace("\"description\"", "\"enableForwardingHttpRequest\":\"True\",\"port\":\"auto\",\"description\""),
        with("").replace("\"handler\"", "\"handler\",\"arguments\":[1,true,null,[\"x\"]],\"workerArguments\":\"none\""),
        with("").replace("\"handler\"", "\"handler\",\"arguments\":null,\"workingDirectory\":null"),
        // Both names of the section: the newer one counts.
        with(r#","httpWorker":{"description":{}}"#),
        // The name of a section twice, in two spellings.
        with(r#","extensions":{"http":{"routePrefix":"api"}},"EXTENSIONS":{"queues":{"batchSize":2}}"#),
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([utf16])
    .collect();
    for host in variants {
        let text = String::from_utf8_lossy(&host);
        let (strict, observed) = read(&host, &Settings::none());
        let strict = strict.unwrap_or_else(|problem| panic!("{text}\n{problem}"));
        for project in [strict, observed] {
            assert_eq!(project.problems(), [], "{text}");
            let enabled = project.functions().iter().map(|function| function.state);
            assert_eq!(enabled.collect::<Vec<_>>(), [FunctionState::Enabled; 2], "{text}");
            assert_eq!(project.host().http.route_prefix, "api", "{text}");
        }
    }
}

#[test]
fn settings_that_override_host_json_are_read_as_the_host_reads_them() {
    let host = with(r#","functions":["queue","other"]"#);
    let settings = Settings::none()
        .with("AzureFunctionsJobHost__functions__0", "http")
        .with(
            "AzureFunctionsJobHost__customHandler__description__arguments",
            r#"["--x", "%WHERE%"]"#,
        )
        .with(
            "AzureFunctionsJobHost__customHandler__description__workerArguments",
            "--y",
        )
        .with("AzureFunctionsJobHost__logging__logLevel", "Debug")
        .with("AzureFunctionsJobHost__extensions", "junk")
        .with("AzureFunctionsJobHost__healthMonitor__enabled__deep", "x")
        .with("AzureFunctionsJobHost:extensions:http:routePrefix", "bot/v1");
    let (strict, observed) = read(host.as_bytes(), &settings);
    let strict = strict.unwrap();
    let handler = strict.custom_handler(&settings.with("WHERE", "Orders")).unwrap();
    assert_eq!(handler.arguments, ["--x", "Orders"]);
    assert_eq!(handler.worker_arguments, [""; 0]);
    for project in [strict, observed] {
        let states = project.functions().iter().map(|function| function.state);
        assert_eq!(
            states.collect::<Vec<_>>(),
            [FunctionState::Enabled, FunctionState::Disabled]
        );
        assert_eq!(project.host().http.route_prefix, "bot/v1");
    }
}

#[test]
fn a_list_in_settings_alone_is_one() {
    let settings = Settings::none().with("AzureFunctionsJobHost__functions__0", "queue");
    let (strict, _) = read(with("").as_bytes(), &settings);
    let strict = strict.unwrap();
    let states: Vec<_> = strict.functions().iter().map(|function| function.state).collect();
    assert_eq!(states, [FunctionState::Disabled, FunctionState::Enabled]);
}

#[test]
fn what_a_handler_cannot_read_under_the_host_is_replaced_and_named() {
    for (host, problem) in [
        (
            with(r#","functionTimeout":"soon""#),
            "host.json, /functionTimeout: is no duration: \"soon\" is not [d.]hh:mm:ss[.fffffff], such as 00:05:00; an invocation is taken to be limited to 5 minutes",
        ),
        (
            with(r#","functionTimeout":"00:00:00""#),
            "host.json, /functionTimeout: is too short",
        ),
        (
            with(r#","extensions":{"http":{"routePrefix":"%NONE%"}}"#),
            "host.json, /extensions/http/routePrefix: %NONE% is not resolved",
        ),
        (
            with(r#","extensions":{"queues":{"messageEncoding":"utf8"}}"#),
            "host.json, /extensions/queues/messageEncoding: is \"utf8\"",
        ),
        (
            "{\"version\":".to_owned(),
            "host.json, line 1, column 11: is not valid JSON",
        ),
        (String::new(), "host.json: is empty"),
    ] {
        let (strict, observed) = read(host.as_bytes(), &Settings::none());
        assert!(strict.is_err(), "{host}");
        let [found] = observed.problems() else {
            panic!("{host}: {:?}", observed.problems())
        };
        assert!(found.to_string().starts_with(problem), "{host}: {found}");
        assert_eq!(observed.functions().len(), 2, "{host}");
        assert_eq!(observed.host().http.route_prefix, "api");
        assert_eq!(observed.host().queues.encoding, MessageEncoding::Base64);
        let limits_are_known = found.to_string().contains("/extensions");
        let cautious = Duration::from_secs(if limits_are_known { 1_800 } else { 300 });
        assert_eq!(observed.host().function_timeout, Some(cautious), "{host}");
    }
}

#[test]
fn what_does_not_concern_a_handler_is_not_judged_under_the_host() {
    let host = with(r#","retry":{"strategy":"never"},"extensions":{"queues":{"batchSize":99},"http":{"customHeaders":{"a b":"c"}}}"#)
        .replace("\"defaultExecutablePath\":\"handler\"", "\"x\":1")
        .replace("extensionBundle", "noBundle")
        .replace("\"2.0\"", "\"3.0\"");
    let (strict, observed) = read(host.as_bytes(), &Settings::none());
    assert!(strict.is_err());
    assert_eq!(observed.problems(), []);
    let Trigger::Queue(queue) = &observed.functions()[1].trigger else {
        panic!()
    };
    assert_eq!(queue.connection, "Orders");
    // Nor does a missing folder end anything.
    let nothing = Project::observe("/does/not/exist".as_ref(), &Settings::none());
    assert!(nothing.functions().is_empty() && nothing.problems().len() == 2);
}
