//! A whole process, as the host starts and a terminal stops it. The process is this test binary itself, run with
//! only the test `child` and a variable that makes it a handler.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use axum::routing::get;
use custom_handler::{App, BoxError, launch};
use serde_json::Value;

const ROLE: &str = "CUSTOM_HANDLER_TEST_CHILD";
const LONGEST_WAIT: Duration = Duration::from_secs(20);

async fn app() -> Result<App, BoxError> {
    if std::env::var(ROLE)? == "broken" {
        return Err("the store does not answer".into());
    }
    Ok(App::new()
        .http(
            "/slow",
            get(|| async {
                tracing::info!("entered");
                std::future::pending::<()>().await
            }),
        )
        .http(
            "/brief",
            get(|| async {
                tracing::info!("entered");
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        )
        .http(
            "/panic",
            get(|| async {
                assert_eq!(1, 2, "sums");
            }),
        ))
}

/// Not a test of its own: the process that the others start.
#[test]
fn child() {
    if std::env::var_os(ROLE).is_some() {
        println!(); // the harness has begun a line of its own
        std::thread::spawn(|| {
            std::thread::sleep(2 * LONGEST_WAIT);
            std::process::exit(99);
        });
        let code = launch(app);
        let failed = format!("{code:?}") != format!("{:?}", std::process::ExitCode::SUCCESS);
        let two = format!("{code:?}") == format!("{:?}", std::process::ExitCode::from(2));
        std::process::exit(if two { 2 } else { i32::from(failed) });
    }
}

struct Handler {
    child: Child,
    stdout: BufReader<ChildStdout>,
    port: u16,
}

fn start(role: &str, settings: &[(&str, String)]) -> Handler {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "process::child", "--nocapture", "--test-threads=1"]);
    command
        .env(ROLE, role)
        .env_remove("RUST_LOG")
        .env_remove("LOG_LEVEL")
        .env_remove("FUNCTIONS_HTTPWORKER_PORT");
    command.env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string());
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    Handler { child, stdout, port }
}

impl Handler {
    /// Polls the readiness ping as the host does.
    fn ready(self) -> Self {
        let started = Instant::now();
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                assert!(self.ask(stream, "/", "").starts_with("HTTP/1.1 200"));
                return self;
            }
            assert!(started.elapsed() < LONGEST_WAIT, "never ready");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn ask(&self, mut stream: TcpStream, path: &str, headers: &str) -> String {
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Reads stdout up to a log line that says so. The test harness's own lines are no JSON and are passed over.
    fn wait_for(&mut self, message: &str) -> Value {
        let mut line = String::new();
        while self.stdout.read_line(&mut line).unwrap() > 0 {
            if let Ok(json) = serde_json::from_str::<Value>(&line)
                && json["message"].as_str().is_some_and(|m| m.contains(message))
            {
                return json;
            }
            line.clear();
        }
        panic!("`{message}` was never logged");
    }

    fn signal(&self, name: &str) {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status()
            .unwrap();
        assert!(status.success());
    }

    fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let mut stderr = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        (self.child.wait().unwrap(), stderr)
    }
}

#[test]
fn both_signals_stop_cleanly_and_nothing_is_on_stderr() {
    for signal in ["TERM", "INT"] {
        let mut handler = start("plain", &[]).ready();
        let mut stream = handler.connect();
        write!(
            stream,
            "GET /brief HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        handler.wait_for("entered");
        handler.signal(signal);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"),
            "{answer}"
        );
        handler.wait_for("stopped");
        let (status, stderr) = handler.end();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut handler = start("plain", &[]).ready();
    let mut stream = handler.connect();
    write!(stream, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    handler.wait_for("entered");
    handler.signal("TERM");
    handler.wait_for("stopping");
    let asked = Instant::now();
    handler.signal("TERM");
    handler.wait_for("stopped at once");
    let (status, _) = handler.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        asked.elapsed() < Duration::from_secs(6),
        "the grace of 8 s was waited for"
    );
}

#[test]
fn a_panic_is_a_json_line_and_the_process_goes_on() {
    let mut handler = start("plain", &[]).ready();
    let id = "X-Azure-Functions-InvocationId: 0d5f\r\n";
    assert!(
        handler
            .ask(handler.connect(), "/panic?code=KEY", id)
            .starts_with("HTTP/1.1 500")
    );
    let line = handler.wait_for("panic: ");
    assert!(line["message"].as_str().unwrap().contains("sums"), "{line}");
    assert_eq!(
        (&line["invocation_id"], &line["level"]),
        (&Value::from("0d5f"), &Value::from("ERROR"))
    );
    assert!(
        line["location"].as_str().unwrap().contains("process.rs"),
        "{line}"
    );
    let after = handler.wait_for("GET /panic answered 500");
    assert_eq!(after["invocation_id"], "0d5f");
    assert!(
        handler
            .ask(handler.connect(), "/", "")
            .starts_with("HTTP/1.1 200")
    );
    handler.signal("TERM");
    assert_eq!(handler.end().0.code(), Some(0));
}

#[test]
fn what_is_fatal_is_said_and_never_exit_0() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = |value: String| [("FUNCTIONS_CUSTOMHANDLER_PORT", value)];
    let cases = [
        (
            start("plain", &port(taken.local_addr().unwrap().port().to_string())),
            "is already in use (from FUNCTIONS_CUSTOMHANDLER_PORT)",
        ),
        (
            start("plain", &port("web".to_owned())),
            "FUNCTIONS_CUSTOMHANDLER_PORT is `web`",
        ),
        (
            start("plain", &[("LOG_LEVEL", "loud".to_owned())]),
            "LOG_LEVEL has `loud`",
        ),
        (
            start("broken", &[]),
            "the application could not start: the store does not answer",
        ),
    ];
    for (mut handler, expected) in cases {
        let line = handler.wait_for("fatal: ");
        assert!(line["message"].as_str().unwrap().contains(expected), "{line}");
        let (status, stderr) = handler.end();
        assert_eq!(status.code(), Some(1), "{expected}");
        assert!(
            stderr.starts_with("fatal: ") && stderr.contains(expected),
            "{stderr}"
        );
    }
}
