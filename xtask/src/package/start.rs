//! Starts the packaged program as the Functions host does, and waits for its first response.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{failure::Failure, process};

/// From starting the process to the first byte of a response. The host waits 30 s; the program needs milliseconds.
const START_TIMEOUT: Duration = Duration::from_secs(1);
/// The host polls every 25 ms; a shorter interval measures more precisely.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// What `--version` prints.
pub(super) fn version(program: &Path) -> Result<String, Failure> {
    let output = process::output(Command::new(program).arg("--version").env_clear())?;
    let output = output.trim();
    if output.is_empty() || output.contains('\n') {
        return Err(Failure::new(format!(
            "`--version` must print one line, not {output:?}"
        )));
    }
    Ok(output.to_owned())
}

/// Time until `GET /` is answered; any status counts, as for the host.
pub(super) fn time_to_first_response(program: &Path, folder: &Path) -> Result<Duration, Failure> {
    let port = free_port()?;
    let log = folder.join("start.log");
    let output = File::create(&log).map_err(Failure::at(&log))?;
    let errors = output.try_clone().map_err(Failure::at(&log))?;
    let start = Instant::now();
    // An empty environment: variables of this machine must not change the result.
    let mut child = Command::new(program)
        .current_dir(folder)
        .env_clear()
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .env("NOTIFICATION_STORE", "file")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(Failure::at(program))?;
    let outcome = wait(&mut child, port, start);
    // An error here means that the process has ended already.
    let _ = child.kill();
    let _ = child.wait();
    outcome.map_err(|problem| {
        let output = fs::read_to_string(&log).unwrap_or_default();
        Failure::new(format!(
            "with FUNCTIONS_CUSTOMHANDLER_PORT={port} the program {problem}"
        ))
        .hint(format!("Its output:\n{output}"))
    })
}

fn wait(child: &mut Child, port: u16, start: Instant) -> Result<Duration, String> {
    loop {
        if ping(port) {
            return Ok(start.elapsed());
        }
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return Err(format!("ended ({status}) before it answered GET /")),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
        if start.elapsed() > START_TIMEOUT {
            return Err(format!(
                "did not answer GET / within {} ms",
                START_TIMEOUT.as_millis()
            ));
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// One `GET /`; true when something that looks like HTTP came back.
fn ping(port: u16) -> bool {
    let exchange = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, START_TIMEOUT)?;
        stream.set_read_timeout(Some(START_TIMEOUT))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        Ok(head.starts_with(b"HTTP/1."))
    };
    exchange().unwrap_or(false)
}

fn free_port() -> Result<u16, Failure> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::during("looking for a free port"))?;
    let address = listener
        .local_addr()
        .map_err(Failure::during("looking for a free port"))?;
    Ok(address.port())
}
