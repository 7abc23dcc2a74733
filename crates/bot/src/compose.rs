//! Fills card templates for the domain, beside the threads that serve. A card that doesn't depend on the recipient is filled
//! once a notification.

mod fill;
mod fill_pool;
#[cfg(test)]
mod tests;

use crate::{
    signed_buttons::{LazySigningKey, has_actions, sign},
    templates::nearest,
};
use async_trait::async_trait;
use card::{Reads, Template};
use fill::{Effort, compile, fill, host, is_little};
use fill_pool::{Broken, Place, Places};
use notify::{
    content::{
        Body, Composed, Composer, Content, ContentError, Form, MESSAGE_LIMIT, MESSAGE_WARNING, MessageSpec,
        NotificationFacts,
    },
    ids::{ConversationId, ServiceUrl, TenantId},
    recipient::Recipient,
    store::signing_key::SigningKey,
    target::Scope,
};
use std::{sync::Arc, time::Duration};
use teams::connector::TeamsConnector;

/// More than any envelope of ids around a content has, in bytes as Teams counts them: a content that is smaller than
/// the limit by this much needs no measuring for each recipient.
const ENVELOPE_SLACK: usize = 16_000;

/// Composes with the template language of the crate `card`; sizes are measured as the connector would send them.
pub(crate) struct CardComposer {
    connector: Arc<TeamsConnector>,
    places: Arc<Places>,
    signing: LazySigningKey,
    /// Of templates that take long.
    long: Place,
}

/// Pause before the signing key is asked for again.
const KEY_AGAIN: Duration = Duration::from_secs(1);
/// How often a call asks for it; what is accepted asks until it has it.
const KEY_ATTEMPTS: u32 = 3;

impl CardComposer {
    /// For calls, to see whether what they ask for can be sent.
    pub(crate) fn new(connector: Arc<TeamsConnector>, signing: LazySigningKey) -> Self {
        Self {
            connector,
            signing,
            places: Arc::new(Places::new()),
            long: Place::Called,
        }
    }

    /// The same for what is accepted, which does not wait behind calls.
    pub(crate) fn for_accepted(&self) -> Self {
        Self {
            connector: Arc::clone(&self.connector),
            places: Arc::clone(&self.places),
            signing: self.signing.clone(),
            long: Place::Accepted,
        }
    }

    /// The message with its buttons signed, if it has any.
    async fn signed(
        &self,
        spec: &MessageSpec,
        facts: &NotificationFacts,
    ) -> Result<MessageSpec, ContentError> {
        let mut spec = spec.clone();
        let Form::Card {
            template, locales, ..
        } = &mut spec.form
        else {
            return Ok(spec);
        };
        let templates = || locales.values().chain([&*template]);
        let Some(action) = facts.action.as_ref().filter(|_| templates().any(has_actions)) else {
            return Ok(spec);
        };
        let key = self.key().await?;
        *template = sign(template, key, action);
        for template in locales.values_mut() {
            *template = sign(template, key, action);
        }
        Ok(spec)
    }

    async fn key(&self) -> Result<&SigningKey, ContentError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.signing.key().await {
                Ok(key) => return Ok(key),
                Err(error) if self.long == Place::Called && attempts >= KEY_ATTEMPTS => {
                    return Err(ContentError::Unavailable(format!(
                        "the key that signs a card's buttons can't be read: {error}"
                    )));
                }
                Err(error) => tracing::warn!(%error, "the key that signs a card's buttons can't be read yet"),
            }
            tokio::time::sleep(KEY_AGAIN).await;
        }
    }

    /// Templates of `cards/` have names; with little data they end soon.
    fn kind(&self, spec: &MessageSpec) -> Kind {
        match &spec.form {
            Form::Card { name: Some(_), .. } if is_little(spec.data.as_ref()) => Kind::Little,
            _ => Kind::Unknown(self.long),
        }
    }
}

