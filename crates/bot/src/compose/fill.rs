//! Filling a template with data and host fields, and what errors of it mean to whoever sent them. Nothing waits here.

use card::{CompileError, Data, ExpandError, Json, Limits, Template};
use notify::{
    content::{Body, ContentError, NotificationFacts},
    recipient::Recipient,
};
use serde_json::{Value, json};

/// Compiles a template.
pub(super) fn compile(template: &Value, name: &str) -> Result<Template, ContentError> {
    Template::from_json(&Json::from(template), name).map_err(|error| compile_error(&error))
}

/// How much filling may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// A twentieth of the steps of a card: a hundred times what the cards that ship take, and done in some milliseconds.
    Little,
    /// All that a card may take.
    Full,
}

impl Effort {
    fn limits(self) -> Limits {
        let mut limits = Limits::default();
        if self == Self::Little {
            limits.steps /= 20;
        }
        limits
    }
}

/// Fills a template; what it gives is a card.
pub(super) fn fill(
    template: &Template,
    data: Option<&Value>,
    host: &Value,
    effort: Effort,
) -> Result<Body, ContentError> {
    let data = data.map_or_else(|| Json::Object(Vec::new()), Json::from);
    let host = Json::from(host);
    let card = template
        .expand_to_string(&Data::of(&data).with_host(&host).with_limits(effort.limits()))
        .map_err(|error| expand_error(&error))?;
    let head: Option<Head> = serde_json::from_str(&card).ok();
    if head.and_then(|head| head.kind).as_deref() != Some("AdaptiveCard") {
        return Err(ContentError::Template {
            message: format!(
                "{}: the filled template is no card: Teams takes an object with \"type\": \"AdaptiveCard\"",
                template.name()
            ),
            pointer: "/type".to_owned(),
        });
    }
    Ok(Body::Card(card.into()))
}

/// What makes a filled template a card.
#[derive(serde::Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// `$host` as templates see it.
pub(super) fn host(facts: &NotificationFacts, recipient: Option<&Recipient>) -> Value {
    let mut host = json!({ "notification": facts });
    if let Some(recipient) = recipient {
        host["recipient"] = json!({
            "name": recipient.name,
            "locale": recipient.locale,
            "scope": recipient.scope,
            "tenant": recipient.tenant,
        });
    }
    host
}

/// Whether data are so few that no template of ours takes long with them: at most about 16 kB.
pub(super) fn is_little(data: Option<&Value>) -> bool {
    let mut left = 16_384_usize;
    data.is_none_or(|data| takes(data, &mut left))
}

fn takes(value: &Value, left: &mut usize) -> bool {
    let own = 8 + value.as_str().map_or(0, str::len);
    match left.checked_sub(own) {
        Some(rest) => *left = rest,
        None => return false,
    }
    match value {
        Value::Array(items) => items.iter().all(|item| takes(item, left)),
        Value::Object(members) => members.iter().all(|(key, member)| {
            *left = left.saturating_sub(key.len());
            takes(member, left)
        }),
        _ => true,
    }
}

fn compile_error(error: &CompileError) -> ContentError {
    let pointer = match error {
        CompileError::Expression { pointer, .. } => pointer.clone(),
        _ => String::new(),
    };
    ContentError::Template {
        message: error.to_string(),
        pointer,
    }
}

fn expand_error(error: &ExpandError) -> ContentError {
    let message = error.to_string();
    match error {
        ExpandError::Limit { pointer, .. } => ContentError::Limit {
            message,
            pointer: pointer.clone(),
        },
        ExpandError::Failed { pointer, .. } => ContentError::Template {
            message,
            pointer: pointer.clone(),
        },
        _ => ContentError::Template {
            message,
            pointer: String::new(),
        },
    }
}
