//! What a body of a quarter of a megabyte can make the engine allocate at most, measured in a process for each.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // a failing test is its message

use card::{Data, Json, Template};

/// Names the case that a process of its own measures.
const CASE: &str = "CARD_MEMORY_CASE";

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes << 10
}

/// Templates and data of 200 to 250 kB together.
fn bodies() -> Vec<(&'static str, String, String)> {
    let long = "a".repeat(220_000);
    let text = format!("{{\"s\":\"{long}\"}}");
    let zeros = format!("{{\"l\":[{}0]}}", "0,".repeat(110_000));
    let json = format!("{{\"j\":\"[{}0]\"}}", "0,".repeat(110_000));
    let xml = format!("{{\"x\":\"<a>{}</a>\"}}", "<b/>".repeat(55_000));
    let one = |expression: &str| format!("{{\"t\":\"${{{expression}}}\"}}");
    vec![
        ("a range", one("count(range(0, 100000000))"), "{}".to_owned()),
        (
            "lists of one list",
            one("count(select(range(0, 100000), i, concat(l, l)))"),
            zeros.clone(),
        ),
        (
            "a copy in each turn",
            one("count(select(range(0, 100000), i, split(s, 'b')))"),
            text.clone(),
        ),
        ("letters", one("count(split(s, ''))"), text.clone()),
        ("pairs", one("count(indicesAndValues(l))"), zeros.clone()),
        (
            "flat",
            one("count(flatten(select(range(0, 100), i, l)))"),
            zeros.clone(),
        ),
        ("sorted", one("count(sortBy(l))"), zeros.clone()),
        (
            "a set",
            one("count(union(l, select(l, x, x + 1)))"),
            zeros.clone(),
        ),
        (
            "json",
            one("count(select(range(0, 100), i, json(j)))"),
            json.clone(),
        ),
        ("xPath", one("count(xPath(x, '//*'))"), xml.clone()),
        ("xPath, texts", one("xPath(x, '//*[. = //*]')"), xml),
        ("jPath", one("count(jPath(json(j), '..*'))"), json),
        (
            "a text that is replaced",
            one("length(replace(s, 'a', s))"),
            text.clone(),
        ),
        (
            "a text that is joined",
            one("length(join(select(range(0, 100000), i, s), s))"),
            text.clone(),
        ),
        (
            "doubling",
            format!(
                "{{{}\"t\":\"${{length($data)}}\"{}",
                "\"$data\":\"${concat($data, $data)}\",\"a\":{".repeat(30),
                "}".repeat(31)
            )
            .replace("\"$data\":\"${concat($data", "\"$data\":\"${concat(string($data)"),
            text.clone(),
        ),
        (
            "the card",
            "[{\"$data\":\"${range(0, 1000)}\",\"t\":\"${$root.s}\"}]".to_owned(),
            text.clone(),
        ),
        (
            "one text, many times",
            one(&format!("createArray({}s)", "s,".repeat(14_000))),
            text.clone(),
        ),
        (
            "evaluated",
            one("select(range(0, 1000), i, stringOrValue(concat('${[', join(range(0, 9000), ','), ']}')))"),
            "{}".to_owned(),
        ),
        (
            "changed",
            format!("[\"${{setProperty($root, 'a', 1)}}\",\"{}\"]", "x".repeat(100)),
            zeros,
        ),
        (
            "pointers",
            format!(
                "{{\"{}\":[{}1]}}",
                "k".repeat(100_000),
                "\"${a}\",".repeat(18_000)
            ),
            "{}".to_owned(),
        ),
        (
            "parts",
            format!("[{}1]", "\"${a}\",".repeat(31_000)),
            "{}".to_owned(),
        ),
        (
            "a text of parts",
            format!("[{}1]", format!("\"{}\",", "${a}".repeat(15_000)).repeat(3)),
            "{}".to_owned(),
        ),
        (
            "patterns",
            one("select(range(0, 10000), i, isMatch(s, concat('[^b]{90}', string(i))))"),
            text,
        ),
    ]
}

/// Runs one case in this process, if it was started for that.
#[test]
fn one_case() {
    let Ok(case) = std::env::var(CASE) else { return };
    let (name, template, data) = bodies().swap_remove(case.parse().unwrap());
    let data = Json::parse(&data).unwrap();
    let template = Template::parse(&template, "large").unwrap_or_else(|error| panic!("{name}: {error}"));
    let _ = template.expand_to_string(&Data::of(&data));
    println!("PEAK={}", peak());
}

#[test]
fn a_body_of_a_quarter_megabyte_takes_a_few_tens_of_megabytes() {
    const MOST: usize = 48 << 20;
    for (at, (name, template, data)) in bodies().into_iter().enumerate() {
        assert!(template.len() + data.len() <= 250_000, "{name}");
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "one_case", "--nocapture"])
            .env(CASE, at.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{name}: {said}");
        let peak = said.lines().find_map(|line| line.split_once("PEAK=")).unwrap().1;
        let peak: usize = peak.trim().parse().unwrap();
        assert!(peak <= MOST, "{name} takes {} MB", peak >> 20);
    }
}