/// What is known of how long a card takes.
#[derive(Clone, Copy)]
enum Kind {
    Little,
    /// It is tried with little effort first; if that is not enough, in this place.
    Unknown(Place),
}

impl Kind {
    /// Does the work that a card needs, in the place that fits.
    async fn run<T: Send + 'static>(
        self,
        places: &Places,
        work: impl Fn(Effort) -> Result<T, ContentError> + Clone + Send + 'static,
    ) -> Result<T, ContentError> {
        let long = match self {
            Self::Little => return places.run(Place::Shipped, move || work(Effort::Full)).await?,
            Self::Unknown(place) => place,
        };
        let first = work.clone();
        match places.run(Place::Tried, move || first(Effort::Little)).await? {
            Err(ContentError::Limit { .. }) => places.run(long, move || work(Effort::Full)).await?,
            done => done,
        }
    }
}

#[async_trait]
impl Composer for CardComposer {
    async fn compose(
        &self,
        spec: &MessageSpec,
        facts: &NotificationFacts,
    ) -> Result<Arc<dyn Composed>, ContentError> {
        let maker = Arc::new(Maker {
            connector: Arc::clone(&self.connector),
            spec: self.signed(spec, facts).await?,
            facts: facts.clone(),
        });
        let kind = self.kind(spec);
        let message = match &spec.form {
            Form::Text(_) => maker.message(Effort::Full)?,
            Form::Card { .. } => {
                kind.run(&self.places, move |effort| maker.message(effort))
                    .await?
            }
        };
        Ok(Arc::new(Filled {
            message: Arc::new(message),
            places: Arc::clone(&self.places),
            kind,
        }))
    }
}

impl From<Broken> for ContentError {
    fn from(_: Broken) -> Self {
        Self::Template {
            message:
                "the template could not be filled: the template engine broke off. Please report the template \
                      as a bug of this program"
                    .to_owned(),
            pointer: String::new(),
        }
    }
}

/// What a message is made of.
struct Maker {
    connector: Arc<TeamsConnector>,
    spec: MessageSpec,
    facts: NotificationFacts,
}

impl Maker {
    fn message(self: &Arc<Self>, effort: Effort) -> Result<Message, ContentError> {
        let (main, locales) = match &self.spec.form {
            Form::Text(text) => (
                Variant::Same(self.same(self.content(Body::Text(text.as_str().into())))?),
                Vec::new(),
            ),
            Form::Card {
                name,
                template,
                locales,
            } => {
                let name = name.as_deref().unwrap_or("card");
                let main = self.variant(template, name, effort)?;
                let variant = |(locale, template): (&String, &serde_json::Value)| {
                    self.variant(template, &format!("{name}.{locale}"), effort)
                        .map(|variant| (locale.clone(), variant))
                };
                (main, locales.iter().map(variant).collect::<Result<_, _>>()?)
            }
        };
        Ok(Message {
            maker: Arc::clone(self),
            main,
            locales,
        })
    }

    fn variant(
        &self,
        template: &serde_json::Value,
        name: &str,
        effort: Effort,
    ) -> Result<Variant, ContentError> {
        let template = compile(template, name)?;
        if template.reads() == Reads::Recipient {
            self.try_out(&template, effort)?;
            return Ok(Variant::Each(Box::new(template)));
        }
        let host = host(&self.facts, None);
        let body = fill(&template, self.spec.data.as_ref(), &host, effort)?;
        self.same(self.content(body)).map(Variant::Same)
    }

    /// Fills a template for nobody in particular, so that one without end is refused before it is tried for everybody. What
    /// else fails may be right for others.
    fn try_out(&self, template: &Template, effort: Effort) -> Result<(), ContentError> {
        let somebody = Recipient {
            name: Some("Alex Example".to_owned()),
            locale: Some("en-US".to_owned()),
            ..shortest()
        };
        match fill(
            template,
            self.spec.data.as_ref(),
            &host(&self.facts, Some(&somebody)),
            effort,
        ) {
            Err(error @ ContentError::Limit { .. }) => Err(error),
            _ => Ok(()),
        }
    }

