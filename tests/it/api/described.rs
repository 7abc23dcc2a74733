//! The API's description as a test reads it: which answer belongs to which operation, and whether it is one.

use crate::support::{handler::Handler, http::Answer};
use reqwest::Method;
use serde_json::{Value, json};
use std::{cell::RefCell, collections::BTreeSet};

/// The description that a handler serves, and what of it was seen.
pub(super) struct Described {
    pub(super) document: Value,
    seen: RefCell<BTreeSet<String>>,
}

impl Described {
    pub(super) async fn by(handler: &Handler) -> Self {
        let answer = Answer::to(handler.request(Method::GET, "/api/openapi.json"))
            .await
            .expect(200);
        Self {
            document: answer.json(),
            seen: RefCell::default(),
        }
    }

    /// Checks an answer against the operation that was called, by its method and the path's template.
    #[track_caller]
    pub(super) fn check(&self, method: &Method, template: &str, answer: &Answer) {
        let name = method.as_str().to_lowercase();
        let operation = &self.document["paths"][template][&name];
        assert!(operation.is_object(), "{name} {template} is not described");
        let described = self.resolved(&operation["responses"][answer.status.to_string()]);
        assert!(
            described.is_object(),
            "{name} {template} is not described to answer so: {answer:#?}"
        );
        for header in described["headers"].as_object().into_iter().flatten() {
            assert!(
                !answer.header(header.0).is_empty(),
                "no {}: {answer:#?}",
                header.0
            );
        }
        let Some(content) = described["content"].as_object() else {
            assert_eq!(answer.body, "", "{name} {template}");
            return;
        };
        let media = answer.header("content-type");
        let media = media.split(';').next().unwrap_or_default().trim();
        let described = content
            .get(media)
            .unwrap_or_else(|| panic!("{media:?} is not described: {answer:#?}"));
        let schema = &described["schema"];
        if media.ends_with("json") && media != "application/x-ndjson" {
            self.holds(schema, &answer.json());
        } else {
            self.holds(schema, &Value::from(answer.body.clone()));
            for line in answer
                .body
                .lines()
                .filter(|_| schema["contentSchema"].is_object())
            {
                self.holds(&schema["contentSchema"], &serde_json::from_str(line).unwrap());
            }
        }
        let id = operation["operationId"].as_str().unwrap();
        self.seen.borrow_mut().insert(format!("{id} {}", answer.status));
    }

    /// The operations whose answers were checked, with the status.
    pub(super) fn seen(&self) -> BTreeSet<String> {
        self.seen.borrow().clone()
    }

    /// Every operation with those statuses that it is described to answer.
    pub(super) fn operations(&self) -> Vec<(String, Vec<String>)> {
        let paths = self.document["paths"].as_object().unwrap();
        let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
        operations
            .filter(|operation| operation.is_object())
            .map(|operation| {
                let statuses = operation["responses"].as_object().unwrap().keys().cloned();
                (
                    operation["operationId"].as_str().unwrap().to_owned(),
                    statuses.collect(),
                )
            })
            .collect()
    }

    /// Whether a value is as a schema of the document says.
    pub(super) fn allows(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let schema = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        validator
            .validate(value)
            .map_err(|error| format!("{}: {error}", error.instance_path()))
    }

    #[track_caller]
    fn holds(&self, schema: &Value, value: &Value) {
        if let Err(error) = self.allows(schema, value) {
            panic!("{error}\nin {value:#}\nby {schema:#}");
        }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(pointer) => self.document.pointer(pointer.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }
}
