//! Who may call what, and what is found where.

use axum::body::Body;
use axum::response::Response;
use functions_project::Settings;
use local_host::{ForwardingMode, HostKey, KeyPolicy};

use crate::support::{Fake, HOST, app, body, local, local_with, send, serve_host, status};

fn http(level: &str, route: &str, methods: &str) -> String {
    format!(
        r#"{{"bindings":[{{"type":"httpTrigger","direction":"in","name":"req","authLevel":"{level}","route":"{route}"{methods}}},
            {{"type":"http","direction":"out","name":"res"}}]}}"#
    )
}

#[tokio::test]
async fn pages_of_listed_origins_may_call_and_preflights_end_here() {
    use functions_project::{Cors, Credentials};
    let mut fake = Fake::agreeable();
    let dir = app(HOST, &[("open", &http("anonymous", "open", ""))]);
    let origins = vec!["http://page.test".to_owned()];
    let credentials = Credentials::Allowed;
    let listed = Cors::Origins { origins, credentials };
    let preflight = "Origin: http://page.test\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n";
    let stranger = "Origin: http://other.test\r\nAccess-Control-Request-Method: PUT\r\n";
    let allowed = "access-control-allow-origin: http://page.test";
    for (cors, line, headers, expected, says) in [
        (
            Some(listed.clone()),
            "OPTIONS /api/open",
            preflight,
            204,
            vec![
                allowed,
                "access-control-allow-methods: PUT",
                "access-control-allow-headers: x-a",
                "access-control-allow-credentials: true",
            ],
        ),
        (Some(listed.clone()), "OPTIONS /api/open", stranger, 204, vec![]),
        (
            Some(listed.clone()),
            "GET /api/open",
            "Origin: http://page.test\r\n",
            200,
            vec![allowed, "vary: Origin"],
        ),
        (
            Some(listed),
            "GET /api/open",
            "Origin: http://other.test\r\n",
            200,
            vec![],
        ),
        (
            Some(Cors::AnyOrigin),
            "GET /api/open",
            "Origin: http://other.test\r\n",
            200,
            vec!["access-control-allow-origin: *"],
        ),
        (None, "OPTIONS /api/open", preflight, 200, vec![]),
    ] {
        let (_running, address) = serve_host(local(&dir).cors(cors).build(fake.handler())).await;
        let answer = send(address, line, headers, "").await;
        assert_eq!(status(&answer), expected, "{line} {headers}");
        for part in &says {
            assert!(answer.contains(part), "{line} {headers}\n{answer}");
        }
        let has_any = answer.contains("access-control-allow");
        assert_eq!(has_any, !says.is_empty(), "{line} {headers}\n{answer}");
        // Only what is no preflight reaches the handler.
        assert_eq!(fake.waiting().is_some(), expected == 200, "{line} {headers}");
        while fake.waiting().is_some() {}
    }
}

#[tokio::test]
async fn keys_are_demanded_by_level_and_the_header_wins() {
    let mut fake = Fake::agreeable();
    let functions = [
        ("open", http("anonymous", "open", "")),
        ("keyed", http("function", "keyed", "")),
        ("top", http("admin", "top", "")),
    ];
    let functions: Vec<(&str, &str)> = functions
        .iter()
        .map(|(name, json)| (*name, json.as_str()))
        .collect();
    let dir = app(HOST, &functions);
    let keys = KeyPolicy::Enforced {
        function: HostKey::new("fkey"),
        master: HostKey::new("mkey"),
    };
    let (_running, address) = serve_host(local(&dir).keys(keys).build(fake.handler())).await;
    for (line, headers, expected) in [
        ("GET /api/open", "", 200),
        ("GET /api/open", "x-functions-key: wrong\r\n", 200),
        ("GET /api/keyed", "", 401),
        ("GET /api/keyed", "x-functions-key: fkey\r\n", 200),
        ("GET /api/keyed", "X-Functions-Key: mkey\r\n", 200),
        ("GET /api/keyed?code=fkey", "", 200),
        ("GET /api/keyed?Code=fk%65y", "", 200),
        ("GET /api/keyed?code=fkey", "x-functions-key: wrong\r\n", 401),
        ("GET /api/keyed?code=", "", 401),
        ("GET /api/keyed", "x-functions-key: fkey2\r\n", 401),
        ("GET /api/top?code=fkey", "", 401),
        ("GET /api/top?code=mkey", "", 200),
        ("POST /admin/functions/open?code=fkey", "", 401),
        ("GET /admin/host/ping?code=mkey", "", 200),
    ] {
        let answer = send(address, line, headers, "").await;
        assert_eq!(status(&answer), expected, "{line} {headers}");
        if expected == 401 {
            let problem: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("x-functions-key"), "{line}: {problem}");
            assert!(
                answer.to_lowercase().contains("application/problem+json"),
                "{answer}"
            );
        }
    }
    // The handler sees the key as the client sent it.
    let mut keys = Vec::new();
    while let Some(got) = fake.waiting() {
        keys.extend(got.header("x-functions-key").map(str::to_owned));
    }
    assert_eq!(keys, ["wrong", "fkey", "mkey"]);
}

