//! What a caller sees who asks for something odd.

use super::*;
use notify::{
    request::{OnUncertain, Priority, SelectAll},
    target::Scope,
};

struct Folder {
    _keep: tempfile::TempDir,
    cards: Cards,
}

fn folder() -> Folder {
    let keep = tempfile::tempdir().unwrap();
    std::fs::write(keep.path().join("default.json"), r#"{"type":"AdaptiveCard"}"#).unwrap();
    std::fs::write(keep.path().join("broken.json"), "{\n\"type\" 1}").unwrap();
    Folder {
        cards: Cards::new(keep.path()),
        _keep: keep,
    }
}

fn parsed(body: &str) -> Request {
    parse_notification(body.as_bytes(), &folder().cards).unwrap()
}

fn refused(body: &str) -> (String, String) {
    let problem = parse_notification(body.as_bytes(), &folder().cards).unwrap_err();
    (
        problem.pointer().unwrap_or("-").to_owned(),
        problem.detail().to_owned(),
    )
}

#[test]
fn nothing_is_the_default_card_to_nobody_in_particular() {
    for body in ["", "  \n", "{}", "\u{feff}{}"] {
        let request = parsed(body);
        assert!(matches!(&request.message.form, Form::Card { name: Some(name), .. } if name == "default"));
        assert_eq!(request.audience, None);
        assert_eq!(request.fingerprint, parsed("{}").fingerprint);
    }
}

#[test]
fn everything_said_is_understood() {
    let request = parsed(
        r#"{"card":{"type":"AdaptiveCard"},"data":{"a":1},"summary":"s","alert":true,
            "audience":{"all":true,"users":["u"],"conversations":["a:1"],"teams":["19:t"],"scopes":["personal","groupChat","team"],"tenants":["t"]},
            "priority":"urgent","onUncertain":"report","expiresAt":"2026-11-25T10:00:00+01:00"}"#,
    );
    assert_eq!(request.message.alert, Alert::Toast);
    assert_eq!(request.message.summary.as_deref(), Some("s"));
    let audience = request.audience.unwrap();
    assert_eq!((audience.all, audience.named()), (SelectAll::Requested, 3));
    assert_eq!(audience.scopes, [Scope::Personal, Scope::GroupChat, Scope::Team]);
    assert_eq!(
        (request.priority, request.on_uncertain),
        (Priority::Urgent, OnUncertain::Report)
    );
    assert_eq!(request.expires_at.unwrap().to_string(), "2026-11-25T09:00:00Z");
}

