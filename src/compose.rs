//! Fills card templates for the domain. A card that doesn't depend on the recipient is filled once a notification.

use card::{CompileError, Data, ExpandError, Json, Reads, Template};
use notify::{
    content::{
        Body, Composed, Composer, Content, ContentError, Form, MESSAGE_LIMIT, MESSAGE_WARNING, MessageSpec,
        NotificationFacts,
    },
    ids::{ConversationId, ServiceUrl, TenantId},
    recipient::Recipient,
    target::Scope,
};
use serde_json::{Value, json};
use std::sync::Arc;
use teams::connector::TeamsConnector;

/// More than any envelope of ids around a content has, in bytes as Teams counts them: a content that is smaller than
/// the limit by this much needs no measuring for each recipient.
const ENVELOPE_SLACK: usize = 16_000;

/// Composes with the template language of the crate `card`; sizes are measured as the connector would send them.
pub(crate) struct CardComposer {
    connector: Arc<TeamsConnector>,
}

impl CardComposer {
    pub(crate) fn new(connector: Arc<TeamsConnector>) -> Self {
        Self { connector }
    }

    fn filled(
        &self,
        spec: &MessageSpec,
        facts: &NotificationFacts,
        template: &Value,
        name: &str,
    ) -> Result<Variant, ContentError> {
        let template =
            Template::from_json(&Json::from(template), name).map_err(|error| compile_error(&error))?;
        if template.reads() == Reads::Recipient {
            return Ok(Variant::Each(Box::new(template)));
        }
        let host = host(facts, None);
        let body = fill(&template, spec.data.as_ref(), &host)?;
        self.same(content(spec, body)).map(Variant::Same)
    }

    fn same(&self, content: Content) -> Result<Fixed, ContentError> {
        let bytes = self.connector.size_of(&shortest(), &content);
        if bytes > MESSAGE_LIMIT {
            return Err(ContentError::TooLarge {
                bytes,
                limit: MESSAGE_LIMIT,
            });
        }
        if bytes > MESSAGE_WARNING {
            tracing::warn!(bytes, limit = MESSAGE_LIMIT, "the message is near Teams' limit");
        }
        let measured = if bytes + ENVELOPE_SLACK > MESSAGE_LIMIT {
            Measured::EachTime
        } else {
            Measured::Once
        };
        Ok(Fixed {
            content: Arc::new(content),
            measured,
        })
    }
}

impl Composer for CardComposer {
    fn compose(
        &self,
        spec: &MessageSpec,
        facts: &NotificationFacts,
    ) -> Result<Arc<dyn Composed>, ContentError> {
        let (main, locales) = match &spec.form {
            Form::Text(text) => (
                Variant::Same(self.same(content(spec, Body::Text(text.as_str().into())))?),
                Vec::new(),
            ),
            Form::Card {
                name,
                template,
                locales,
            } => {
                let name = name.as_deref().unwrap_or("card");
                let main = self.filled(spec, facts, template, name)?;
                let variant = |(locale, template): (&String, &Value)| {
                    self.filled(spec, facts, template, &format!("{name}.{locale}"))
                        .map(|variant| (locale.clone(), variant))
                };
                (main, locales.iter().map(variant).collect::<Result<_, _>>()?)
            }
        };
        Ok(Arc::new(Message {
            connector: Arc::clone(&self.connector),
            spec: spec.clone(),
            facts: facts.clone(),
            main,
            locales,
        }))
    }
}

enum Measured {
    Once,
    EachTime,
}

struct Fixed {
    content: Arc<Content>,
    measured: Measured,
}

enum Variant {
    /// The same for every recipient.
    Same(Fixed),
    /// Filled for each.
    Each(Box<Template>),
}

struct Message {
    connector: Arc<TeamsConnector>,
    spec: MessageSpec,
    facts: NotificationFacts,
    main: Variant,
    locales: Vec<(String, Variant)>,
}

impl Composed for Message {
    fn content(&self, recipient: &Recipient) -> Result<Arc<Content>, ContentError> {
        let filled = match self.variant(recipient.locale.as_deref()) {
            Variant::Same(Fixed {
                content,
                measured: Measured::Once,
            }) => return Ok(Arc::clone(content)),
            Variant::Same(Fixed {
                content,
                measured: Measured::EachTime,
            }) => Arc::clone(content),
            Variant::Each(template) => {
                let host = host(&self.facts, Some(recipient));
                Arc::new(content(
                    &self.spec,
                    fill(template, self.spec.data.as_ref(), &host)?,
                ))
            }
        };
        let bytes = self.connector.size_of(recipient, &filled);
        if bytes > MESSAGE_LIMIT {
            return Err(ContentError::TooLarge {
                bytes,
                limit: MESSAGE_LIMIT,
            });
        }
        Ok(filled)
    }
}

impl Message {
    /// `de-AT`, then `de`, then the template without a locale.
    fn variant(&self, locale: Option<&str>) -> &Variant {
        let mut wanted = locale.unwrap_or_default().to_ascii_lowercase();
        while !wanted.is_empty() {
            if let Some((_, variant)) = self.locales.iter().find(|(known, _)| *known == wanted) {
                return variant;
            }
            wanted.truncate(wanted.rfind('-').unwrap_or(0));
        }
        &self.main
    }
}

fn content(spec: &MessageSpec, body: Body) -> Content {
    Content {
        body,
        summary: spec.summary.as_deref().map(Into::into),
        alert: spec.alert,
    }
}

fn fill(template: &Template, data: Option<&Value>, host: &Value) -> Result<Body, ContentError> {
    let data = data.map_or_else(|| Json::Object(Vec::new()), Json::from);
    let host = Json::from(host);
    let card = template
        .expand_to_string(&Data::of(&data).with_host(&host))
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
fn host(facts: &NotificationFacts, recipient: Option<&Recipient>) -> Value {
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

/// A recipient with as little around the content as there can be.
fn shortest() -> Recipient {
    Recipient {
        n: 0,
        tenant: TenantId::from(""),
        conversation: ConversationId::from(""),
        root: None,
        service_url: ServiceUrl::from(""),
        scope: Scope::Personal,
        user: None,
        entra: None,
        team: None,
        name: None,
        locale: None,
        version: None,
        activity: None,
        settled: None,
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
    let pointer = match error {
        ExpandError::Failed { pointer, .. } | ExpandError::Limit { pointer, .. } => pointer.clone(),
        _ => String::new(),
    };
    ContentError::Template {
        message: error.to_string(),
        pointer,
    }
}

#[cfg(test)]
mod tests;
