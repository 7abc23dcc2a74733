//! Prints a simulated run: `cargo run --release -p simulator --example simulate -- 300000 1 varying`.

#![allow(clippy::print_stdout, reason = "an example prints")]

use simulator::{Latency, Options, simulate};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| {
        arguments
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (recipients, seed) = (number(300_000), number(1));
    let latency = match arguments.next().as_deref() {
        Some("varying") => Latency::VARYING,
        _ => Latency::STEADY,
    };
    print!(
        "{}",
        simulate(Options {
            recipients,
            seed,
            latency
        })
        .await
    );
}
