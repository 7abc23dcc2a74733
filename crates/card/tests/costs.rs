//! Every function counts what its arguments are worth: a new one that does not fails here. And what has no end, or only a
//! far one, ends with the limit that it reached.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failing test is its message

use card::{Data, EvalError, ExpandError, Expression, Json, Limits, SystemEnvironment, Template};
use std::fmt::Write as _;

/// Bytes of the large strings.
const BYTES: usize = 256 << 10;
/// Items of the large arrays and objects.
const ITEMS: usize = 20_000;
/// Less than what looking through one of them is worth.
const FEW: u64 = 2_000;

/// The large values, by name.
fn data() -> String {
    let mut numbers = String::new();
    let mut members = String::new();
    let mut texts = String::new();
    for n in 0..ITEMS {
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(numbers, "{comma}{n}");
        let _ = write!(members, "{comma}\"k{n}\":{n}");
        let _ = write!(texts, "{comma}\"some text {n}\"");
    }
    format!(
        r#"{{"text":"{}","digits":"{}","numbers":[{numbers}],"texts":[{texts}],"object":{{{members}}},"small":"a"}}"#,
        "a b ".repeat(BYTES / 4),
        "7".repeat(BYTES),
    )
}

const LARGE: [&str; 5] = ["text", "digits", "numbers", "texts", "object"];

/// What stands beside a large argument.
const BESIDE: [&str; 10] = [
    "'a'",
    "1",
    "small",
    "createArray('b', 'a')",
    "{a: 1}",
    "'2024-02-29T23:59:59.999Z'",
    "'Day'",
    "x",
    "x == 1",
    "'.a'",
];

/// Which large arguments a function may take for nothing, because however large they are it does as much. Every line is a
/// claim that was read in the code.
fn is_free(name: &str, at: usize, large: &str) -> bool {
    let container = matches!(large, "numbers" | "texts" | "object");
    match name {
        // One of the arguments is given back as it is, or its kind is reported.
        "if" | "and" | "or" | "not" | "coalesce" | "ignore" | "optional" | "createArray" | "exists"
        | "empty" => true,
        "isString" | "isInteger" | "isFloat" | "isArray" | "isObject" | "isBoolean" => true,
        // The length is kept with them; the ends are in reach.
        "count" => container,
        "first" | "last" => true,
        // What is taken is counted, not the array that it is taken of.
        "skip" | "subArray" => true,
        "take" => container,
        // Kinds are compared first, and so are lengths.
        "equals" => true,
        // An item of an array is in reach.
        "getProperty" => matches!(large, "numbers" | "texts") || (at == 1 && large == "object"),
        "setProperty" | "addProperty" | "removeProperty" => container,
        "setPathToValue" => true,
        "contains" => at == 1 && container,
        // The bodies are no values; a plain name that happens to be a large one is only a name there.
        "select" | "foreach" | "where" | "any" | "all" => at > 0 || !container,
        // What is neither text nor an array is not looked at.
        "min" | "max" | "sum" | "average" | "sortBy" | "sortByDescending" | "reverse" => {
            large == "object" || (at > 0 && container)
        }
        "jPath" | "xPath" | "xml" | "indicesAndValues" => at > 0 && container,
        _ => false,
    }
}

/// Which end as soon as they have found something, or a later argument is wrong, so that not every call counts.
const SEARCHES: [&str; 6] = ["any", "all", "contains", "getProperty", "jPath", "where"];

fn evaluate(text: &str, data: &Json<'_>, steps: u64) -> Option<Result<card::Value, EvalError>> {
    let mut limits = Limits::default();
    limits.steps = steps;
    let expression = Expression::parse(text).ok()?;
    Some(expression.evaluate_with(Some(data), None, &SystemEnvironment, limits))
}

/// Calls with a large argument at `at` and up to two others.
fn calls(name: &str, at: usize, large: &str) -> Vec<String> {
    let mut lists: Vec<Vec<&str>> = vec![Vec::new()];
    let mut calls = Vec::new();
    for place in 0..3 {
        let mut longer = Vec::new();
        for list in &lists {
            let choices: &[&str] = if place == at { &[large] } else { &BESIDE };
            for choice in choices {
                let mut args = list.clone();
                args.push(*choice);
                longer.push(args);
            }
        }
        lists = longer;
        if place >= at {
            calls.extend(lists.iter().map(|args| format!("{name}({})", args.join(", "))));
        }
    }
    calls
}