#[test]
fn every_mistake_is_pointed_at() {
    let cases = [
        (
            r#"{"audiance":{"users":["u"]}}"#,
            "/audiance",
            "did you mean \"audience\"?",
        ),
        (r#"{"AUDIENCE":{}}"#, "/AUDIENCE", "did you mean \"audience\"?"),
        (r#"{"carrier":"c"}"#, "/carrier", "known are card, text"),
        (r#"{"mood":"c"}"#, "/mood", "known are card, text"),
        (
            r#"{"audience":{"user":["u"]}}"#,
            "/audience/user",
            "did you mean \"users\"?",
        ),
        (
            r#"{"audience":{"scopes":["personal","planet"]}}"#,
            "/audience/scopes/1",
            "expected \"personal\", \"groupChat\" or \"team\", found \"planet\"",
        ),
        (
            r#"{"audience":{"users":["u",7]}}"#,
            "/audience/users/1",
            "expected a string, found a number",
        ),
        (
            r#"{"audience":{"users":"u"}}"#,
            "/audience/users",
            "expected an array of strings, found a string",
        ),
        (
            r#"{"audience":[]}"#,
            "/audience",
            "expected an object, found an array",
        ),
        (
            r#"{"audience":{"channels":["c"]}}"#,
            "/audience/channels",
            "can't be addressed yet",
        ),
        (
            r#"{"audience":{"membersOf":["c"]}}"#,
            "/audience/membersOf",
            "can't be addressed yet",
        ),
        (r#"{"card":"nope"}"#, "/card", "there are: broken, default"),
        (r#"{"card":7}"#, "/card", "found a number"),
        (r#"{"card":"default","text":"x"}"#, "/text", "either"),
        (r#"{"text":"  "}"#, "/text", "empty"),
        (r#"{"text":"x","data":{}}"#, "/data", "sent as it is"),
        (
            r#"{"data":"x"}"#,
            "/data",
            "expected an object or an array, found a string",
        ),
        (r#"{"alert":"yes"}"#, "/alert", "expected true or false"),
        (
            r#"{"priority":"high"}"#,
            "/priority",
            "expected \"urgent\", \"normal\" or \"low\", found \"high\"",
        ),
        (
            r#"{"onUncertain":"ask"}"#,
            "/onUncertain",
            "\"resend\" or \"report\"",
        ),
        (
            r#"{"priority":"Urgnet"}"#,
            "/priority",
            "did you mean \"urgent\"?",
        ),
        (
            r#"{"audience":{"scopes":["groupchat"]}}"#,
            "/audience/scopes/0",
            "did you mean \"groupChat\"?",
        ),
        (r#"{"priority":7}"#, "/priority", "found a number"),
        (
            r#"{"audience":{"audience":{}}}"#,
            "/audience/audience",
            "known are all, users",
        ),
        (
            r#"{"audience":{"scopes":[null]}}"#,
            "/audience/scopes/0",
            "found null",
        ),
        (
            r#"{"summary":["x"]}"#,
            "/summary",
            "expected a string, found an array",
        ),
        (r#"{"data":7.5}"#, "/data", "found a number"),
        (r#"{"expiresAt":"tomorrow"}"#, "/expiresAt", "RFC 3339"),
        (r#"{"a/b~c":1}"#, "/a~1b~0c", "known are card, text"),
        (
            r#"{"audience":{"Users":["u"]}}"#,
            "/audience/Users",
            "did you mean \"users\"?",
        ),
        (r#"{"audience":{"users":[" "]}}"#, "/audience/users/0", "empty"),
        ("[1]", "", "expected an object, found an array"),
        (
            "{\"card\": ",
            "",
            "not JSON: EOF while parsing a value at line 1 column 9",
        ),
    ];
    for (body, pointer, detail) in cases {
        let found = refused(body);
        assert_eq!(found.0, pointer, "{body}");
        assert!(found.1.contains(detail), "{body}: {}", found.1);
    }
}

/// A template engine that has no value leaves `[]`, `null` or nothing: that must not widen the audience.
#[test]
fn an_audience_that_names_nobody_is_refused_where_it_says_so() {
    for name in ["users", "conversations", "teams", "scopes", "tenants"] {
        for empty in ["[]", "null"] {
            let pointer = format!("/audience/{name}");
            for rest in [
                r#""all":true"#,
                r#""tenants":["t"]"#,
                r#""scopes":["personal"]"#,
                r#""users":["u"]"#,
            ] {
                if rest.contains(name) {
                    continue;
                }
                let found = refused(&format!(r#"{{"audience":{{"{name}":{empty},{rest}}}}}"#));
                assert_eq!(found.0, pointer, "{name}, {empty}, {rest}");
                assert!(
                    found.1.contains("selects nobody") && found.1.contains("leave"),
                    "{}",
                    found.1
                );
            }
            assert_eq!(
                refused(&format!(r#"{{"audience":{{"{name}":{empty}}}}}"#)).0,
                pointer
            );
        }
    }
    for body in [
        r#"{"audience":null}"#,
        r#"{"audience":{}}"#,
        r#"{"audience":{"all":false}}"#,
    ] {
        assert_eq!(refused(body).0, "/audience", "{body}");
    }
    assert_eq!(
        refused(r#"{"audience":{"all":null,"tenants":["t"]}}"#).0,
        "/audience/all"
    );
    assert_eq!(
        refused(r#"{"audience":{"membersOf":null,"tenants":["t"]}}"#).0,
        "/audience/membersOf"
    );
}

#[test]
fn null_outside_the_audience_counts_as_not_given() {
    let nulls = r#"{"card":null,"data":null,"summary":null,"alert":null,"priority":null,"expiresAt":null}"#;
    assert_eq!(parsed(nulls).message, parsed("{}").message);
}

#[test]
fn a_property_that_stands_twice_is_refused_in_requests_and_in_replacements() {
    for (body, pointer) in [
        (
            r#"{"audience":{"users":["u"]},"audience":{"all":true}}"#,
            "/audience",
        ),
        (
            r#"{"text":"x","audience":{"users":["u"]},"\u0061udience":null}"#,
            "/audience",
        ),
        (r#"{"audience":{"users":["u"],"users":["v"]}}"#, "/audience/users"),
        (r#"{"data":{"a":[{"b":1,"b":2}]}}"#, "/data/a/0/b"),
        (
            r#"{"card":{"type":"AdaptiveCard","type":"AdaptiveCard"}}"#,
            "/card/type",
        ),
    ] {
        assert_eq!(refused(body).0, pointer, "{body}");
    }
    let replaced = parse_replacement(br#"{"text":"x","text":"y"}"#, &folder().cards).unwrap_err();
    assert_eq!(replaced.pointer(), Some("/text"));
}

/// What a key was first used with is compared over the versions of this program.
#[test]
fn the_digest_of_a_body_is_the_one_that_earlier_versions_stored() {
    let body = r#"{"text":"x","audience":{"users":["u"],"tenants":["t"]},"alert":false}"#;
    assert_eq!(
        format!("{:?}", parsed(body).fingerprint),
        "Fingerprint(\"754e6c25e3c6dc91b87fe03106d327575a66011a5038bcb4608af1d22a3e3e3a\")"
    );
}

#[test]
fn a_broken_template_is_no_mistake_of_the_caller() {
    let cards = &folder().cards;
    let named = parse_notification(br#"{"card":"broken"}"#, cards).unwrap_err();
    assert_eq!((named.status(), named.pointer()), (500, None));
    assert!(
        named.detail().contains("broken.json: line 2, column 8"),
        "{}",
        named.detail()
    );

    let empty = tempfile::tempdir().unwrap();
    let missing = parse_notification(b"", &Cards::new(empty.path())).unwrap_err();
    assert_eq!((missing.status(), missing.pointer()), (500, None));
    std::fs::write(empty.path().join("default.json"), "{\n  oops\n}").unwrap();
    let broken = parse_notification(b"", &Cards::new(empty.path())).unwrap_err();
    assert_eq!((broken.status(), broken.pointer()), (500, None));
    assert!(
        broken.detail().contains("default.json: line 2, column 3"),
        "{}",
        broken.detail()
    );
}

#[test]
fn a_template_that_fails_is_blamed_on_whoever_can_mend_it() {
    let blame = |body: &str| {
        let problem = blamed(
            body.as_bytes(),
            Problem::bad_body("/card/body/0", "card: no such function"),
        );
        (problem.status(), problem.pointer().map(str::to_owned))
    };
    assert_eq!(blame(""), (500, None));
    assert_eq!(blame(r#"{"card":"alert"}"#), (500, None));
    assert_eq!(
        blame(r#"{"card":"alert","data":{}}"#),
        (400, Some("/data".to_owned()))
    );
    assert_eq!(blame(r#"{"card":{}}"#), (400, Some("/card/body/0".to_owned())));
    let other = blamed(b"", Problem::bad_body("/card", "unknown"));
    assert_eq!((other.status(), other.pointer()), (400, Some("/card")));
    // A body that can't be read is the caller's, wherever in it the mistake is.
    let twice = br#"{"card":{"type":"AdaptiveCard","type":"AdaptiveCard"}}"#;
    let twice = blamed(twice, Problem::bad_body("/card/type", "stands twice"));
    assert_eq!((twice.status(), twice.pointer()), (400, Some("/card/type")));
}

#[test]
fn what_is_too_large_is_so_for_its_largest_property() {
    let blame = |body: &str| {
        let problem = blamed(body.as_bytes(), Problem::too_large("too large"));
        problem.pointer().map(str::to_owned)
    };
    assert_eq!(blame(r#"{"text":"long"}"#).as_deref(), Some("/text"));
    assert_eq!(
        blame(r#"{"card":"x","data":{"title":"longer"}}"#).as_deref(),
        Some("/data")
    );
    assert_eq!(
        blame(r#"{"text":"x","summary":"longer"}"#).as_deref(),
        Some("/summary")
    );
    assert_eq!(blame(""), None);
}

#[test]
fn a_compressed_body_is_named_as_what_it_is() {
    for (start, name) in [
        (&[0x1F, 0x8B, 8, 0][..], "gzip"),
        (&[0x28, 0xB5, 0x2F, 0xFD][..], "zstd"),
        (&[0x78, 0x9C, 0xAB][..], "deflate"),
    ] {
        let problem = parse_notification(start, &folder().cards).unwrap_err();
        let text = serde_json::to_value(&problem).unwrap();
        assert_eq!(text["status"], 415);
        let detail = text["detail"].as_str().unwrap();
        assert!(
            detail.contains(name) && detail.contains("Content-Encoding"),
            "{detail}"
        );
    }
}
