//! What people read when a template or an expression is wrong: where, what, and how to mend it.
#![allow(clippy::unwrap_used, clippy::panic)] // a failing test is its message

use card::{Data, Expression, Json, Template};

const DATA: &str = r#"{"price": 5, "unit price": 7, "unit-price": 8, "Customer": {"firstName": "Ann", "tags": ["a"]},
    "rows": [{"amount": 1}], "none": null, "secret": "s3cret"}"#;

/// The message for a string of a template.
fn failing(text: &str) -> String {
    let template = serde_json::json!({ "text": text }).to_string();
    let data = Json::parse(DATA).unwrap();
    let message = match Template::parse(&template, "t.json") {
        Ok(template) => template
            .expand_to_string(&Data::of(&data))
            .map(|card| panic!("{card}")),
        Err(error) => return error.to_string(),
    };
    message.unwrap_err().to_string()
}

fn failing_alone(expression: &str) -> String {
    let scope = Json::parse(DATA).unwrap();
    match Expression::parse(expression) {
        Ok(parsed) => parsed.evaluate(&scope).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_missing_field_is_called_missing_and_the_nearest_one_is_named() {
    for (text, message) in [
        (
            "${formatNumber(pirce, 2)}",
            "formatNumber: a number was expected, but `pirce` is missing; did you mean `price`?",
        ),
        (
            "${formatDateTime(dueDate, 'yyyy')}",
            "formatDateTime: `dueDate` is missing",
        ),
        (
            "${sum(Customer.tag)}",
            "sum: an array of numbers was expected, but `Customer.tag` is missing; did you mean `tags`?",
        ),
        (
            "${count(select(rows, r, r.amunt * 2))}",
            "*: a number was expected, but `r.amunt` is missing; did you mean `amount`?",
        ),
        (
            "${select(row, r, r)}",
            "select: an array or an object was expected, but `row` is missing; did you mean `rows`?",
        ),
        (
            "${$rot.price * 2}",
            "*: a number was expected, but `$rot.price` is missing; did you mean `$root`?",
        ),
        (
            "${rows.length * 2}",
            "*: a number was expected, but `rows.length` is missing; write count(rows)",
        ),
        (
            "Hi ${Customer['firstname2']}",
            "`Customer['firstname2']` is missing, which cannot be part of a string; did you mean `firstName`?",
        ),
        (
            "Hi ${none}",
            "`none` is null, which cannot be part of a string; to leave it out, write coalesce(none, '')",
        ),
    ] {
        let found = failing(text);
        assert!(found.ends_with(message), "{text}: {found}");
    }
    assert_eq!(
        failing_alone("length(Customer.firstNam) + pric * 2"),
        "*: a number was expected, but `pric` is missing; did you mean `price`?"
    );
}

#[test]
fn a_value_is_never_shown_and_what_exists_is_not_called_missing() {
    let found = failing("${secret * 2}");
    assert!(
        found.ends_with("*: a number was expected, but `secret` is a string"),
        "{found}"
    );
    let found = failing("${foo.secret + none}");
    assert!(!found.contains("s3cret"), "{found}");
}

#[test]
fn keys_that_need_brackets_are_shown_in_brackets() {
    for (text, message) in [
        (
            "${unit price}",
            "a key with a blank goes in brackets: $data['unit price']",
        ),
        (
            "${formatNumber(unit price excl vat, 2)}",
            "a key with a blank goes in brackets: $data['unit price excl vat']",
        ),
        (
            "${order.unit price}",
            "a key with a blank goes in brackets: …['unit price']",
        ),
        (
            "${unit-price}",
            "`unit` is missing; a key with a dash goes in brackets: $data['unit-price']",
        ),
        (
            "${$root.unit-price}",
            "`$root.unit` is missing; a key with a dash goes in brackets: $root['unit-price']",
        ),
        (
            "${xs:name}",
            "a key with a colon goes in brackets: $data['xs:name']",
        ),
        (
            "${rs:greeting}",
            "string resources (`rs:`) are not resolved here: put the text into the template or the data",
        ),
        ("${price > 1 and price < 3}", "write && for and"),
        ("${not price}", "write ! for not"),
        ("${größe}", "others go in brackets: $data['…']"),
    ] {
        let found = failing(text);
        assert!(found.ends_with(message), "{text}: {found}");
    }
}

#[test]
fn what_other_languages_write_is_translated() {
    for (text, message) in [
        (
            "${Customer.firstName.toUpperCase()}",
            "there is no function `Customer.firstName.toUpperCase`; write toUpper(Customer.firstName)",
        ),
        ("${rows.map(x => x.amount)}", "write select(rows, x, …)"),
        ("${Math.round(price)}", "write round(…)"),
        ("${JSON.stringify(rows)}", "write jsonStringify(…)"),
        (
            "${price.foo()}",
            "values have no methods; functions are called like toUpper(price)",
        ),
        ("${parseInt('5')}", "write int(…)"),
    ] {
        let found = failing(text);
        assert!(found.ends_with(message), "{text}: {found}");
    }
    assert!(failing_alone("{{price}}").ends_with("one pair of braces is enough: ${name}"));
    assert!(failing_alone("${price}").ends_with("leave out `${` and `}`: here the expression stands alone"));
}

#[test]
fn the_place_in_the_file_stands_beside_the_pointer() {
    let text = "{\n  \"type\": \"AdaptiveCard\",\n  \"body\": [\n    {\"text\": \"\\u00e9 ${formatNumber(1)}\"}\n  ]\n}";
    assert_eq!(
        Template::parse(text, "t.json").unwrap_err().to_string(),
        "t.json: at /body/0/text, column 5 (line 4, column 24): `formatNumber` takes 2 to 3 arguments, found 1"
    );
    let text = text.replace("formatNumber(1)", "$root['x']");
    let template = Template::parse(&text, "t.json").unwrap();
    let error = template.expand_to_string(&Data::default()).unwrap_err();
    assert!(
        error
            .in_text(&text)
            .starts_with("t.json: at /body/0/text (line 4, column 14): "),
        "{error}"
    );
    assert!(error.to_string().starts_with("t.json: at /body/0/text: "));
}

#[test]
fn long_paths_pointers_and_patterns_are_cut() {
    let long = "k".repeat(3_000);
    for text in [
        format!("${{{long} * 2}}"),
        format!("${{isMatch(price, '{long}[')}}"),
        format!("${{replaceIgnoreCase('a', '{long}(', 'b')}}"),
        format!("${{jPath(rows, '{long}!')}}"),
        format!("${{xPath('<a/>', '{long}!')}}"),
        format!("${{{long}()}}"),
        format!("${{{long} {long}}}"),
        format!("${{price.{long}()}}"),
    ] {
        let found = failing(&text);
        assert!(found.len() < 800, "{}: {found}", found.len());
    }
    let template = format!(r#"{{"{long}": {{"{long}": "${{1 * 'a'}}"}}}}"#);
    let found = Template::parse(&template, "t.json").unwrap_err().to_string();
    assert!(found.len() < 500, "{found}");
}
