//! Parses the parts of an outgoing activity that the connector checks, and measures it. The JSON is stored as received.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Reply, errors};

/// Documented limit of a message, in bytes of UTF-16.
pub(crate) const MESSAGE_LIMIT: usize = 100 * 1024;
/// Limit of an HTTP body, in bytes, as observed.
pub(crate) const BODY_LIMIT: usize = 262_144;

/// What kind of activity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutgoingKind {
    Message,
    Typing,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(default)]
    from: Option<Account>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(default)]
    attachments: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    suggested_actions: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    id: Option<String>,
}

/// Body of create conversation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateBody {
    #[serde(default)]
    pub(crate) is_group: Option<bool>,
    #[serde(default)]
    pub(crate) members: Option<Vec<CreateMember>>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    channel_data: Option<CreateChannelData>,
    #[serde(default)]
    pub(crate) activity: Option<Box<serde_json::value::RawValue>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CreateMember {
    pub(crate) id: String,
}

#[derive(Debug, Deserialize)]
struct CreateChannelData {
    #[serde(default)]
    channel: Option<Identified>,
    #[serde(default)]
    tenant: Option<Identified>,
}

#[derive(Debug, Deserialize)]
struct Identified {
    #[serde(default)]
    id: Option<String>,
}

impl CreateBody {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Reply> {
        must_be_an_object(body)?;
        serde_json::from_slice(body)
            .map_err(|error| errors::bad_syntax(&format!("Could not parse body: {error}")))
    }

    pub(crate) fn tenant_id(&self) -> Option<&str> {
        let nested = self
            .channel_data
            .as_ref()
            .and_then(|data| data.tenant.as_ref()?.id.as_deref());
        self.tenant_id.as_deref().or(nested).filter(|id| !id.is_empty())
    }

    pub(crate) fn channel_id(&self) -> Option<&str> {
        self.channel_data.as_ref()?.channel.as_ref()?.id.as_deref()
    }
}

/// Serde would also accept an array, field by field.
fn must_be_an_object(body: &[u8]) -> Result<(), Reply> {
    match body.trim_ascii_start().first() {
        None => Err(errors::bad_syntax("The request body is empty.")),
        Some(b'{') => Ok(()),
        Some(_) => Err(errors::bad_syntax("The request body is not a JSON object.")),
    }
}

/// Checks an activity in Teams' order: syntax, size, then whether it has content.
pub(crate) fn read_activity(body: &[u8]) -> Result<OutgoingKind, Reply> {
    must_be_an_object(body)?;
    let text = std::str::from_utf8(body).map_err(|_| errors::bad_syntax("The body is not UTF-8."))?;
    if measure(text) > MESSAGE_LIMIT {
        return Err(errors::too_big());
    }
    let activity: Outgoing<'_> = serde_json::from_str(text)
        .map_err(|error| errors::bad_syntax(&format!("Could not parse activity: {error}")))?;
    let kind = match activity.kind.as_deref() {
        Some("message") => OutgoingKind::Message,
        Some("typing") => OutgoingKind::Typing,
        Some(other) => return Err(errors::bad_syntax(&format!("Unknown activity type: {other}"))),
        None => return Err(errors::bad_syntax("Activity.Type field is required")),
    };
    if activity
        .from
        .and_then(|from| from.id)
        .is_none_or(|id| id.is_empty())
    {
        return Err(errors::bad_syntax("Activity.From field is required"));
    }
    let has_text = activity.text.is_some_and(|text| !text.trim().is_empty());
    let has_more =
        activity.attachments.is_some_and(|list| !list.is_empty()) || activity.suggested_actions.is_some();
    if kind == OutgoingKind::Message && !has_text && !has_more {
        return Err(errors::bad_syntax("No valid activities found"));
    }
    Ok(kind)
}

/// True if the activity says which activity it answers.
pub(crate) fn is_an_answer(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answering<'a> {
        #[serde(borrow, default)]
        reply_to_id: Option<Cow<'a, str>>,
    }
    serde_json::from_slice::<Answering<'_>>(body)
        .is_ok_and(|activity| activity.reply_to_id.is_some_and(|id| !id.is_empty()))
}

/// Size as Teams counts it: UTF-16 of the whole post, without base64 images.
pub(crate) fn measure(text: &str) -> usize {
    // A string never has more UTF-16 units than UTF-8 bytes.
    if text.len() * 2 <= MESSAGE_LIMIT {
        return text.len() * 2;
    }
    2 * (text.encode_utf16().count() - inline_images(text))
}

/// Bytes (all ASCII) of `data:image/…;base64,…` URLs.
fn inline_images(text: &str) -> usize {
    text.match_indices("data:image/")
        .map(|(at, _)| {
            let end = text[at..].find(['"', '\\', ')', ' ']).unwrap_or(text.len() - at);
            let url = &text[at..at + end];
            if url.contains(";base64,") { url.len() } else { 0 }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_counted_in_utf16_without_inline_images() {
        let text = "ä".repeat(51_200);
        assert_eq!(measure(&text), 102_400);
        assert_eq!(measure(&"🔥".repeat(30_000)), 120_000);
        let image = format!("{{\"url\":\"data:image/png;base64,{}\"}}", "A".repeat(200_000));
        assert!(measure(&image) < 100, "{}", measure(&image));
    }

    #[test]
    fn create_bodies_give_their_tenant_from_either_place() {
        let read = |body: &str| CreateBody::read(body.as_bytes()).unwrap();
        assert_eq!(read(r#"{"tenantId":"a"}"#).tenant_id(), Some("a"));
        assert_eq!(
            read(r#"{"channelData":{"tenant":{"id":"b"}}}"#).tenant_id(),
            Some("b")
        );
        assert_eq!(
            read(r#"{"channelData":{"channel":{"id":"c"}}}"#).channel_id(),
            Some("c")
        );
        assert!(CreateBody::read(b"[]").is_err());
    }
}
