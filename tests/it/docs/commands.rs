//! Every command of the guides is in a table, with the check that it passes or what covers it where it is not run here.

use super::{ROOT, cargo_targets, markdown::guides, shell};
use crate::support::azurite::variable;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Programs whose lines in a guide are commands.
const PROGRAMS: [&str; 10] = [
    "cargo", "handler", "curl", "func", "npm", "node", "docker", "eval", "mkdir", "openssl",
];

/// How a command is checked.
#[derive(Clone, Copy)]
enum By {
    /// `operators.rs` runs it, or runs each of the alternatives that `|` parts.
    Operator,
    /// `outputs.rs` runs `dev` and sends it.
    Dev,
    /// Commands, options and the values of options are those of xtask's help, which xtask's tests hold to the letter.
    Xtask,
    /// Package, target, features and tests exist. The program that it builds takes minutes or measures: compiled by
    /// `cargo xtask test`, not run.
    Cargo,
    /// Node.js accepts the script.
    Node,
    /// Programs and seeds of the crate's fuzz folder. Needs nightly.
    Fuzz,
    /// Something else covers it.
    Elsewhere(&'static str),
}
use By::{Cargo, Dev, Elsewhere, Fuzz, Node, Operator, Xtask};

const NEEDS_AZURE: &str =
    "needs a function app; what it publishes is checked by `cargo xtask package`, which starts it";
const SERVED: &str = "a server without end: tests/it/support/handler.rs starts it in most tests";
const SIMULATED: &str =
    "crates/simulator/src/main.rs reads its words in a test, and tests/it there runs the simulation";
const HELLO: &str = "crates/custom-handler/tests/it/guide.rs sends it to the example";
const ANOTHER_PROGRAM: &str = "a program of others";

#[rustfmt::skip]
const COMMANDS: &[(&str, By)] = &[
    // The program.
    ("cargo run -- dev", Dev),
    ("handler dev", Dev),
    ("handler serve", Elsewhere(SERVED)),
    ("handler card check cards/*.json", Operator),
    ("handler card check cards/alert.json --data my-alert.json --json", Operator),
    ("handler card expand --template cards/alert.json --pretty", Operator),
    ("handler card expand --template cards/alert.json --data my-alert.json --host my-host.json", Operator),
    ("handler card preview", Operator),
    ("handler card preview cards/alert.json", Operator),
    ("handler card preview cards/alert.json --locale de-AT --data my-alert.json --out alert.html", Operator),
    ("handler card expand | eval | check | preview", Operator),
    ("handler notification list | show | verify | report | cancel | pause | resume", Operator),
    ("handler references list | export | import | unblock | forget", Operator),
    ("handler references unblock", Operator),
    ("handler references list", Operator),
    ("handler references import", Operator),
    ("handler references forget USER", Operator),
    ("curl -X POST http://localhost:3978/api/notification -H 'x-functions-key: KEY' -d '{\"data\": {\"title\": \"Hello, Teams\"}}'", Dev),
    ("curl -X POST localhost:3978/api/notification -H \"x-functions-key: $KEY\" -H \"content-type: application/json\" -d '{\"card\": \"alert\", \"data\": {\"severity\": \"warning\", \"title\": \"Disk is nearly full\"}}'", Dev),
    // The project.
    ("cargo xtask test", Xtask),
    ("cargo xtask test --only clippy", Xtask),
    ("cargo xtask test --list", Xtask),
    ("eval \"$(cargo xtask env)\"", Xtask),
    ("cargo xtask env", Xtask),
    ("cargo xtask package", Xtask),
    ("cargo run --manifest-path ../teams-notify/xtask/Cargo.toml -- package --project .", Xtask),
    ("cargo xtask app-package", Xtask),
    ("cargo xtask advisories", Xtask),
    ("cargo xtask bench", Xtask),
    ("cargo xtask bench --only start --only rate", Xtask),
    ("cargo xtask bench --only kills", Xtask),
    ("cargo xtask bench --only recovery", Xtask),
    ("cargo xtask bench --binary FILE", Xtask),
    ("cargo deny", Elsewhere("`cargo xtask test` runs it: its step `deny`")),
    ("cd dist/package && func azure functionapp publish APP --custom", Elsewhere(NEEDS_AZURE)),
    ("func azure functionapp publish", Elsewhere(NEEDS_AZURE)),
    ("func start --cors", Elsewhere("a program of others; crates/local-host/tests/it holds what it does")),
    // One part of the project.
    ("UPDATE_GOLDEN=1 cargo test -p config", Cargo),
    ("cargo test -p notify --lib", Cargo),
    ("cargo test -p handler --test it -- sends::", Cargo),
    ("cargo test -p simulator", Cargo),
    ("SIM_SEED=17 cargo test -p simulator every_promise", Cargo),
    ("SIM_SEED=N cargo test -p simulator every_promise -- --nocapture", Cargo),
    ("SIM_SEEDS=20000 cargo test -p simulator every_promise", Cargo),
    ("cargo test -p simulator storms -- --nocapture", Cargo),
    ("cargo test -p storage", Cargo),
    ("cargo test", Cargo),
    ("cargo bench -p card", Cargo),
    ("cargo bench -p card --bench cases", Cargo),
    ("AC_NODE_MODULES=<node_modules> cargo bench -p card --bench beside_node", Cargo),
    ("AC_NODE_MODULES=FOLDER/node_modules cargo bench -p card --bench beside_node", Cargo),
    ("cargo run --example versions -- beside --old HANDLER", Cargo),
    ("cargo run -p simulator --example growth -- 1000 10000 100000 1000000", Cargo),
    ("cargo run --release -p simulator --example persons_and_waits -- recovery waiting planning", Cargo),
    ("cargo run --release -p simulator --example limiters -- 60000 3", Cargo),
    ("cargo run -p functions-host --example serve -- path/to/app", Cargo),
    ("cargo run -p sandbox --example sandbox -- 3979 node_modules/adaptivecards/dist/adaptivecards.min.js", Cargo),
    ("cargo run --release -p sandbox --example load", Cargo),
    ("cargo run --release -p storage --features conformance --example measure -- file PATH", Cargo),
    ("cargo run --release -p storage --features conformance --example measure -- blob CONNECTION_STRING [COUNT | 0 to list]", Cargo),
    ("cargo run --release -p teams --example post_cpu -- 50000 64", Cargo),
    ("cargo run --release -p custom-handler --example measure_start -- target/release/examples/hello", Cargo),
    ("cargo run --release -p simulator -- --recipients 300000", Elsewhere(SIMULATED)),
    ("cargo run --release -p simulator -- --recipients 300000 --seed 1", Elsewhere(SIMULATED)),
    ("cargo run --release -p simulator -- --recipients 300000 --latency 80/600", Elsewhere(SIMULATED)),
    ("cargo run --release -p simulator -- --recipients N --seed 1", Elsewhere(SIMULATED)),
    ("FUNCTIONS_CUSTOMHANDLER_PORT=3000 cargo run -p custom-handler --example hello", Cargo),
    ("curl localhost:3000/api/hello", Elsewhere(HELLO)),
    ("curl localhost:3000/shout -d '{\"Data\":{\"item\":\"\\\"hi\\\"\"},\"Metadata\":{}}'", Elsewhere(HELLO)),
    ("mkdir -p fuzz/corpus/template fuzz/corpus/expression", Elsewhere("makes the folders that the next lines name")),
    ("cargo +nightly fuzz run template fuzz/corpus/template fuzz/seeds/template", Fuzz),
    ("cargo +nightly fuzz run expression fuzz/corpus/expression fuzz/seeds/expression", Fuzz),
    ("cargo build && (cd tools/page && npm ci) && (cd tools/test && npm ci)", Elsewhere("`cargo xtask test` does the same in its set-up")),
    ("node tools/cards/pictures.mjs", Node),
    ("openssl pkcs12 -in bot.pfx -out bot.pem", Elsewhere(ANOTHER_PROGRAM)),
];

/// Whether code in a sentence is a command: one of the programs with a word more, whatever is set for it or done before.
fn is_command(code: &str) -> bool {
    code.split("&&").any(|part| {
        let part = part.trim().trim_start_matches('(');
        let mut words = part.split(' ').skip_while(|word| {
            let name = word.split('=').next().unwrap();
            word.contains('=') && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        });
        words.next().is_some_and(|word| PROGRAMS.contains(&word)) && words.next().is_some()
    })
}

/// Every command of the guides.
fn documented() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for guide in guides() {
        found.extend(guide.code.iter().filter(|code| is_command(code)).cloned());
        for language in ["sh", "console"] {
            found.extend(
                guide
                    .blocks_of(language)
                    .flat_map(|block| shell::commands(&block.text)),
            );
        }
    }
    found
}

