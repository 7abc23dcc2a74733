//! Time from exec to the first answered ping of any custom handler: `measure_start PROGRAM [RUNS]`, 20 runs by
//! default. Prints each run, the median and the extremes in milliseconds.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().ok_or("usage: measure_start PROGRAM [RUNS]")?;
    let runs: usize = arguments.next().map_or(Ok(20), |runs| runs.parse())?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        times.push(once(&program)?.as_secs_f64() * 1e3);
    }
    println!(
        "{}",
        times
            .iter()
            .map(|t| format!("{t:.2}"))
            .collect::<Vec<_>>()
            .join(" ")
    );
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times
            .get(((times.len() - 1) as f64 * share).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    println!(
        "runs {}, median {:.2} ms, least {:.2}, most {:.2}",
        times.len(),
        at(0.5),
        at(0.0),
        at(1.0)
    );
    Ok(())
}

fn once(program: &str) -> Result<Duration, Box<dyn Error>> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let started = Instant::now();
    let mut child = Command::new(program)
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()?;
    let result = first_answer(&mut child, port, started);
    child.kill()?;
    child.wait()?;
    result
}

fn first_answer(child: &mut Child, port: u16, started: Instant) -> Result<Duration, Box<dyn Error>> {
    loop {
        if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")?;
            let mut first = [0; 12];
            stream.read_exact(&mut first)?;
            return if first.starts_with(b"HTTP/1.1 200") {
                Ok(started.elapsed())
            } else {
                Err("no 200".into())
            };
        }
        if let Some(status) = child.try_wait()? {
            return Err(format!("{status} before the first answer").into());
        }
        if started.elapsed() > TIMEOUT {
            return Err("no answer within 10 s".into());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}
