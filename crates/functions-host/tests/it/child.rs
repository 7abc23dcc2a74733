//! The handler as a child process: this test binary started again as a handler.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use functions_host::{
    FunctionsHost, HandlerLine, InvocationError, LineSink, LineSource, Running, Severity, StartError,
    StopMode,
};
use functions_project::Settings;

use crate::support::{app, json};

const QUEUE: &str = r#"{"bindings":[{"type":"queueTrigger","name":"job","queueName":"jobs"}]}"#;

/// Not a test of its own: does nothing unless it was started as a handler by one of the tests below.
#[test]
fn as_a_handler() {
    let Ok(part) = std::env::var("FAKE_HANDLER") else {
        return;
    };
    if part == "crash" {
        eprintln!("going down");
        std::process::exit(3);
    }
    let port: u16 = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT")
        .unwrap()
        .parse()
        .unwrap();
    println!(
        "env {} {}",
        std::env::var("FUNCTIONS_HTTPWORKER_PORT").unwrap(),
        std::env::var("FROM_SETTINGS").unwrap()
    );
    println!("cwd {}", std::env::current_dir().unwrap().display());
    println!("root {}", std::env::var("FUNCTIONS_APP_ROOT_PATH").unwrap());
    println!(
        "worker {}",
        std::env::var("FUNCTIONS_CUSTOMHANDLER_WORKER_ID").unwrap()
    );
    eprintln!("a warning");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        if part == "polite" {
            tokio::spawn(async {
                let mut term =
                    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
                println!("listening to signals");
                term.recv().await;
                println!("goodbye");
                std::process::exit(0);
            });
        }
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        axum::serve(listener, Router::new().fallback(handle))
            .await
            .unwrap();
    });
}

/// Exits with the code of the message, hangs on "hang", else agrees.
async fn handle(request: Request) -> Response {
    let bytes = axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for code in [0, 1, 200] {
        if text.contains(&format!("exit {code}.")) {
            std::process::exit(code);
        }
    }
    if text.contains("hang") {
        std::future::pending::<()>().await;
    }
    json(200, "{}")
}

struct Child {
    running: Running,
    lines: Arc<Mutex<Vec<HandlerLine>>>,
    _dir: tempfile::TempDir,
}

impl Child {
    async fn start(part: &str, more: &str) -> Self {
        let exe = std::env::current_exe().unwrap();
        let host = format!(
            r#"{{"version":"2.0","customHandler":{{"description":{{"defaultExecutablePath":{exe:?},
                "arguments":["child::as_a_handler","--exact","%NOTHING%"],"workerArguments":["\"--nocapture\""]}}}},
                "extensionBundle":{{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"}}{more}}}"#
        );
        let dir = app(&host, &[("f", QUEUE)]);
        let lines: Arc<Mutex<Vec<HandlerLine>>> = Arc::default();
        let seen = lines.clone();
        let settings = Settings::none()
            .with("FAKE_HANDLER", part)
            .with("FROM_SETTINGS", "yes");
        let host = FunctionsHost::from_dir(dir.path())
            .settings(settings)
            .lines(LineSink::new(move |line| seen.lock().unwrap().push(line.clone())))
            .build()
            .unwrap();
        Self {
            running: host.start().unwrap(),
            lines,
            _dir: dir,
        }
    }

    fn texts(&self, source: &LineSource) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .filter(|line| line.source == *source)
            .map(|line| line.text.clone())
            .collect()
    }

    fn value(&self, name: &str) -> Vec<String> {
        let prefix = format!("{name} ");
        self.texts(&LineSource::Stdout)
            .iter()
            .filter_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
            .collect()
    }

    async fn line(&self, source: LineSource, part: &str) {
        for _ in 0..2000 {
            if self.texts(&source).iter().any(|line| line.contains(part)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no line with {part:?}: {:?}", self.lines.lock().unwrap());
    }
}

#[tokio::test]
async fn a_child_gets_its_environment_and_is_killed_at_the_end() {
    let child = Child::start("serve", "").await;
    // A call that comes before the handler is ready waits for it.
    child.running.invoke_with("f", "hello").await.unwrap();
    let address: SocketAddr = child.running.ready().await.unwrap();
    assert_eq!(child.value("env"), [format!("{} yes", address.port())]);
    assert_eq!(child.value("cwd"), child.value("root"));
    child.line(LineSource::Stderr, "a warning").await;
    let lines = child.lines.lock().unwrap().clone();
    let severity = |part: &str| {
        lines
            .iter()
            .find(|line| line.text.contains(part))
            .unwrap()
            .severity
    };
    assert_eq!(
        (severity("a warning"), severity("env ")),
        (Severity::Warning, Severity::Information)
    );
    child.running.stop(StopMode::Kill).await;
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "the process is gone"
    );
}

