//! Hostile input ends with an error, never with a panic, a hang or an overflowing stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // a failing test is its message

use card::{Data, EvalError, ExpandError, Expression, Json, Limits, SystemEnvironment, Template};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest::{collection::vec, prelude::*};
use std::time::{Duration, Instant};

/// Runs in a thread whose stack is as small as a server's worker may have it.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn deep_nesting_is_refused() {
    on_small_stack(|| {
        for text in [
            "(".repeat(50_000),
            "[".repeat(50_000),
            "!".repeat(50_000) + "a",
            "-".repeat(50_000) + "a",
            "a[".repeat(50_000),
            "not(".repeat(10_000),
            "a.".repeat(30_000) + "b",
            "a+".repeat(30_000) + "b",
            "a?".repeat(30_000),
            format!("{}1{}", "{a:".repeat(10_000), "}".repeat(10_000)),
        ] {
            let error = Expression::parse(&text).unwrap_err();
            assert!(error.column(&text) >= 1 && !error.message.is_empty());
        }
        let deep = format!("{}1{}", "[".repeat(150), "]".repeat(150));
        let deepest = Expression::parse(&deep).unwrap().evaluate(&Json::Null);
        assert!(matches!(deepest, Err(EvalError::Limit(_))), "{deepest:?}");
        let json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Json::parse(&json).is_err());
        assert!(Template::parse(&json, "deep").is_err());
    });
}

#[test]
fn the_deepest_that_is_allowed_works_on_a_small_stack() {
    on_small_stack(|| {
        let nested = format!("{}a{}", "(".repeat(90), ")".repeat(90));
        assert!(Expression::parse(&nested).unwrap().evaluate(&Json::Null).is_ok());
        let calls = format!("{}a{}", "not(".repeat(90), ")".repeat(90));
        assert!(Expression::parse(&calls).unwrap().evaluate(&Json::Null).is_ok());
        let sum = vec!["1"; 190].join(" + ");
        assert!(Expression::parse(&sum).unwrap().evaluate(&Json::Null).is_ok());
        let text = format!("{}\"${{a}}\"{}", "[".repeat(120), "]".repeat(120));
        let template = Template::parse(&text, "deep").unwrap();
        assert!(template.expand_to_string(&Data::of(&Json::Null)).is_ok());
    });
}

#[test]
fn work_without_end_is_cut_off() {
    on_small_stack(|| {
        let limits = Limits::default();
        for text in [
            "range(0, 1000000000000)",
            "select(range(0, 5000), a, select(range(0, 5000), b, a + b))",
            "count(split(join(range(0, 900000), 'aaaaaaaaaaaaaaaaaaaaaaaa'), 'a'))",
            "replaceIgnoreCase(join(range(0, 200000), 'a'), '(a|1)*x', 'y')",
            "isMatch(join(range(0, 100000), 'a'), '((((a*)*)*)*)*b')",
            "sortBy(flatten(select(range(0, 3000), a, range(0, 3000))))",
            "xPath(concat('<a>', join(select(range(0, 3000), i, '<b/>'), ''), '</a>'), '//*//*//*//*')",
        ] {
            let start = Instant::now();
            let expression = Expression::parse(text).unwrap();
            let _ = expression.evaluate_with(None, None, &SystemEnvironment, limits);
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{text} takes {:?}",
                start.elapsed()
            );
        }
    });
}