/// The commands that `operators.rs` runs.
pub(super) fn operators() -> Vec<&'static str> {
    let run = COMMANDS.iter().filter(|(_, by)| matches!(by, Operator));
    run.map(|(command, _)| *command).collect()
}

#[test]
fn every_command_is_in_the_table_and_no_other() {
    let documented = documented();
    let table: BTreeSet<String> = COMMANDS
        .iter()
        .map(|(command, _)| (*command).to_owned())
        .collect();
    assert_eq!(table.len(), COMMANDS.len(), "a command is there twice");
    let unseen: Vec<_> = documented.difference(&table).collect();
    assert!(unseen.is_empty(), "no check: {unseen:#?}");
    let gone: Vec<_> = table.difference(&documented).collect();
    assert!(gone.is_empty(), "in no guide any more: {gone:#?}");
}

/// What is wrong with words for xtask, if anything. A word in capitals stands for a value.
fn xtask_problem(help: &str, words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str);
    let command = words.next().unwrap();
    let section = help
        .split("\n## ")
        .find(|section| section.lines().next() == Some(command));
    let Some(section) = section else {
        return Some(format!("there is no command {command}"));
    };
    while let Some(option) = words.next() {
        let Some(line) = section
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{option} ")))
        else {
            return Some(format!("{command} takes no {option}"));
        };
        // `--only NAME  only this: one, two; …`
        let takes_value = line
            .trim_start()
            .split(' ')
            .nth(1)
            .is_some_and(|word| !word.is_empty());
        if let Some(value) = takes_value.then(|| words.next().unwrap_or_default()) {
            let named = line
                .split_once(": ")
                .map(|(_, names)| names.split(';').next().unwrap());
            let known = named.is_none_or(|names| names.split(", ").any(|name| name == value));
            if !known {
                return Some(format!("{option} knows no {value}"));
            }
        }
    }
    None
}

