//! Templates and expressions as JSON lines: one line in, one line out. Pure functions; an invalid line gives an
//! `{"error"}` line.

use crate::budget::Limits;
use crate::eval::{Expression, SystemEnvironment};
use crate::json::{Json, push_json, push_string};
use crate::number::push_number;
use crate::template::{Data, Template};
use crate::value::Value;

/// Expands `{"id","template","data"?,"host"?,"substitution"?}` to `{"id","card"}` or `{"id","error"}`.
#[must_use]
pub fn expand_line(line: &str) -> String {
    respond(line, "card", |request| {
        let template = request
            .get("template")
            .ok_or("`template` is missing: the card template to expand")?;
        let template = Template::from_json(template, "template").map_err(|e| e.to_string())?;
        let data = Data {
            data: request.get("data"),
            host: request.get("host"),
            substitution: substitution(request)?,
            ..Data::default()
        };
        template
            .expand_to_string(&data)
            .map(Some)
            .map_err(|e| e.to_string())
    })
}

/// Evaluates `{"id","expression","scope"?,"substitution"?}` to `{"id","value"}`, without `value` when it is
/// undefined, or `{"id","error"}`. Values that JSON lacks are objects with the single key `$`, as in
/// `{"$":"nan"}`.
#[must_use]
pub fn eval_line(line: &str) -> String {
    respond(line, "value", |request| {
        let text = match request.get("expression") {
            Some(Json::String(text)) => text,
            Some(_) => return Err("`expression` must be a string".to_owned()),
            None => return Err("`expression` is missing: the expression to evaluate".to_owned()),
        };
        let expression = Expression::parse(text).map_err(|e| format!("column {}: {e}", e.column(text)))?;
        let value = expression
            .evaluate_with(
                request.get("scope"),
                substitution(request)?,
                &SystemEnvironment,
                Limits::default(),
            )
            .map_err(|e| e.to_string())?;
        Ok(match value {
            Value::Undefined => None,
            value => {
                let mut out = String::new();
                push_encoded(&mut out, &value);
                Some(out)
            }
        })
    })
}

fn substitution<'d>(request: &'d Json<'_>) -> Result<Option<&'d str>, String> {
    match request.get("substitution") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err("`substitution` must be a string".to_owned()),
    }
}

/// Parses the line, calls `work`, and writes `{"id":…,"<key>":<text>}`.
fn respond(line: &str, key: &str, work: impl FnOnce(&Json<'_>) -> Result<Option<String>, String>) -> String {
    let mut out = String::from("{\"id\":");
    let result = match Json::parse(line) {
        Ok(request @ Json::Object(_)) => {
            push_json(&mut out, request.get("id").unwrap_or(&Json::Null));
            work(&request)
        }
        Ok(_) => {
            out.push_str("null");
            Err("the line must be a JSON object".to_owned())
        }
        Err(error) => {
            out.push_str("null");
            Err(format!("the line is not JSON: {error}"))
        }
    };
    match result {
        Ok(None) => {}
        Ok(Some(text)) => {
            out.push(',');
            push_string(&mut out, key);
            out.push(':');
            out.push_str(&text);
        }
        Err(message) => {
            out.push_str(",\"error\":");
            push_string(&mut out, &message);
        }
    }
    out.push('}');
    out
}

/// Appends a value as JSON; what JSON lacks is written as `{"$": kind}`.
fn push_encoded(out: &mut String, value: &Value) {
    match value {
        Value::Undefined => out.push_str(r#"{"$":"undefined"}"#),
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) if n.is_nan() => out.push_str(r#"{"$":"nan"}"#),
        Value::Number(n) if n.is_infinite() => {
            out.push_str(if *n > 0.0 {
                r#"{"$":"inf"}"#
            } else {
                r#"{"$":"-inf"}"#
            });
        }
        Value::Number(n) if *n == 0.0 && n.is_sign_negative() => out.push_str(r#"{"$":"-0"}"#),
        Value::Number(n) => push_number(out, *n),
        Value::String(s) => push_string(out, s),
        Value::BigInt(n) => {
            out.push_str(r#"{"$":"bigint","v":""#);
            out.push_str(&n.to_string());
            out.push_str("\"}");
        }
        Value::Bytes(bytes) => {
            out.push_str(r#"{"$":"bytes","v":""#);
            out.push_str(&crate::functions::base64(bytes));
            out.push_str("\"}");
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_encoded(out, item);
            }
            out.push(']');
        }
        Value::Object(properties) => {
            out.push('{');
            for (at, (key, value)) in properties.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_string(out, key);
                out.push(':');
                push_encoded(out, value);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_answer_with_their_id() {
        assert_eq!(
            expand_line(r#"{"id":7,"template":{"t":"Hi ${n}"},"data":{"n":"Ann"}}"#),
            r#"{"id":7,"card":{"t":"Hi Ann"}}"#
        );
        assert_eq!(
            expand_line(r#"{"id":"a","template":"${x}","data":{},"substitution":"<{path}>"}"#),
            r#"{"id":"a","card":"<x>"}"#
        );
        assert_eq!(
            eval_line(r#"{"id":1,"expression":"1 + 1","scope":{}}"#),
            r#"{"id":1,"value":2}"#
        );
        assert_eq!(eval_line(r#"{"id":1,"expression":"missing"}"#), r#"{"id":1}"#);
        assert_eq!(
            eval_line(r#"{"id":1,"expression":"max([])"}"#),
            r#"{"id":1,"value":{"$":"-inf"}}"#
        );
    }

    #[test]
    fn bad_lines_get_an_error_line() {
        assert!(
            eval_line("nonsense")
                .starts_with(r#"{"id":null,"error":"the line is not JSON: line 1, column 1"#)
        );
        assert!(eval_line("[]").starts_with(r#"{"id":null,"error":"#));
        assert!(eval_line(r#"{"id":3}"#).starts_with(r#"{"id":3,"error":"`expression` is missing"#));
        assert!(eval_line(r#"{"id":3,"expression":"lenght('a')"}"#).contains("did you mean `length`"));
    }
}