#[tokio::test]
async fn sigterm_lets_the_child_end_by_itself() {
    let child = Child::start("polite", "").await;
    child.running.ready().await.unwrap();
    child.line(LineSource::Stdout, "listening to signals").await;
    let lines = child.lines.clone();
    child
        .running
        .stop(StopMode::Terminate {
            grace: Duration::from_secs(10),
        })
        .await;
    for _ in 0..2000 {
        if lines.lock().unwrap().iter().any(|line| line.text == "goodbye") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it was not asked");
}

#[tokio::test]
async fn exit_200_restarts_on_the_same_port_without_end() {
    let child = Child::start("serve", "").await;
    let address = child.running.ready().await.unwrap();
    for _ in 0..4 {
        let error = child.running.invoke_with("f", "exit 200.").await.unwrap_err();
        assert!(matches!(error, InvocationError::Transport(_)), "{error}");
        // Until the exit is noticed, calls are refused.
        while child.running.invoke_with("f", "hello").await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(child.running.ready().await.unwrap(), address);
    }
    let mut workers = child.value("worker");
    workers.dedup();
    assert_eq!(workers.len(), 5, "a new worker id for each start");
}

#[tokio::test]
async fn exit_0_is_final_and_calls_are_refused() {
    let child = Child::start("serve", "").await;
    child.running.ready().await.unwrap();
    child.running.invoke_with("f", "exit 0.").await.unwrap_err();
    child.line(LineSource::Host, "code 0").await;
    let error = child.running.invoke_with("f", "hello").await.unwrap_err();
    assert!(matches!(error, InvocationError::Transport(_)), "{error}");
    assert_eq!(child.value("worker").len(), 1);
    child.running.stop(StopMode::Kill).await;
}

#[tokio::test]
async fn the_third_crash_stops_the_host_and_says_what_the_handler_said() {
    let child = Child::start("crash", "").await;
    let reason = child.running.stopped().await;
    assert!(
        reason.contains("code 3") && reason.contains("going down") && reason.contains("3 times"),
        "{reason}"
    );
    let error = child.running.invoke("f").await.unwrap_err();
    assert!(matches!(error, InvocationError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn an_overrun_kills_the_process_and_everything_in_it() {
    let child = Child::start("serve", r#","functionTimeout":"00:00:01""#).await;
    child.running.ready().await.unwrap();
    let slow = child.running.invoke_with("f", "hang");
    let error = slow.await.unwrap_err();
    assert!(matches!(error, InvocationError::TimedOut(_)), "{error}");
    child.line(LineSource::Host, "overran functionTimeout").await;
    while child.running.invoke_with("f", "hello").await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut workers = child.value("worker");
    workers.dedup();
    assert_eq!(workers.len(), 2);
}

#[tokio::test]
async fn an_executable_that_is_not_there_is_named() {
    let host = r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"no-such-handler"}},"extensionBundle":{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"}}"#;
    let dir = app(host, &[("f", QUEUE)]);
    let host = FunctionsHost::from_dir(dir.path())
        .settings(Settings::none())
        .build()
        .unwrap();
    let error = host.start().unwrap_err();
    assert!(matches!(error, StartError::Spawn { .. }));
    let text = error.to_string();
    assert!(
        text.contains("no-such-handler") && text.contains("defaultExecutablePath"),
        "{text}"
    );
}