/// Messages of failures that are caught cost no more than what fails.
#[test]
fn caught_failures_of_missing_fields_end_soon() {
    let names: Vec<String> = (0..200).map(|n| format!("\"field{n}\": {n}")).collect();
    let row = format!("{{{}}}", names.join(","));
    let data = format!("{{\"rows\": [{}]}}", vec![row; 200].join(","));
    let data = Json::parse(&data).unwrap();
    let start = Instant::now();
    for text in [
        "${count(where(rows, r, where(rows, s, abs(s.feld1) > 1)))}",
        "${count(where(rows, r, any(rows, s, !(s.feld1 - s.other))))}",
        "${count(where(rows, r, all(rows, s, formatDateTime(s['fieldx']) || r.feld99 > 1)))}",
    ] {
        let template = Template::parse(&serde_json::json!(text).to_string(), "caught").unwrap();
        let end = template.expand_to_string(&Data::of(&data));
        assert!(!matches!(end, Err(ExpandError::Failed { .. })), "{end:?}");
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_value_cannot_hold_itself() {
    let template = Template::parse(
        r#"{"a":"${setProperty($root, 'me', $root)}","b":"${$root}"}"#,
        "cycle",
    )
    .unwrap();
    let data = Json::parse("{\"n\":1}").unwrap();
    let error = template.expand_to_string(&Data::of(&data)).unwrap_err();
    assert!(matches!(error, ExpandError::Failed { .. }), "{error}");
}

#[test]
fn shared_parts_do_not_grow_without_end() {
    let doubling = "\"${setPathToValue($root.x, createArray($root.x, $root.x))}\",".repeat(60);
    let template = Template::parse(&format!("[{doubling}\"${{$root.x}}\"]"), "doubling").unwrap();
    let data = Json::parse("{\"x\":[1]}").unwrap();
    let error = template.expand_to_string(&Data::of(&data)).unwrap_err();
    assert!(matches!(error, ExpandError::Limit { .. }), "{error}");
}

/// A runner with a new seed each time, printed so that a failure can be run again (`CARD_SEED`).
fn runner(cases: u32) -> TestRunner {
    let seed = match std::env::var("CARD_SEED") {
        Ok(hex) => hex.into_bytes(),
        Err(_) => format!("{:016x}", std::process::id() as u128 * 0x9e37_79b9_7f4a_7c15).into_bytes(),
    };
    let mut bytes = [0u8; 32];
    for (to, from) in bytes.iter_mut().zip(seed.iter().cycle()) {
        *to = *from;
    }
    println!("CARD_SEED={}", String::from_utf8_lossy(&seed));
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Pieces from which near-expressions are made.
fn pieces() -> impl Strategy<Value = String> {
    let names: Vec<String> = card::function_names().into_iter().map(str::to_owned).collect();
    let marks = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        "'",
        "\"",
        "`",
        "\\",
        "${",
        "}",
        "=>",
        "?",
        ":",
        "??",
        "+",
        "-",
        "%",
        "^",
        "==",
        "<",
        "&&",
        "&",
        "!",
        " ",
        "\n",
        "a",
        "items",
        "stringOrValue(s)",
        "$data",
        "$index",
        "1",
        "0",
        "2.5",
        "'x'",
        "null",
        "é",
        "😀",
        "x => x",
        "'yyyy'",
        "'2024-01-01T00:00:00.000Z'",
        "'(a|b)*'",
        "'$1'",
        "'<a><b/></a>'",
        "'//b'",
        "'.a{.b > 1}'",
    ];
    let all: Vec<String> = names.into_iter().chain(marks.map(str::to_owned)).collect();
    vec(proptest::sample::select(all), 1..24).prop_map(|parts| parts.concat())
}

const DATA: &str =
    r#"{"a":{"b":[1,2,{"c":"x"}]},"items":[{"n":1},{"n":null},3,"😀"],"x":"","s":"${stringOrValue(s)}"}"#;

#[test]
fn random_expressions_never_panic() {
    let data = Json::parse(DATA).unwrap();
    let strategy = prop_oneof![pieces(), ".{0,40}"];
    runner(4_000)
        .run(&strategy, |text| {
            if let Ok(expression) = Expression::parse(&text) {
                let _ = expression.to_string();
                let _ = expression.evaluate(&data);
            }
            let quoted = serde_json::json!({ "t": text.clone() }).to_string();
            if let Ok(template) = Template::parse(&quoted, "random") {
                let _ = template.expand_to_string(&Data::of(&data));
            }
            let braced =
                serde_json::json!([{ "$data": "${items}", "t": format!("${{{text}}}") }]).to_string();
            if let Ok(template) = Template::parse(&braced, "random")
                && let Ok(card) = template.expand_to_string(&Data::of(&data))
            {
                prop_assert!(Json::parse(&card).is_ok(), "{card}");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn random_calls_never_panic() {
    let data = Json::parse(DATA).unwrap();
    let argument = proptest::sample::select(vec![
        "a",
        "items",
        "x",
        "missing",
        "null",
        "''",
        "'abc'",
        "'😀é'",
        "0",
        "1",
        "-1",
        "2.5",
        "1 / 3",
        "[]",
        "[1,'b',null]",
        "{a:1}",
        "'2024-02-29T23:59:59.999Z'",
        "'2024-01-01'",
        "'Day'",
        "'Europe/Paris'",
        "'[a-z]+'",
        "'XXXX-07-04'",
        "binary('é')",
        "ticks('2024-02-29T23:59:59.999Z')",
        "123456789012345678901234567890",
        "max([])",
        "'<a b=\"1\">x</a>'",
        "'/a/@b'",
        "'.b'",
        "json('{\"k\":[1]}')",
        "true",
        "'de-DE'",
        "range(0, 3)",
        "s",
        "stringOrValue(s)",
        "x => x",
    ]);
    let names = proptest::sample::select(card::function_names());
    runner(6_000)
        .run(&(names, vec(argument, 0..4)), |(name, args)| {
            if let Ok(expression) = Expression::parse(&format!("{name}({})", args.join(", "))) {
                let _ = expression.evaluate(&data);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn random_lines_always_get_an_answer() {
    runner(2_000)
        .run(&vec(any::<u8>(), 0..60), |bytes| {
            let line = String::from_utf8_lossy(&bytes);
            for answer in [card::jsonl::eval_line(&line), card::jsonl::expand_line(&line)] {
                prop_assert!(
                    serde_json::from_str::<serde_json::Value>(&answer)
                        .unwrap()
                        .get("error")
                        .is_some()
                );
            }
            Ok(())
        })
        .unwrap();
}
