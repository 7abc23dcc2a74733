//! What is left out of a card, and the commas around it.

use super::Template;
use crate::{Data, Json};

const DATA: &str = r#"{"n": 5, "none": null, "no": false, "o": {"a": 1}, "empty": [], "one": [{"v": 1}],
    "rows": [{"v": 1, "on": true}, {"v": 2, "on": false}, {"v": 3, "on": true}]}"#;

fn expand(template: &str) -> String {
    let data = Json::parse(DATA).unwrap();
    let template = Template::parse(template, "test").unwrap();
    template.expand_to_string(&Data::of(&data)).unwrap()
}

#[test]
fn members_without_a_value_leave_no_comma() {
    for (template, card) in [
        (r#"{"a":"${o['x']}","b":1}"#, r#"{"b":1}"#),
        (r#"{"a":"${o['x']}","b":"${o['x']}"}"#, "{}"),
        (
            r#"{"a":"${o['x']}","b":"${n}","c":"${o['x']}","d":"t ${n}"}"#,
            r#"{"b":5,"d":"t 5"}"#,
        ),
        (r#"{"a":1,"b":"${o['x']}","c":2}"#, r#"{"a":1,"c":2}"#),
        (
            r#"{"a":"${o['x']}","b":{"$when":"${no}"},"c":[{"$when":"${no}"}]}"#,
            r#"{"b":null,"c":[]}"#,
        ),
        (
            r#"{"$root":"${n}","a":{"$when":"${n > 3}","b":"${n}"}}"#,
            r#"{"a":{"b":5}}"#,
        ),
    ] {
        assert_eq!(expand(template), card, "{template}");
    }
}

#[test]
fn items_without_a_value_leave_no_comma() {
    for (template, card) in [
        (r#"["${none}","${empty}",1,"${none}",2]"#, "[1,2]"),
        (r#"["${o['x']}",null,1,"${o['x']}"]"#, "[null,1,null]"),
        (r#"[[["${empty}"],"a"],[[]],[null,["${none}"]]]"#, r#"["a"]"#),
        (r#"[{"$when":"${no}"},{"a":1},{"$when":"${no}"}]"#, r#"[{"a":1}]"#),
        (
            r#"["${rows}",{"$data":"${empty}"},[{"$data":"${one}","v":"${v}"}]]"#,
            r#"[{"v":1,"on":true},{"v":2,"on":false},{"v":3,"on":true},{"v":1}]"#,
        ),
        (
            r#"[{"$data":"${rows}","$when":"${on}","v":"${v}"},"end"]"#,
            r#"[{"v":1},{"v":3},"end"]"#,
        ),
    ] {
        assert_eq!(expand(template), card, "{template}");
    }
}

#[test]
fn a_repeated_object_is_null_itself_or_a_list() {
    for (template, card) in [
        (
            r#"{"a":{"$data":"${rows}","$when":"${on}","v":"${v}"}}"#,
            r#"{"a":[{"v":1},{"v":3}]}"#,
        ),
        (
            r#"{"a":{"$data":"${one}","v":"${v}"},"b":"${n}"}"#,
            r#"{"a":{"v":1},"b":5}"#,
        ),
        (
            r#"{"a":{"$data":"${empty}","v":"${v}"},"b":"${n}"}"#,
            r#"{"a":null,"b":5}"#,
        ),
        (
            r#"{"$data":"${rows}","i":"${$index}","in":{"$data":"${$root.one}","i":"${$index}"}}"#,
            r#"[{"i":0,"in":{"i":0}},{"i":1,"in":{"i":0}},{"i":2,"in":{"i":0}}]"#,
        ),
        (r#"{"$data":"${rows}","$when":"${no}"}"#, "null"),
    ] {
        assert_eq!(expand(template), card, "{template}");
    }
}

#[test]
fn static_text_is_escaped_once_and_pieces_join() {
    assert_eq!(
        expand(r#"{"a\"b":"q\"\\\n ${n} \"${n}\"","c":["x","\\${n}","${'lit\"'}"]}"#),
        r#"{"a\"b":"q\"\\\n 5 \"5\"","c":["x","${n}","lit\""]}"#
    );
}

#[test]
fn a_failing_part_of_a_text_is_named() {
    let data = Json::parse(DATA).unwrap();
    let template = Template::parse(r#"{"b":[{"text":"Hi ${none}!"}]}"#, "t.json").unwrap();
    let error = template.expand_to_string(&Data::of(&data)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.json: at /b/0/text: `${none}`: `none` is null, which cannot be part of a string; \
         to leave it out, write coalesce(none, '')"
    );
}

fn error(template: &str) -> String {
    let data = Json::parse(DATA).unwrap();
    match Template::parse(template, "t.json") {
        Ok(template) => template
            .expand_to_string(&Data::of(&data))
            .unwrap_err()
            .to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_index_that_fails_in_a_text_fails_the_card() {
    let message = error(r#"{"a":"Before: ${rows[$index - 1]}"}"#);
    assert!(
        message.starts_with("t.json: at /a: `${rows[($index - 1)]}`: "),
        "{message}"
    );
    // Anything around the access catches it, as does an index that is only out of range.
    assert_eq!(
        expand(r#"["${toUpper(rows[$index - 1])} x","x ${rows[9]}"]"#),
        r#"["${toUpper(rows[($index - 1)])} x","x ${rows[9]}"]"#
    );
}

#[test]
fn a_backslash_at_the_end_has_a_way_out() {
    let message = error(r#"{"a":"C:\\${n}\\"}"#);
    assert!(
        message.starts_with("t.json: at /a, column 8 (line 1, column 15): "),
        "{message}"
    );
    assert_eq!(expand(r#"{"a":"C:/${n}${'\\\\'}"}"#), r#"{"a":"C:/5\\"}"#);
}
