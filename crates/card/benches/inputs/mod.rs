//! What the benchmarks fill: our own cases, or those of the file that `CARD_BENCH_CASES` names.
#![allow(clippy::expect_used)] // a bad case file ends the run

/// One template and its data, both as JSON text.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) template: String,
    pub(crate) data: String,
}

fn own() -> Vec<Case> {
    let items: Vec<String> = (0..50)
        .map(|n| {
            format!(
                r#"{{"name":"Part {n}","left":{}}}"#,
                if n % 2 == 0 { 0 } else { n }
            )
        })
        .collect();
    let case = |name: &str, template: &str, data: String| Case {
        name: name.to_owned(),
        template: template.to_owned(),
        data,
    };
    vec![
        case(
            "four-fields",
            r#"{"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"${headline}","size":"Large","wrap":true},{"type":"Image","url":"${picture}","altText":"picture","size":"Stretch"},{"type":"TextBlock","text":"${body}","wrap":true}],"actions":[{"type":"Action.OpenUrl","title":"Open","url":"${link}"}]}"#,
            r#"{"headline":"Nightly build finished","body":"All 312 checks passed on **main**.","picture":"https://img.example.org/build.png","link":"https://ci.example.org/run/99"}"#.to_owned(),
        ),
        case(
            "list-of-fifty",
            r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"${title}"},{"type":"ColumnSet","$data":"${parts}","$when":"${left > 0}","columns":[{"type":"Column","width":"stretch","items":[{"type":"TextBlock","text":"${$index + 1}. ${name}","wrap":true}]},{"type":"Column","width":"auto","items":[{"type":"TextBlock","text":"${left} left"}]}]}]}"#,
            format!(r#"{{"title":"Parts","parts":[{}]}}"#, items.join(",")),
        ),
        case(
            "ten-functions",
            r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"${if(level == 'red', 'NOW', 'Soon')}: ${toUpper(team)}"},{"type":"TextBlock","text":"${formatDateTime(at, 'yyyy-MM-dd HH:mm')}"},{"type":"TextBlock","text":"Sum ${formatNumber(sum(costs), 2)}"},{"type":"TextBlock","text":"${join(select(people, p, p.name), ', ')}"},{"type":"TextBlock","text":"${count(where(people, p, p.here))} here"},{"type":"TextBlock","text":"${concat(substring(team, 0, 3), '-', string(number))}"},{"type":"TextBlock","text":"${replace(trail, '/', ' > ')}"},{"type":"TextBlock","text":"${coalesce(remark, 'none')}","$when":"${length(team) > 3 && contains(labels, 'prod')}"},{"type":"TextBlock","text":"${round(max(costs) / 3.0, 1)}"}]}"#,
            r#"{"level":"red","team":"billing","at":"2024-03-05T06:07:08Z","costs":[12.5,1000.25,7],"people":[{"name":"Ann","here":true},{"name":"Bo","here":false}],"number":42,"trail":"a/b/c","remark":null,"labels":["eu","prod"]}"#.to_owned(),
        ),
    ]
}

/// The cases to measure.
pub(crate) fn cases() -> Vec<Case> {
    let Some(path) = std::env::var_os("CARD_BENCH_CASES") else {
        return own();
    };
    let text = std::fs::read_to_string(path).expect("CARD_BENCH_CASES names a readable file");
    let cases: serde_json::Value = serde_json::from_str(&text).expect("CARD_BENCH_CASES is JSON");
    let cases = cases.as_array().expect("CARD_BENCH_CASES is a list");
    cases
        .iter()
        .map(|case| Case {
            name: case["name"].as_str().unwrap_or("case").to_owned(),
            template: case["template"].to_string(),
            data: case["data"].to_string(),
        })
        .collect()
}