    fn same(&self, content: Content) -> Result<Fixed, ContentError> {
        let bytes = self.connector.size_of(&shortest(), &content);
        fits(bytes)?;
        if bytes > MESSAGE_WARNING {
            tracing::warn!(notification_id = %self.facts.id, bytes, limit = MESSAGE_LIMIT, "the message is near Teams' limit");
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

    fn content(&self, body: Body) -> Content {
        Content {
            body,
            summary: self.spec.summary.as_deref().map(Into::into),
            alert: self.spec.alert,
        }
    }
}

fn fits(bytes: usize) -> Result<(), ContentError> {
    if bytes > MESSAGE_LIMIT {
        return Err(ContentError::TooLarge {
            bytes,
            limit: MESSAGE_LIMIT,
        });
    }
    Ok(())
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
    maker: Arc<Maker>,
    main: Variant,
    locales: Vec<(String, Variant)>,
}

impl Message {
    /// `de-AT`, then `de`, then the template without a locale.
    fn variant(&self, locale: Option<&str>) -> &Variant {
        nearest(
            &self.locales,
            |(language, _)| language,
            locale.unwrap_or_default(),
        )
        .map_or(&self.main, |(_, variant)| variant)
    }

    /// The content for a recipient, if it needs no filling.
    fn ready(&self, recipient: &Recipient) -> Option<Result<Arc<Content>, ContentError>> {
        match self.variant(recipient.locale.as_deref()) {
            Variant::Same(fixed) => Some(match fixed.measured {
                Measured::Once => Ok(Arc::clone(&fixed.content)),
                Measured::EachTime => {
                    let bytes = self.maker.connector.size_of(recipient, &fixed.content);
                    fits(bytes).map(|()| Arc::clone(&fixed.content))
                }
            }),
            Variant::Each(_) => None,
        }
    }

    /// The content for a recipient, filled if it has to be.
    fn filled(&self, recipient: &Recipient, effort: Effort) -> Result<Arc<Content>, ContentError> {
        match self.variant(recipient.locale.as_deref()) {
            Variant::Same(fixed) => Ok(Arc::clone(&fixed.content)),
            Variant::Each(template) => {
                let host = host(&self.maker.facts, Some(recipient));
                let body = fill(template, self.maker.spec.data.as_ref(), &host, effort)?;
                let content = Arc::new(self.maker.content(body));
                fits(self.maker.connector.size_of(recipient, &content))?;
                Ok(content)
            }
        }
    }
}

/// A message, and where it is filled.
struct Filled {
    message: Arc<Message>,
    places: Arc<Places>,
    kind: Kind,
}

#[async_trait]
impl Composed for Filled {
    fn ready(&self, recipient: &Recipient) -> Option<Result<Arc<Content>, ContentError>> {
        self.message.ready(recipient)
    }

    async fn make(&self, recipient: &Recipient) -> Result<Arc<Content>, ContentError> {
        if let Some(ready) = self.ready(recipient) {
            return ready;
        }
        let (message, recipient) = (Arc::clone(&self.message), recipient.clone());
        self.kind
            .run(&self.places, move |effort| message.filled(&recipient, effort))
            .await
    }
}

/// A recipient with as little around the content as there can be.
fn shortest() -> Recipient {
    Recipient {
        n: 0,
        tenant: TenantId::from(""),
        conversation: ConversationId::from(""),
        root: None,
        fallback: notify::recipient::Fallback::None,
        service_url: ServiceUrl::from(""),
        scope: Scope::Personal,
        user: None,
        entra: None,
        team: None,
        name: None,
        locale: None,
        version: None,
        certainty: notify::recipient::Certainty::Known,
        block: notify::recipient::BlockMark::None,
        activity: None,
        settled: None,
    }
}
