//! Rules that are not in the schema's tables: versions, sizes, addresses, alternative texts, ids, mentions, limits of
//! Teams.

use crate::{
    check::{MAX_MESSAGE_BYTES, WARN_MESSAGE_BYTES},
    finding::Finding,
    markers::{self, step},
    names,
    rule::Rule,
    schema::{ObjectType, TEAMS},
    strings,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most buttons that Teams shows in one row of actions.
const MAX_ACTIONS: usize = 6;

/// The shortest activity that contains a card, without the card.
const ENVELOPE: &str = r#"{"type":"message","conversation":{"id":""},"attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":}]}"#;

/// The number after `1.` of the card's version.
pub(crate) fn version(value: Option<&Value>, findings: &mut Vec<Finding>) -> Option<u8> {
    let suggestion = format!("write \"version\": \"1.{TEAMS}\"");
    let text = match value {
        None | Some(Value::Null) => {
            let what = "the card has no version, and clients then render nothing";
            findings.push(Finding::error(Rule::Version, "", what).suggest(suggestion));
            return None;
        }
        Some(Value::String(text)) => text,
        Some(other) => {
            let what = format!("a version is a string, found {}", names::json_type(other));
            findings.push(Finding::error(Rule::Version, "/version", what).suggest(suggestion));
            return None;
        }
    };
    if strings::is_dynamic(text) || markers::is_incomplete(text) {
        return None;
    }
    let parsed = text
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u8>().ok()?, minor.parse::<u8>().ok()?)));
    match parsed {
        Some((1, minor)) if minor <= TEAMS => Some(minor),
        Some((1, minor)) if minor == TEAMS + 1 => {
            let what = format!(
                "Teams' own library writes version {text}; clients that know 1.{TEAMS} show the fallback text instead of the card"
            );
            findings.push(Finding::warning(Rule::Version, "/version", what).suggest(suggestion));
            Some(minor)
        }
        Some((1, _)) | Some((2.., _)) => {
            let what = format!("Teams renders cards up to version 1.{TEAMS}, the card says {text}");
            findings.push(Finding::error(Rule::Version, "/version", what).suggest(suggestion));
            None
        }
        _ => {
            let what = format!("{} is not a version", names::quoted(text));
            findings.push(Finding::error(Rule::Version, "/version", what).suggest(suggestion));
            None
        }
    }
}

/// Checks the size of a message with this card.
pub(crate) fn size(card: &str) -> Option<Finding> {
    let bytes = 2 * (card.encode_utf16().count() + ENVELOPE.len());
    let suggestion = "shorten strings, or repeat fewer rows and link to the rest";
    if bytes > MAX_MESSAGE_BYTES {
        let what = format!(
            "the message has {bytes} bytes as Teams counts (UTF-16); the limit is {MAX_MESSAGE_BYTES}"
        );
        return Some(Finding::error(Rule::Size, "", what).suggest(suggestion));
    }
    (bytes >= WARN_MESSAGE_BYTES).then(|| {
        let what = format!(
            "the message has {bytes} bytes as Teams counts (UTF-16), near the limit of {MAX_MESSAGE_BYTES}"
        );
        Finding::warning(Rule::Size, "", what).suggest(suggestion)
    })
}

fn scheme(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once(':')?;
    let named = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (named && !rest.is_empty()).then(|| scheme.to_ascii_lowercase())
}

/// Why an address can't be opened.
pub(crate) fn link(address: &str) -> Option<String> {
    match scheme(address).as_deref() {
        Some("javascript" | "data" | "file" | "vbscript" | "blob") => {
            Some(format!("Teams doesn't open {}", names::quoted(address)))
        }
        Some("http" | "https") if !address.contains("://") => {
            Some(format!("{} is not an absolute address", names::quoted(address)))
        }
        Some(_) => None,
        None => Some(format!("{} is not an absolute address", names::quoted(address))),
    }
}

/// Why a picture can't be loaded.
pub(crate) fn picture(address: &str) -> Option<String> {
    match scheme(address).as_deref() {
        Some("https" | "http") if address.contains("://") => None,
        Some("data") if address.to_ascii_lowercase().starts_with("data:image/") => None,
        // Teams' built-in icons
        Some("icon") => None,
        _ => Some(format!(
            "{} is not the address of a picture",
            names::quoted(address)
        )),
    }
}

/// Rules for one element or action; `button` for those in a row of buttons.
pub(crate) fn object(
    object_type: &ObjectType,
    members: &Map<String, Value>,
    pointer: &str,
    button: bool,
) -> Vec<Finding> {
    let blank = |key: &str| match members.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    let mut findings = Vec::new();
    if object_type.name == "Image" && blank("altText") {
        let what = "the image has no altText: people who can't see it get no information";
        findings.push(
            Finding::warning(Rule::AltText, pointer, what)
                .suggest("add \"altText\" that describes the image"),
        );
    }
    if button && blank("title") && blank("iconUrl") {
        let what = format!("{} has no title: an empty button", object_type.name);
        findings.push(Finding::warning(Rule::Required, pointer, what).suggest("add \"title\""));
    }
    findings
}

/// Rules for a row of buttons.
pub(crate) fn actions(items: &[Value], pointer: &str) -> Option<Finding> {
    let primary = |item: &&Value| {
        !item["mode"]
            .as_str()
            .is_some_and(|mode| mode.eq_ignore_ascii_case("secondary"))
    };
    // In a template, actions with a condition may be left out.
    let count = items
        .iter()
        .filter(|item| item.is_object() && item.get("$when").is_none())
        .filter(primary)
        .count();
    (count > MAX_ACTIONS).then(|| {
        let what = format!("{count} actions in a row; Teams shows {MAX_ACTIONS}");
        Finding::error(Rule::Teams, pointer, what)
            .suggest("give the others \"mode\": \"secondary\", or put them in an ActionSet")
    })
}

/// Rules for the whole card: ids and mentions.
#[derive(Debug, Default)]
pub(crate) struct CardRules {
    ids: BTreeMap<String, usize>,
    twice: Vec<Finding>,
    targets: Vec<(String, String)>,
}

impl CardRules {
    /// Records the id of an element or action.
    pub(crate) fn add_object(
        &mut self,
        object_type: &ObjectType,
        members: &Map<String, Value>,
        pointer: &str,
    ) {
        let Some(id) = members.get("id").and_then(Value::as_str) else {
            return;
        };
        let count = self.ids.entry(id.to_owned()).or_insert(0);
        *count += 1;
        if *count == 2 {
            let what = format!("the id {} is used twice", names::quoted(id));
            self.twice.push(
                Finding::error(Rule::Id, &step(pointer, "id"), what)
                    .suggest(format!("give this {} a unique id", object_type.name)),
            );
        }
    }

    /// Records the id of an element that an action toggles.
    pub(crate) fn add_target(&mut self, id: &str, pointer: &str) {
        self.targets.push((id.to_owned(), pointer.to_owned()));
    }

    /// Adds the findings, after all objects were recorded.
    pub(crate) fn check(&mut self, card: &Value, findings: &mut Vec<Finding>) {
        findings.append(&mut self.twice);
        for (id, pointer) in &self.targets {
            if !self.ids.contains_key(id) {
                let near = names::nearest(id, self.ids.keys().map(String::as_str));
                let suggestion = near.map_or(String::new(), |near| format!("did you mean {near:?}?"));
                let what = format!("nothing in the card has the id {}", names::quoted(id));
                findings.push(Finding::error(Rule::Id, pointer, what).suggest(suggestion));
            }
        }
        crate::mentions::check(card, findings);
    }
}