#[test]
fn every_function_counts_its_large_arguments() {
    let text = data();
    let data = Json::parse(&text).unwrap();
    let mut wrong = Vec::new();
    for name in card::function_names() {
        for large in LARGE {
            for at in 0..3 {
                if is_free(name, at, large) {
                    continue;
                }
                let mut counted = 0;
                let mut tried = 0;
                for call in calls(name, at, large) {
                    let Some(end) = evaluate(&call, &data, FEW) else {
                        continue;
                    };
                    tried += 1;
                    match end {
                        Err(EvalError::Limit(_)) if at > 0 => {
                            counted += 1;
                            break;
                        }
                        Err(EvalError::Limit(_)) => counted += 1,
                        // It was not reached, as an argument before it was wrong or missing.
                        _ if at > 0 || SEARCHES.contains(&name) => {}
                        end => {
                            let end = end.map(|_| "a value");
                            wrong.push(format!("{call}: {end:?}"));
                            break;
                        }
                    }
                }
                if tried > 0 && counted == 0 && !wrong.iter().any(|w| w.starts_with(&format!("{name}("))) {
                    wrong.push(format!(
                        "{name}, argument {at}, {large}: never counted in {tried} calls"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn operators_and_look_ups_count_too() {
    let text = data();
    let data = Json::parse(&text).unwrap();
    for call in [
        "numbers == json(string(numbers))",
        "text == concat('', text)",
        "text != concat('', text)",
        "object == json(string(object))",
        "text < text",
        "digits >= digits",
        "texts == split(join(texts, ','), ',')",
        "text + small",
        "small & text",
        "`${text}`",
        "object.k19999.x",
        "object['k19999'] + object['k19998'] + object['k19997']",
        "numbers[digits].x",
        "object[text].x",
        "getProperty(object, text)",
        "getProperty(text)",
        "getProperty(join(split(text, ' '), '.'))",
    ] {
        // The last look-ups among many keys are worth an eighth of a step a key.
        let end = evaluate(call, &data, 2_000).expect(call);
        assert!(
            matches!(end, Err(EvalError::Limit(_))),
            "{call}: {:?}",
            end.map(|_| ())
        );
    }
}

/// A template and data that would keep a processor busy for seconds to centuries, or take much memory.
fn without_end() -> Vec<(&'static str, String, String)> {
    let long = "a".repeat(100_000);
    let rows = |n: usize| vec!["{\"n\":1,\"s\":\"x\"}"; n].join(",");
    let keys: Vec<String> = (0..8_000).map(|n| format!("\"some_long_key_{n}\":1")).collect();
    let unicode: Vec<String> = (0..4_000).map(|n| format!("\"é{n}é\":1")).collect();
    let each = |body: &str| format!(r#"{{"t":"${{count(select(range(0, 100000), i, {body}))}}"}}"#);
    let data = format!(
        r#"{{"long":"{long}","digits":"{}","list":[{}],"big":{{{}}},"unicode":{{{}}},"path":"{}","spaces":"{}","s":"${{stringOrValue(s)}}"}}"#,
        "9".repeat(20_000),
        rows(2_000),
        keys.join(","),
        unicode.join(","),
        "a.".repeat(10_000),
        " ".repeat(20_000),
    );
    [
        ("indexOf", each("indexOf(long, 'b')")),
        ("lastIndexOf", each("lastIndexOf(long, 'b')")),
        ("indexOf in a list", each("indexOf(list, 'b')")),
        ("lists are compared", each("list == reverse(list)")),
        ("equal lists", each("list == json(string(list))")),
        ("trim", each("trim(spaces)")),
        ("countWord", each("countWord(long)")),
        ("length", each("length(long)")),
        ("min", each("min(range(0, 1000))")),
        ("flatten", each("flatten(createArray(list, list))")),
        ("flatten, deep", r#"{"t":"${count(flatten(createArray(list, createArray(list, createArray(list, list))), 1000000000))}","u":"${count(flatten(select(range(0, 1000), i, list)))}"}"#.to_owned()),
        ("int", each("int(digits)")),
        ("float", each("float(digits)")),
        ("many keys", each("big.some_long_key_7999")),
        ("many keys with other letters", each("unicode['É3999é']")),
        ("long paths", each("getProperty(path)")),
        ("a path that goes on in text", each("getProperty('long.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0')")),
        ("sort", each("sortBy(list, 's')")),
        ("sort by text", each("sortBy(select(range(0, 100), j, long))")),
        ("unique", each("unique(list)")),
        ("union of one long text", each("union(select(range(0, 100), j, long))")),
        ("intersection", each("intersection(list, list)")),
        ("join", each("join(list, long)")),
        ("split", each("split(long, '')")),
        ("replace", each("replace(long, 'a', long)")),
        ("contains", each("contains(list, list)")),
        ("startsWith", each("startsWith(long, long)")),
        ("substring", each("substring(long, 1, 2)")),
        ("casing", each("titleCase(long)")),
        ("string", each("string(list)")),
        ("json", each("json(string(list))")),
        ("jsonStringify", each("jsonStringify(list)")),
        ("concat", each("concat(list, list, long)")),
        ("merge", each("merge(big, unicode)")),
        ("addProperty", each("addProperty(json('{}'), long, 1)")),
        ("setProperty", each("setProperty(big, 'x', 1)")),
        ("removeProperty", each("removeProperty(big, 'x')")),
        ("where over an object", each("where(big, m, m.value == 1)")),
        ("base64", each("base64(long)")),
        ("base64ToString", each("base64ToString(long)")),
        ("dataUri", each("dataUri(long)")),
        ("uriComponent", each("uriComponent(spaces)")),
        ("uriHost", each("uriHost(concat('http://a/', long))")),
        ("a date's format", each("formatDateTime('2024-01-01', long)")),
        ("a format of brackets", each("utcNow(replace(spaces, ' ', '['))")),
        ("xml", each("xml(list)")),
        ("xPath", each("xPath(concat('<a>', long, '</a>'), '//a')")),
        ("xPath, all with all", r#"{"t":"${xPath(concat('<a>', join(select(range(0, 3000), i, '<b>x</b>'), ''), '</a>'), '//b[. = //b][. = //b/preceding::b]')}"}"#.to_owned()),
        ("jPath", each("jPath(list, '.n')")),
        ("jPath, all with all", r#"{"t":"${jPath(list, '.{.n === ^.s}')}"}"#.to_owned()),
        ("isMatch", each("isMatch(long, '(a*)*b')")),
        ("isMatch with many states", r#"{"t":"${isMatch(long, '((a{0,60}){0,60})b')}","u":"${isMatch(long, '[ab]*a[ab]{60}')}"}"#.to_owned()),
        ("many patterns", each("isMatch('a', concat('[^a]{90}', string(i)))")),
        ("replaceIgnoreCase, quadratic", r#"{"t":"${length(replaceIgnoreCase(replace(long, 'a', 'A'), '.*[^a-z]|[a-z]', ''))}"}"#.to_owned()),
        ("replaceIgnoreCase, growing", r#"{"t":"${length(replaceIgnoreCase(long, 'a', '$`$&'))}"}"#.to_owned()),
        ("stringOrValue", each("stringOrValue('${long}')")),
        ("stringOrValue, long", each("stringOrValue(concat('${', substring(long, 0, 60000), '}'))")),
        ("a function that is none", r#"{"$data":"${range(0, 100000)}","t":"x ${lenght($data)}"}"#.to_owned()),
        ("failures that are ignored", each("exists(int(long))")),
        ("loops in loops", each("sum(select(range(0, 100000), j, i + j))")),
        ("objects in objects", r#"{"$data":"${range(0, 10000)}","a":{"$data":"${$root.list}","$when":"${false}"}}"#.to_owned()),
        ("literal conditions", r#"{"$data":"${range(0, 10000)}","a":[{"$data":"${$root.list}","$when":true,"b":1}]}"#.to_owned()),
        ("doubling", format!("[{}\"${{$root.x}}\"]", "\"${setPathToValue($root.x, createArray($root.x, $root.x))}\",".repeat(60))),
        ("doubling text", format!("{{\"$data\":\"${{long}}\",{}}}", nested(30))),
        ("a range", r#"{"t":"${range(0, 1000000000000)}"}"#.to_owned()),
        ("a text that grows", r#"{"t":"${join(range(0, 100000), long)}"}"#.to_owned()),
        ("the card grows", r#"[{"$data":"${range(0, 1000)}","t":"${$root.long}"}]"#.to_owned()),
        ("itself", r#"{"t":"${stringOrValue(s)}"}"#.to_owned()),
    ]
    .into_iter()
    .map(|(name, template)| (name, template, data.clone()))
    .collect()
}

/// Objects in objects, each with its data twice as long.
fn nested(times: usize) -> String {
    let open = "\"a\":{\"$data\":\"${concat($data, $data)}\",".repeat(times);
    format!("{open}\"t\":\"x\"{}", "}".repeat(times))
}

#[test]
fn what_has_no_end_in_reach_ends_with_a_limit() {
    for (name, template, data) in without_end() {
        let data = Json::parse(&data).unwrap();
        let template =
            Template::parse(&template, "hostile").unwrap_or_else(|error| panic!("{name}: {error}"));
        let start = std::time::Instant::now();
        let end = template.expand_to_string(&Data::of(&data));
        // What is not counted takes minutes; a step that takes too long shows too.
        let took = start.elapsed();
        assert!(took < std::time::Duration::from_secs(30), "{name} takes {took:?}");
        let Err(error @ ExpandError::Limit { .. }) = end else {
            panic!("{name}: {:?}", end.map(|card| card.len()));
        };
        let said = error.to_string();
        let which = ["steps", "bytes", "levels", "longer than a card", "changed values"];
        assert!(which.iter().any(|limit| said.contains(limit)), "{name}: {said}");
    }
}

#[test]
fn templates_that_take_long_to_compile_are_compiled_or_refused_soon() {
    let folded = "\"${join(range(0, 400), '')}\",".repeat(20_000);
    let patterns = format!("\"${{isMatch(a, '{}')}}\",", r"\\S".repeat(900)).repeat(300);
    let quotes = format!("\"{}\",", "${\\\\'".repeat(12_000)).repeat(4);
    let key = "k".repeat(100_000);
    let pointers = format!("{{\"{key}\":[{}1]}}", "\"${a}\",".repeat(20_000));
    for (name, template) in [
        ("constants", format!("[{folded}1]")),
        ("patterns", format!("[{patterns}1]")),
        ("quotes", format!("[{quotes}1]")),
        ("pointers", pointers),
    ] {
        let start = std::time::Instant::now();
        let _ = Template::parse(&template, "hostile");
        let took = start.elapsed();
        assert!(took < std::time::Duration::from_secs(60), "{name} takes {took:?}");
    }
}
