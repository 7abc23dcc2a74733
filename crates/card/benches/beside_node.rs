//! The same cases filled by this crate and by the reference in Node.js, in turns, in expansions a second of
//! processor time. `AC_NODE_MODULES` is a folder that has `adaptivecards-templating` and
//! `adaptive-expressions`; `CARD_BENCH_CASES` names other cases, `NODE` another Node.js, `CARD_BENCH_MS` and
//! `CARD_BENCH_RUNS` how long and how often each figure is taken (the median is shown).
#![allow(clippy::print_stdout)] // a table is what this prints

mod inputs;

use card::{Data, Json, Template};
use inputs::{Case, cases};
use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

type BenchResult<T> = Result<T, Box<dyn Error>>;

/// Rounds that are not counted, while Node.js compiles what it runs.
const WARM_UP: u64 = 3;

#[derive(Clone, Copy)]
enum Mode {
    Once,
    Each,
}

impl Mode {
    const fn shown(self) -> &'static str {
        match self {
            Mode::Once => "compiled once",
            Mode::Each => "compiled each time",
        }
    }
}

/// The reference in a process of its own.
struct Node {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Node {
    fn start(modules: &str, lookup: &str) -> BenchResult<Self> {
        let program = std::env::var("NODE").unwrap_or_else(|_| "node".to_owned());
        let mut child = Command::new(&program)
            .arg("--single-threaded")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/beside_node.js"))
            .arg(lookup)
            .env("AC_NODE_MODULES", modules)
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("Node.js does not start (`{program}`): {error}"))?;
        let input = child.stdin.take().ok_or("Node.js has no standard input")?;
        let output = child.stdout.take().ok_or("Node.js has no standard output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    fn request(&mut self, request: &serde_json::Value) -> BenchResult<serde_json::Value> {
        writeln!(self.input, "{request}")?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("Node.js ended; its message is above".into());
        }
        Ok(serde_json::from_str(&line)?)
    }

    fn rate(&mut self, mode: Mode, time: Duration) -> BenchResult<f64> {
        let mode = match mode {
            Mode::Once => "once",
            Mode::Each => "each",
        };
        let request = serde_json::json!({"mode": mode, "milliseconds": time.as_millis() as u64});
        let rate = self.request(&request)?;
        rate.as_f64().ok_or_else(|| format!("Node.js said {rate}").into())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of this thread, kernel included.
fn processor_time() -> BenchResult<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")
        .map_err(|error| format!("processor time is read as Linux has it: {error}"))?;
    let nanoseconds = text.split(' ').next().unwrap_or_default();
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// Our expansions a second of processor time.
fn rate(case: &Case, mode: Mode, time: Duration) -> BenchResult<f64> {
    let template = Template::parse(&case.template, "bench")?;
    let mut out = String::new();
    let mut fill = || -> BenchResult<usize> {
        match mode {
            Mode::Once => {
                out.clear();
                let data = Json::parse(black_box(&case.data))?;
                template.expand_into(&Data::of(&data), &mut out)?;
                Ok(out.len())
            }
            Mode::Each => {
                let template = Template::parse(black_box(&case.template), "bench")?;
                let data = Json::parse(black_box(&case.data))?;
                Ok(template.expand_to_string(&Data::of(&data))?.len())
            }
        }
    };
    let before = processor_time()?;
    let end = Instant::now() + time;
    let mut count = 0u32;
    loop {
        for _ in 0..20 {
            black_box(fill()?);
        }
        count += 20;
        if Instant::now() >= end {
            let used = processor_time()?.saturating_sub(before);
            return Ok(f64::from(count) / used.as_secs_f64());
        }
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
}

fn setting(name: &str, default: u64) -> BenchResult<u64> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{name} must be a whole number, not `{text}`").into()),
        Err(_) => Ok(default),
    }
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").map_or_else(
        |_| "unknown".to_owned(),
        |text| text.split(' ').take(3).collect::<Vec<_>>().join(" "),
    )
}

fn main() -> BenchResult<()> {
    let modules = std::env::var("AC_NODE_MODULES").map_err(|_| {
        "set AC_NODE_MODULES to a node_modules folder that has adaptivecards-templating 2.3.1 and \
         adaptive-expressions 4.23.3"
    })?;
    if !std::path::Path::new(&modules)
        .join("adaptivecards-templating/package.json")
        .is_file()
    {
        return Err(format!("AC_NODE_MODULES ({modules}) has no adaptivecards-templating").into());
    }
    let time = Duration::from_millis(setting("CARD_BENCH_MS", 1_000)?);
    let runs = setting("CARD_BENCH_RUNS", 5)?;
    let mut plain = Node::start(&modules, "plain")?;
    let mut stubbed = Node::start(&modules, "stubbed")?;
    println!(
        "Expansions a second of processor time, data text in, card text out; load average {}.\n",
        load()
    );
    println!("| case | | card | Node.js | ratio | Node.js, locale look-up stubbed | ratio |");
    println!("|---|---|---:|---:|---:|---:|---:|");
    for case in cases() {
        let request = serde_json::json!({"template": case.template, "data": case.data});
        let data = Json::parse(&case.data)?;
        let ours = Template::parse(&case.template, "bench")?.expand(&Data::of(&data))?;
        for node in [&mut plain, &mut stubbed] {
            if node.request(&request)? != ours {
                return Err(format!("{}: the cards differ, so the times say nothing", case.name).into());
            }
        }
        for mode in [Mode::Once, Mode::Each] {
            let [mut card, mut node, mut fast] = [const { Vec::new() }; 3];
            for run in 0..WARM_UP + runs {
                let taken = (
                    rate(&case, mode, time)?,
                    plain.rate(mode, time)?,
                    stubbed.rate(mode, time)?,
                );
                if run >= WARM_UP {
                    card.push(taken.0);
                    node.push(taken.1);
                    fast.push(taken.2);
                }
            }
            let (card, node, fast) = (median(card), median(node), median(fast));
            println!(
                "| {} | {} | {card:.0} | {node:.0} | {:.1} | {fast:.0} | {:.1} |",
                case.name,
                mode.shown(),
                card / node,
                card / fast
            );
        }
    }
    println!("\nLoad average at the end {}.", load());
    Ok(())
}
