//! `POST /api/notification`'s body: every member checked, every error with a JSON pointer. An unknown member is an
//! error too, and so is one that stands twice: a misspelt or doubled `audience` must not reach everybody.

mod audience;
mod fields;
mod json;

use super::Problem;
use crate::templates::{CardError, Cards};
use fields::Fields;
use jiff::Timestamp;
use notify::{
    content::{Alert, Form, MessageSpec},
    identity::Fingerprint,
    request::{OnUncertain, Priority, Request},
};
use serde_json::Value;

/// The card that is sent when the body doesn't say.
const DEFAULT_CARD: &str = "default";

/// Reads a notification request; an empty body equals `{}`.
pub(crate) fn parse_notification(body: &[u8], cards: &Cards) -> Result<Request, Problem> {
    let value = read(body)?;
    let mut fields = Fields::of(&value, "")?;
    let message = message(&mut fields, cards, WhenUnsaid::DefaultCard)?;
    let audience = fields
        .take_stated("audience")
        .map(|value| audience::parse(value, "/audience"))
        .transpose()?;
    let priority = fields.word(
        "priority",
        &[
            ("urgent", Priority::Urgent),
            ("normal", Priority::Normal),
            ("low", Priority::Low),
        ],
    )?;
    let on_uncertain = fields.word(
        "onUncertain",
        &[("resend", OnUncertain::Resend), ("report", OnUncertain::Report)],
    )?;
    let expires_at = expires_at(&mut fields)?;
    fields.nothing_else()?;
    Ok(Request {
        message,
        audience,
        priority: priority.unwrap_or_default(),
        on_uncertain: on_uncertain.unwrap_or_default(),
        expires_at,
        fingerprint: Fingerprint::of(&value),
    })
}

/// Reads the content that replaces a sent notification's.
pub(crate) fn parse_replacement(body: &[u8], cards: &Cards) -> Result<(MessageSpec, Fingerprint), Problem> {
    let value = read(body)?;
    let mut fields = Fields::of(&value, "")?;
    let message = message(&mut fields, cards, WhenUnsaid::Refuse)?;
    fields.nothing_else()?;
    Ok((message, Fingerprint::of(&value)))
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

#[derive(Clone, Copy)]
enum WhenUnsaid {
    DefaultCard,
    Refuse,
}

fn message(fields: &mut Fields<'_>, cards: &Cards, unsaid: WhenUnsaid) -> Result<MessageSpec, Problem> {
    let form = match (fields.take("card"), fields.take("text"), unsaid) {
        (Some(_), Some(_), _) => {
            return Err(Problem::bad_body(
                "/text",
                "give either \"card\" or \"text\": Teams may split a message that has both into two",
            ));
        }
        (None, Some(text), _) => text_form(text)?,
        (Some(Value::String(name)), None, _) => cards.load(name)?,
        (Some(template @ Value::Object(_)), None, _) => Form::Card {
            name: None,
            template: template.clone(),
            locales: Default::default(),
        },
        (Some(other), None, _) => {
            return Err(Problem::bad_body(
                "/card",
                format!(
                    "expected the name of a template or a template (an object), found {}",
                    fields::kind(other)
                ),
            ));
        }
        (None, None, WhenUnsaid::DefaultCard) => default_card(cards)?,
        (None, None, WhenUnsaid::Refuse) => {
            return Err(Problem::bad_body(
                "",
                "give \"card\" or \"text\": what the message is to be replaced with",
            ));
        }
    };
    let data = fields.take("data");
    match data {
        None | Some(Value::Object(_) | Value::Array(_)) => {}
        Some(other) => {
            return Err(Problem::bad_body(
                "/data",
                format!("expected an object, found {}", fields::kind(other)),
            ));
        }
    }
    if let (Form::Text(_), Some(_)) = (&form, data) {
        return Err(Problem::bad_body(
            "/data",
            "\"data\" fills a card's template; \"text\" is sent as it is",
        ));
    }
    let alert = match fields.flag("alert")? {
        Some(fields::Flag::Yes) => Alert::Toast,
        _ => Alert::Quiet,
    };
    Ok(MessageSpec {
        form,
        data: data.cloned(),
        summary: fields.text("summary")?,
        alert,
    })
}

fn text_form(text: &Value) -> Result<Form, Problem> {
    match text {
        Value::String(text) if text.trim().is_empty() => Err(Problem::bad_body("/text", "the text is empty")),
        Value::String(text) => Ok(Form::Text(text.clone())),
        other => Err(Problem::bad_body(
            "/text",
            format!("expected a text, found {}", fields::kind(other)),
        )),
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
/// What is too large is so for its largest member.
pub(crate) fn blamed(body: &[u8], problem: Problem) -> Problem {
    if problem.is_too_large() {
        let value = read(body).unwrap_or_default();
        let length = |name: &&str| value[*name].to_string().len();
        let members = ["card", "text", "data", "summary"];
        let given = members.into_iter().filter(|name| !value[*name].is_null());
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
        tracing::error!(error = problem.detail(), "a card template can't be filled");
        problem
    }
}

fn expires_at(fields: &mut Fields<'_>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = fields.text("expiresAt")? else {
        return Ok(None);
    };
    // "Never", as other systems write it, lies past the last time that we can hold.
    if text.starts_with("9999-12-31") {
        return Ok(Some(Timestamp::MAX));
    }
    text.parse().map(Some).map_err(|_| {
        Problem::bad_body(
            "/expiresAt",
            "expected a time with its offset (RFC 3339), for instance 2026-11-25T10:00:00Z",
        )
    })
}

#[cfg(test)]
mod tests;