#[test]
fn xtask_takes_what_the_guides_say() {
    let help = fs::read_to_string(Path::new(ROOT).join("xtask/tests/golden/help.txt")).unwrap();
    for (command, by) in COMMANDS {
        if matches!(by, Xtask) {
            let words = command
                .trim_start_matches("eval \"$(")
                .trim_end_matches(")\"")
                .replace(
                    "cargo run --manifest-path ../teams-notify/xtask/Cargo.toml --",
                    "cargo xtask",
                );
            let words = shell::words(words.strip_prefix("cargo xtask ").unwrap());
            assert_eq!(xtask_problem(&help, &words), None, "{command}");
        }
    }
    for bad in [
        "tests",
        "test --onyl fmt",
        "test --only clipy",
        "bench --only strat",
        "env --list",
    ] {
        assert!(xtask_problem(&help, &shell::words(bad)).is_some(), "{bad}");
    }
}

#[test]
fn cargo_knows_what_the_guides_name() {
    let workspace: Value = cargo_targets::workspace();
    for (command, by) in COMMANDS {
        let Some((_, words)) = command.split_once("cargo ") else {
            continue;
        };
        if matches!(by, Cargo | Dev) || words.starts_with("run --release -p simulator") {
            assert_eq!(
                cargo_targets::check(&workspace, &shell::words(words)),
                Ok(()),
                "{command}"
            );
        }
    }
}

#[test]
fn scripts_are_accepted_by_node() {
    for (command, by) in COMMANDS {
        if matches!(by, Node) {
            let script = Path::new(ROOT).join(command.strip_prefix("node ").unwrap());
            let output = Command::new(variable("NODE"))
                .arg("--check")
                .arg(&script)
                .output()
                .unwrap();
            assert!(output.status.success(), "{command}: {output:?}");
        }
    }
}

#[test]
fn fuzz_programs_have_their_seeds() {
    let folder = Path::new(ROOT).join("crates/card");
    let manifest = fs::read_to_string(folder.join("fuzz/Cargo.toml")).unwrap();
    for (command, by) in COMMANDS {
        if matches!(by, Fuzz) {
            let words = shell::words(command);
            assert!(
                manifest.contains(&format!("name = \"{}\"", words[4])),
                "{command}"
            );
            assert!(folder.join(&words[6]).is_dir(), "{command}");
        }
    }
}

#[test]
fn what_covers_the_others_is_there() {
    for (command, by) in COMMANDS {
        let Elsewhere(reason) = by else { continue };
        assert!(reason.len() > 10, "{command}");
        for word in reason
            .split([' ', ',', ';', ':'])
            .filter(|word| word.contains('/'))
        {
            assert!(Path::new(ROOT).join(word).exists(), "{command}: {word}");
        }
    }
}

#[test]
fn a_command_is_told_from_other_code() {
    for command in [
        "cargo test",
        "X=1 cargo test",
        "cd a && func azure x",
        "(cd a && npm ci)",
    ] {
        assert!(is_command(command), "{command}");
    }
    for other in [
        "curl",
        "cargo",
        "UPDATE_GOLDEN=1",
        "handler",
        "handlers are",
        "a cargo test",
    ] {
        assert!(!is_command(other), "{other}");
    }
}
