//! What the schema's tables can't say: versions, sizes, addresses, pictures' texts, ids, mentions, Teams' own limits.

use crate::{
    check::{LARGEST, NEARLY},
    finding::{Finding, Rule},
    marks::{self, step},
    names,
    schema::{Kind, TEAMS},
    strings,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most buttons that Teams shows in one row of actions.
const MOST_ACTIONS: usize = 6;

/// What stands around a card in the shortest activity that carries it.
const ENVELOPE: &str = r#"{"type":"message","conversation":{"id":""},"attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":}]}"#;

/// The number after `1.` of the card's version.
pub(crate) fn version(value: Option<&Value>, findings: &mut Vec<Finding>) -> Option<u8> {
    let mend = format!("write \"version\": \"1.{TEAMS}\"");
    let text = match value {
        None | Some(Value::Null) => {
            let what = "the card has no version, and clients then draw nothing";
            findings.push(Finding::error(Rule::Version, "", what).mend(mend));
            return None;
        }
        Some(Value::String(text)) => text,
        Some(other) => {
            let what = format!("a version is a text, found {}", names::kind(other));
            findings.push(Finding::error(Rule::Version, "/version", what).mend(mend));
            return None;
        }
    };
    if strings::is_dynamic(text) || marks::is_incomplete(text) {
        return None;
    }
    let parsed = text
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u8>().ok()?, minor.parse::<u8>().ok()?)));
    match parsed {
        Some((1, minor)) if minor <= TEAMS => Some(minor),
        Some((1, _)) | Some((2.., _)) => {
            let what = format!("Teams draws cards up to version 1.{TEAMS}, the card says {text}");
            findings.push(Finding::error(Rule::Version, "/version", what).mend(mend));
            None
        }
        _ => {
            let what = format!("{} is not a version", names::quoted(text));
            findings.push(Finding::error(Rule::Version, "/version", what).mend(mend));
            None
        }
    }
}

/// The size of the message that carries a card of this text.
pub(crate) fn size(card: &str) -> Option<Finding> {
    let bytes = 2 * (card.encode_utf16().count() + ENVELOPE.len());
    let mend = "shorten texts, or repeat fewer rows and link to the rest";
    if bytes > LARGEST {
        let what = format!("the message has {bytes} bytes as Teams counts (UTF-16); the limit is {LARGEST}");
        return Some(Finding::error(Rule::Size, "", what).mend(mend));
    }
    (bytes >= NEARLY).then(|| {
        let what =
            format!("the message has {bytes} bytes as Teams counts (UTF-16), near the limit of {LARGEST}");
        Finding::warning(Rule::Size, "", what).mend(mend)
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
            Some(format!("{} is not a whole address", names::quoted(address)))
        }
        Some(_) => None,
        None => Some(format!("{} is not a whole address", names::quoted(address))),
    }
}

/// Why a picture can't be loaded.
pub(crate) fn picture(address: &str) -> Option<String> {
    match scheme(address).as_deref() {
        Some("https" | "http") if address.contains("://") => None,
        Some("data") if address.to_ascii_lowercase().starts_with("data:image/") => None,
        // Teams' own names of built-in icons
        Some("icon") => None,
        _ => Some(format!(
            "{} is not the address of a picture",
            names::quoted(address)
        )),
    }
}

/// Rules about one element or action; `button` for those that stand in a row of buttons.
pub(crate) fn object(kind: &Kind, members: &Map<String, Value>, pointer: &str, button: bool) -> Vec<Finding> {
    let blank = |key: &str| match members.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    let mut findings = Vec::new();
    if kind.name == "Image" && blank("altText") {
        let what = "the image has no altText: who can't see it learns nothing";
        findings.push(
            Finding::warning(Rule::AltText, pointer, what).mend("add \"altText\" with what the image says"),
        );
    }
    if button && blank("title") && blank("iconUrl") {
        let what = format!("{} has no title: an empty button", kind.name);
        findings.push(Finding::warning(Rule::Required, pointer, what).mend("add \"title\""));
    }
    findings
}

/// Rules about a row of buttons.
pub(crate) fn actions(items: &[Value], pointer: &str) -> Option<Finding> {
    let primary = |item: &&Value| {
        !item["mode"]
            .as_str()
            .is_some_and(|mode| mode.eq_ignore_ascii_case("secondary"))
    };
    // In a template, what a condition guards may not be there.
    let count = items
        .iter()
        .filter(|item| item.is_object() && item.get("$when").is_none())
        .filter(primary)
        .count();
    (count > MOST_ACTIONS).then(|| {
        let what = format!("{count} actions in a row; Teams shows {MOST_ACTIONS}");
        Finding::error(Rule::Teams, pointer, what)
            .mend("give the others \"mode\": \"secondary\", or put them in an ActionSet")
    })
}

/// What only the whole card tells: ids and mentions.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    ids: BTreeMap<String, usize>,
    twice: Vec<Finding>,
    targets: Vec<(String, String)>,
}

impl Whole {
    /// An element or action was met.
    pub(crate) fn meet(&mut self, kind: &Kind, members: &Map<String, Value>, pointer: &str) {
        let Some(id) = members.get("id").and_then(Value::as_str) else {
            return;
        };
        let count = self.ids.entry(id.to_owned()).or_insert(0);
        *count += 1;
        if *count == 2 {
            let what = format!("the id {} stands twice", names::quoted(id));
            self.twice.push(
                Finding::error(Rule::Id, &step(pointer, "id"), what)
                    .mend(format!("give this {} an id of its own", kind.name)),
            );
        }
    }

    /// An action toggles an element.
    pub(crate) fn target(&mut self, id: &str, pointer: &str) {
        self.targets.push((id.to_owned(), pointer.to_owned()));
    }

    /// The findings, once the card was walked through.
    pub(crate) fn check(&mut self, card: &Value, findings: &mut Vec<Finding>) {
        findings.append(&mut self.twice);
        for (id, pointer) in &self.targets {
            if !self.ids.contains_key(id) {
                let near = names::nearest(id, self.ids.keys().map(String::as_str));
                let mend = near.map_or(String::new(), |near| format!("did you mean {near:?}?"));
                let what = format!("nothing in the card has the id {}", names::quoted(id));
                findings.push(Finding::error(Rule::Id, pointer, what).mend(mend));
            }
        }
        crate::mentions::check(card, findings);
    }
}
