//! The deepest shapes that templates, expressions and data can take, on three quarters of the stack that a server's thread
//! has. An overflow ends the whole process, so a shape that overflows ends this test.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a failing test is its message

use card::{Data, ExpandError, Json, MAX_LEVELS, Template};

/// Threads of tokio, blocking ones too, and test threads have 2 MiB.
const PRODUCTION: usize = 2 << 20;

/// How an expansion ends.
#[derive(Debug)]
enum End {
    /// It is nested too deep to be compiled.
    NoTemplate,
    Card,
    Failed,
    Limit(String),
}

/// Compiles and expands on three quarters of it.
fn expand(template: String, data: String) -> End {
    let work = move || {
        let Ok(template) = Template::parse(&template, "deep") else {
            return End::NoTemplate;
        };
        let data = Json::parse(&data).unwrap();
        match template.expand_to_string(&Data::of(&data)) {
            Ok(_) => End::Card,
            Err(error @ ExpandError::Limit { .. }) => End::Limit(error.to_string()),
            Err(_) => End::Failed,
        }
    };
    std::thread::Builder::new()
        .stack_size(PRODUCTION / 4 * 3)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap()
}

/// `inner` inside so many calls: `before` and `after` stand around each.
fn nested(before: &str, inner: &str, after: &str, times: usize) -> String {
    format!("{}{inner}{}", before.repeat(times), after.repeat(times))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A template of one expression.
fn one(expression: &str) -> String {
    format!("{{\"t\":{}}}", quoted(&format!("${{{expression}}}")))
}

#[test]
fn a_text_that_leads_back_to_itself_is_refused() {
    for text in [
        "${stringOrValue(s)}",
        "x ${stringOrValue(s)}",
        "${if(true, stringOrValue(s), 1)}",
        "${first(select(createArray(1), x, stringOrValue(s)))}",
        "${concat('a', string(createArray({a: stringOrValue(s)})))}",
        "${stringOrValue(concat('$', '{stringOrValue(s)}'))}",
        "${createArray(1, 2)[stringOrValue(s)]}",
        "${where(createArray(1), x, stringOrValue(s) == 1)}",
        "${json(stringOrValue(s)).a.b}",
    ] {
        let data = format!("{{\"s\":{}}}", quoted(text));
        for template in [
            one("stringOrValue(s)"),
            "{\"t\":\"text ${stringOrValue(s)}\"}".to_owned(),
            "{\"$data\":\"${stringOrValue(s)}\",\"t\":1}".to_owned(),
            "{\"$when\":\"${stringOrValue(s)}\",\"t\":1}".to_owned(),
            "[{\"$data\":[1,2],\"a\":{\"$data\":\"${$root}\",\"t\":\"${stringOrValue(s)}\"}}]".to_owned(),
        ] {
            let end = expand(template.clone(), data.clone());
            let End::Limit(said) = end else {
                panic!("{template} with {text}: {end:?}");
            };
            assert!(
                said.contains(&format!("{MAX_LEVELS} levels")) && said.contains("leads back to itself"),
                "{said}"
            );
        }
    }
}

/// What stands at the bottom of the deep shapes: each reads or walks something that is deep itself.
fn bottoms() -> Vec<String> {
    vec![
        "stringOrValue(s)".to_owned(),
        "json(deep)".to_owned(),
        "abs(nothing)".to_owned(),
        "abs($data['nothing'])".to_owned(),
        "'' & (nothing - other)".to_owned(),
        "string(json(deep))".to_owned(),
        "jsonStringify(createArray(json(deep)))".to_owned(),
        "createArray(json(deep)) == createArray(json(deep))".to_owned(),
        "createArray({a: json(deep)}) == createArray({a: json(deep)})".to_owned(),
        "flatten(json(deep))".to_owned(),
        "join(json(deep), ',')".to_owned(),
        "sortBy(createArray(json(deep), json(deep)))".to_owned(),
        "unique(createArray(json(deep), json(deep)))".to_owned(),
        "merge({a: json(deep)}, {b: json(deep)})".to_owned(),
        "setProperty({}, 'a', json(deep))".to_owned(),
        "xml({a: json(deep)})".to_owned(),
        "jPath(json(deep), '..*')".to_owned(),
        format!("jPath(json(deep), '{}')", nested(".a{", ".b", "}", 35)),
        format!("jPath(json(deep), '{}')", nested(".a[(", ".b", ")]", 15)),
        "xPath(tags, '//*[. = //*]')".to_owned(),
        "xPath(tags, 'string(/)')".to_owned(),
        format!("xPath(tags, '{}')", nested("(", "//a", ")", 35)),
        format!("xPath(tags, '{}')", nested("//a[", "1", "]", 35)),
        format!("xPath(tags, '{}')", nested("string(", "//a", ")", 35)),
        format!("isMatch('aaa', '{}')", nested("(", "a*", ")*", 30)),
        format!(
            "replaceIgnoreCase('aaa', '{}', 'b')",
            nested("(?:", "a+", ")+", 30)
        ),
        "contains(createArray(json(deep)), json(deep))".to_owned(),
        "setPathToValue($root.x, json(deep))".to_owned(),
    ]
}

fn data() -> String {
    format!(
        "{{\"s\":{},\"deep\":{},\"tags\":{},\"x\":{{\"y\":[1]}}}}",
        quoted("${stringOrValue(s)}"),
        quoted(&nested("[", "1", "]", 126)),
        quoted(&nested("<a>", "t", "</a>", 126)),
    )
}

#[test]
fn calls_in_calls_end_with_a_limit_and_not_with_the_process() {
    let around = [
        ("string(", ")"),
        ("createArray(", ")"),
        ("not(", ")"),
        ("if(true, ", ", 1)"),
        ("first(select(createArray(1), x, ", "))"),
        ("where(createArray(1), x, ", ")"),
        ("{a:", "}"),
        ("x[", "]"),
        ("x[", "].y"),
        ("coalesce(null, ", ")"),
        ("(1 == ", ")"),
        ("`${", "}`"),
        ("concat(", ", 'b')"),
        ("json(string(", "))"),
    ];
    let mut compiled = 0;
    for (before, after) in around {
        for bottom in bottoms() {
            for times in [120, 60, 30] {
                let end = expand(one(&nested(before, &bottom, after, times)), data());
                compiled += usize::from(!matches!(end, End::NoTemplate));
            }
        }
    }
    // The deepest are refused when they are compiled; of the others enough are left.
    assert!(compiled > 400, "{compiled}");
}

#[test]
fn objects_in_objects_end_with_a_limit_and_not_with_the_process() {
    let around = [
        ("{\"$data\":\"${$root}\",\"a\":", "}"),
        ("{\"$when\":\"${true}\",\"a\":[", "]}"),
        ("{\"$data\":\"${createArray($root)}\",\"a\":", "}"),
    ];
    for (before, after) in around {
        for bottom in bottoms() {
            for times in [60, 30] {
                let inner = one(&nested("createArray(", &bottom, ")", 40));
                let end = expand(nested(before, &inner, after, times), data());
                assert!(!matches!(end, End::NoTemplate), "{before} {bottom} {times}");
            }
        }
    }
}

#[test]
fn a_value_nested_far_deeper_than_calls_may_be_is_written_as_an_error_and_let_go() {
    // Each object of the template puts its data into so many arrays.
    let deeper = format!("${{{}}}", nested("createArray(", "$data", ")", 150));
    let data = format!("{{\"$data\":{},\"a\":", quoted(&deeper));
    for written in [
        "\"${string($data)}\"",
        "\"${$data}\"",
        "\"${$data == $root}\"",
        "1",
    ] {
        let template = nested(&data, written, "}", 60);
        match expand(template, "{\"d\":1}".to_owned()) {
            End::Limit(said) => assert!(said.contains("levels"), "{said}"),
            End::Card => {}
            end => panic!("{written}: {end:?}"),
        }
    }
}
