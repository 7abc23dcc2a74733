//! The bodies of `POST` and `PUT`: every property checked, every error with a JSON pointer. An unknown property is an
//! error too, and so is one that stands twice: a misspelt or doubled `audience` must not reach everybody.

mod audience;
mod json;
mod node;
mod request;
mod values;

pub(super) use request::{NotificationRequest, ReplacementRequest};

use super::Problem;
use crate::templates::{CardError, Cards};
use notify::{
    content::{Alert, Form, MessageSpec},
    identity::Fingerprint,
    request::Request,
};
use serde_json::Value;
use values::{Card, CardData, NonBlank};

/// The card that is sent when the body doesn't say.
const DEFAULT_CARD: &str = "default";

/// Reads a notification request; an empty body equals `{}`.
pub(crate) fn parse_notification(body: &[u8], cards: &Cards) -> Result<Request, Problem> {
    let value = read(body)?;
    if value.get("audience").is_some_and(Value::is_null) {
        return Err(audience::null());
    }
    let asked: NotificationRequest = node::read(&value)?;
    let content = Content {
        card: asked.card,
        text: asked.text,
        data: asked.data,
        summary: asked.summary,
        alert: asked.alert,
    };
    Ok(Request {
        message: content.message(|| default_card(cards), cards)?,
        audience: asked.audience.map(audience::audience).transpose()?,
        priority: asked.priority.map(Into::into).unwrap_or_default(),
        on_uncertain: asked.on_uncertain.map(Into::into).unwrap_or_default(),
        expires_at: asked.expires_at.map(|at| at.0),
        fingerprint: Fingerprint::of(&value),
    })
}

/// Reads the content that replaces a sent notification's.
pub(crate) fn parse_replacement(body: &[u8], cards: &Cards) -> Result<(MessageSpec, Fingerprint), Problem> {
    let value = read(body)?;
    let asked: ReplacementRequest = node::read(&value)?;
    let content = Content {
        card: asked.card,
        text: asked.text,
        data: asked.data,
        summary: asked.summary,
        alert: asked.alert,
    };
    let unsaid = || {
        Err(Problem::bad_body(
            "",
            "give \"card\" or \"text\": what the message is to be replaced with",
        ))
    };
    Ok((content.message(unsaid, cards)?, Fingerprint::of(&value)))
}

/// How compressed bodies begin. The host drops Content-Encoding when it forwards, so the bytes themselves are looked at;
/// no JSON text begins like this.
const COMPRESSED: [(&[u8], &str); 3] = [
    (&[0x1F, 0x8B], "gzip"),
    (&[0x28, 0xB5, 0x2F, 0xFD], "zstd"),
    (&[0x78, 0x9C], "deflate"),
];

fn read(body: &[u8]) -> Result<Value, Problem> {
    if let Some((_, name)) = COMPRESSED.iter().find(|(start, _)| body.starts_with(start)) {
        return Err(Problem::unsupported(format!(
            "the body is compressed ({name}), which is not accepted here; send JSON in UTF-8 as it is, without Content-Encoding"
        )));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        Problem::bad_body(
            "",
            format!("not UTF-8 (at byte {}); send JSON in UTF-8", error.valid_up_to()),
        )
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    json::parse(text)
}

/// What a message is made of.
struct Content {
    card: Option<Card>,
    text: Option<NonBlank>,
    data: Option<CardData>,
    summary: Option<String>,
    alert: Option<bool>,
}

impl Content {
    /// The message; `unsaid` is its form where neither card nor text is given.
    fn message(
        self,
        unsaid: impl FnOnce() -> Result<Form, Problem>,
        cards: &Cards,
    ) -> Result<MessageSpec, Problem> {
        let form = match (self.card, self.text) {
            (Some(_), Some(_)) => {
                return Err(Problem::bad_body(
                    "/text",
                    "give either \"card\" or \"text\": Teams may split a message that has both into two",
                ));
            }
            (None, Some(text)) => Form::Text(text.0),
            (Some(Card::Named(name)), None) => cards.load(&name)?,
            (Some(Card::Template(template)), None) => Form::Card {
                name: None,
                template,
                locales: Default::default(),
            },
            (None, None) => unsaid()?,
        };
        if let (Form::Text(_), Some(_)) = (&form, &self.data) {
            return Err(Problem::bad_body(
                "/data",
                "\"data\" fills a card's template; \"text\" is sent as it is",
            ));
        }
        Ok(MessageSpec {
            form,
            data: self.data.map(|data| data.0),
            summary: self.summary,
            alert: match self.alert {
                Some(true) => Alert::Toast,
                Some(false) | None => Alert::Quiet,
            },
        })
    }
}

/// The default card: nobody asked for it by name, so that it can't be found is no mistake in the body either.
fn default_card(cards: &Cards) -> Result<Form, Problem> {
    cards.load(DEFAULT_CARD).map_err(|error| {
        tracing::error!(%error, "the default card can't be used");
        Problem::server(format!(
            "the bot's default card can't be used; nothing was sent: {error}"
        ))
    })
}

impl From<CardError> for Problem {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Unknown { .. } => Self::bad_body("/card", error.to_string()),
            // The bot's own file: the caller can't mend it.
            CardError::Unreadable { .. } => {
                tracing::error!(%error, "a card template can't be used");
                Self::server(format!(
                    "a card template of the bot can't be used; nothing was sent: {error}"
                ))
            }
        }
    }
}

/// A template that can't be filled, seen from the caller: a place in the template is a place in the body only where
/// the body has the template. The bot's own template fails for the data that came with it, or else by itself.
///
/// What is too large is so for its largest property.
pub(crate) fn blamed(body: &[u8], problem: Problem) -> Problem {
    if problem.is_too_large() {
        let value = read(body).unwrap_or_default();
        let length = |name: &&str| value[*name].to_string().len();
        let properties = ["card", "text", "data", "summary"];
        let given = properties.into_iter().filter(|name| !value[*name].is_null());
        return match given.max_by_key(length) {
            Some(name) => problem.at(format!("/{name}")),
            None => problem,
        };
    }
    if !problem.is_below("/card/") {
        return problem;
    }
    // What can't be read has been refused for that, at its own place.
    let Ok(value) = read(body) else { return problem };
    if value["card"].is_object() {
        problem
    } else if value.get("data").is_some() {
        problem.at("/data")
    } else {
        let problem = problem.of_server();
        tracing::error!(problem = problem.detail(), "a card template can't be filled");
        problem
    }
}

#[cfg(test)]
mod tests;