#[tokio::test]
async fn routes_verbs_and_disabled_functions() {
    let fake = Fake::start(|got| async move { Response::new(Body::from(got.target)) });
    let functions = [
        (
            "items",
            http("anonymous", "items/{id:int?}", r#","methods":["GET"]"#),
        ),
        ("exact", http("anonymous", "items/special", "")),
        (
            "posts",
            http("anonymous", "Items/{id:int?}", r#","methods":["post"]"#),
        ),
        ("rest", http("anonymous", "{*rest}", r#","methods":["put"]"#)),
        ("off", http("anonymous", "off", "")),
    ];
    let functions: Vec<(&str, &str)> = functions
        .iter()
        .map(|(name, json)| (*name, json.as_str()))
        .collect();
    let dir = app(HOST, &functions);
    let settings = Settings::none().with("AzureWebJobs.off.Disabled", "true");
    let (_running, address) = serve_host(local_with(&dir, &settings).build(fake.handler())).await;
    for (line, expected) in [
        ("GET /api/items", 200),
        ("GET /API/ITEMS/5/", 200),
        ("GET /Api/Items/Special/", 200),
        ("GET /%61pi/it%65ms/5", 200),
        ("GET /api/items//5", 404),
        ("GET /api/items/x", 404),
        ("GET /api/items/special", 200),
        ("POST /api/items/7", 200),
        ("DELETE /api/items/7", 404),
        ("PUT /api/anything/at/all", 200),
        ("GET /api/off", 404),
        ("GET /items", 404),
        ("GET /api/%2e%2e/api/items/1", 200),
        ("GET /runtime/webhooks/x", 404),
        ("GET /admin/nothing", 404),
        ("GET /", 200),
        ("OPTIONS /api/items/special", 200),
    ] {
        let answer = send(address, line, "", "").await;
        assert_eq!(status(&answer), expected, "{line}");
    }
}

/// The real host passes the path on as it came, but for needless escapes.
#[tokio::test]
async fn the_handler_gets_the_path_as_it_came() {
    let fake = Fake::start(|got| async move { Response::new(Body::from(got.target)) });
    let function = http("anonymous", "Messages", "");
    let dir = app(HOST, &[("messages", &function)]);
    for mode in [ForwardingMode::Forward, ForwardingMode::Proxy] {
        let host = local(&dir).mode(mode).build(fake.handler());
        let (_running, address) = serve_host(host).await;
        for (path, passed) in [
            ("/api/messages", "/api/messages"),
            ("/API/MESSAGES", "/API/MESSAGES"),
            ("/Api/Messages/", "/Api/Messages/"),
            ("/api/messages//", "/api/messages//"),
            ("/api/%6D%65ssages/", "/api/messages/"),
        ] {
            let answer = send(address, &format!("GET {path}"), "", "").await;
            assert_eq!((status(&answer), body(&answer)), (200, passed), "{mode:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_long_query_is_refused_after_the_route_and_the_key() {
    let mut fake = Fake::agreeable();
    let functions = [
        ("open", http("anonymous", "open", "")),
        ("keyed", http("function", "keyed", "")),
    ];
    let functions: Vec<(&str, &str)> = functions
        .iter()
        .map(|(name, json)| (*name, json.as_str()))
        .collect();
    let dir = app(HOST, &functions);
    let fits = "a".repeat(8192 - "code=key&".len());
    let long = "a&".repeat(30_000);
    for mode in [
        ForwardingMode::Forward,
        ForwardingMode::Proxy,
        ForwardingMode::Envelope,
    ] {
        let host = local(&dir)
            .mode(mode)
            .keys(KeyPolicy::enforced("key"))
            .build(fake.handler());
        let (_running, address) = serve_host(host).await;
        for (line, expected) in [
            (format!("GET /api/nowhere?{long}"), 404),
            (format!("GET /api/keyed?{long}"), 401),
            (format!("GET /api/keyed?{long}code=wrong"), 401),
            (format!("GET /api/keyed?code=key&{fits}"), 200),
            (format!("GET /api/open?code=key&{fits}"), 200),
            (format!("GET /api/keyed?code=key&{fits}b"), 414),
            (format!("GET /api/keyed?{long}code=key"), 414),
            (format!("GET /api/open?{long}"), 414),
        ] {
            let answer = send(address, &line, "", "").await;
            let line = &line[..40.min(line.len())];
            assert_eq!(status(&answer), expected, "{mode:?} {line}");
            if expected == 414 {
                let problem: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
                assert!(
                    answer.to_lowercase().contains("application/problem+json"),
                    "{answer}"
                );
                assert_eq!(problem["status"], 414);
                assert!(problem["detail"].as_str().unwrap().contains("8192"), "{problem}");
            }
        }
        let passed = std::iter::from_fn(|| fake.waiting()).count();
        assert_eq!(passed, 2, "{mode:?}: refused ones never reach the handler");
    }
}

#[tokio::test]
async fn the_callers_own_routes_win_and_custom_headers_are_added() {
    let fake = Fake::agreeable();
    let host = r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"h"},"enableForwardingHttpRequest":true},
        "extensions":{"http":{"routePrefix":"","customHeaders":{"X-Frame-Options":"DENY"}}}}"#;
    let function = http("anonymous", "x", "");
    let dir = app(host, &[("x", &function)]);
    let host = local(&dir).build(fake.handler());
    assert_eq!(
        host.describe("http://localhost:7071/"),
        ["x: [any verb] http://localhost:7071/x"]
    );
    let listener = local_host::bind(([127, 0, 0, 1], 0).into(), "--port")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new()
        .route("/", axum::routing::get(|| async { "mine" }))
        .merge(host.router());
    tokio::spawn(local_host::serve(listener, router, std::future::pending()));
    let _running = host.start();
    assert_eq!(body(&send(address, "GET /", "", "").await), "mine");
    let answer = send(address, "GET /x", "", "").await;
    assert!(
        status(&answer) == 200 && answer.to_lowercase().contains("x-frame-options: deny"),
        "{answer}"
    );
}

#[tokio::test]
async fn the_admin_api_invokes_by_hand() {
    let mut fake = Fake::agreeable();
    let queue = r#"{"bindings":[{"type":"queueTrigger","name":"job","queueName":"jobs"}]}"#;
    let timer = r#"{"bindings":[{"type":"timerTrigger","name":"tick","schedule":"0 0 0 1 1 *"}]}"#;
    let page = http("anonymous", "page", "");
    let off = timer.replace("{\"bindings\"", "{\"disabled\":true,\"bindings\"");
    let functions = [
        ("onQueue", queue),
        ("onTimer", timer),
        ("off", &off),
        ("page", &page),
    ];
    let dir = app(HOST, &functions);
    let (_running, address) = serve_host(local(&dir).build(fake.handler())).await;
    for (line, text, expected) in [
        ("POST /admin/functions/onQueue", r#"{"input":"hi"}"#, 202),
        ("POST /admin/functions/ONTIMER/", "", 202),
        ("POST /admin/functions/nobody", "{}", 404),
        ("POST /admin/functions/OFF", "{}", 409),
        ("POST /admin/functions/onQueue", "not json", 400),
        ("POST /admin/functions/page", "{}", 400),
        ("GET /admin/functions/onQueue", "", 404),
    ] {
        let answer = send(
            address,
            line,
            &format!("Content-Length: {}\r\n", text.len()),
            text,
        )
        .await;
        assert_eq!(status(&answer), expected, "{line} {text}");
        if expected == 409 {
            assert!(body(&answer).contains("The function off is disabled"), "{answer}");
        }
    }
    let mut got = [fake.next().await, fake.next().await];
    got.sort_by_key(|got| got.target.clone());
    assert_eq!(
        (got[0].target.as_str(), got[1].target.as_str()),
        ("/onQueue", "/onTimer")
    );
    assert_eq!(got[0].json()["Data"]["job"], "\"hi\"");
    assert_eq!(got[1].json()["Data"]["tick"]["IsPastDue"], false);
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_way_out() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = local_host::bind(([127, 0, 0, 1], port).into(), "--port")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&format!("port {port} is in use")) && error.contains("--port"),
        "{error}"
    );
}
