//! Goes on where a value can't be filled: the failing value is replaced by a placeholder, and the template is filled
//! again, until nothing fails.

use crate::{check::Host, failures, filled::fill, markers};
use card::ExpandError;
use serde_json::Value;

/// Most values of a template that are reported as failing.
const MAX_FAILURES: usize = 100;

/// Fills a template; what fails is replaced in it, and returned.
pub(crate) fn fill_all(
    template: &mut Value,
    data: &Value,
    host: Option<&Value>,
    missing: Option<&str>,
) -> (Option<String>, Vec<ExpandError>) {
    let mut failures = Vec::new();
    while failures.len() < MAX_FAILURES {
        match fill(template, data, host, missing) {
            Ok(text) => return (Some(text), failures),
            Err(error) => {
                let replaced = match &error {
                    ExpandError::Failed {
                        pointer, expression, ..
                    } => probe(template, pointer, expression) || replace(template, pointer),
                    _ => false,
                };
                failures.push(error);
                if !replaced {
                    return (None, failures);
                }
            }
        }
    }
    (None, failures)
}

/// What fails for a possible value of `$host`.
pub(crate) fn failing(template: &Value, data: &Value, host: &Host) -> Vec<ExpandError> {
    fill_all(&mut template.clone(), data, Some(&host.value), None).1
}

/// Replaces a failing value by the field that it lacks, if there is one; once for each value.
fn probe(template: &mut Value, pointer: &str, expression: &str) -> bool {
    let (Some(value), Some(probe)) = (
        template.pointer_mut(pointer),
        failures::probe(expression, markers::OPEN_VALUE),
    ) else {
        return false;
    };
    let first = !value
        .as_str()
        .is_some_and(|text| text.contains(markers::OPEN_VALUE));
    if first && !pointer.ends_with("/$data") && !pointer.ends_with("/$when") {
        *value = probe.into();
        return true;
    }
    false
}

/// Replaces the value at a pointer by one that can be filled: no data, a condition that is met, an open value.
pub(crate) fn replace(template: &mut Value, pointer: &str) -> bool {
    let Some(value) = template.pointer_mut(pointer) else {
        return false;
    };
    let substitute = match pointer.rsplit('/').next() {
        Some("$data") => Value::Array(Vec::new()),
        Some("$when") => "${true}".into(),
        _ => markers::OPEN_VALUE.into(),
    };
    if *value == substitute {
        return false;
    }
    *value = substitute;
    true
}
