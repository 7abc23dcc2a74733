//! Invoke activities: reading a card's `Action.Execute`, and the response bodies that Teams understands.
//!
//! The HTTP status is 200 also for errors of the application, which are in the body (Universal Actions page);
//! an invoke without a handler is 501.

use crate::activity::{Activity, ActivityKind};
use serde_json::{Value, json};

/// Name of the invoke behind `Action.Execute`.
pub const CARD_ACTION: &str = "adaptiveCard/action";

/// What a person did on a card. `Debug` prints no data.
#[derive(Clone, Copy, PartialEq)]
pub struct CardAction<'a> {
    /// The action's verb, if its author gave one; compare case-insensitively.
    pub verb: Option<&'a str>,
    /// The action's data with the card's inputs.
    pub data: Option<&'a Value>,
    /// Id of the card's message.
    pub message: Option<&'a str>,
    /// Whether a person pressed the button or the card refreshed itself.
    pub trigger: ActionTrigger,
}

impl std::fmt::Debug for CardAction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardAction")
            .field("message", &self.message)
            .field("trigger", &self.trigger)
            .finish_non_exhaustive()
    }
}

/// What started a card action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionTrigger {
    /// A person.
    Manual,
    /// The card's `refresh`.
    Automatic,
}

/// Why an activity is not a usable card action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotACardAction {
    /// Another invoke, or not an invoke.
    Other,
    /// `value.action` is missing.
    NoAction,
    /// Not an `Action.Execute`.
    NotSupported,
}

/// Reads a card action.
///
/// # Errors
/// When it is something else; [`Reply::to`] is the response.
pub fn card_action(activity: &Activity) -> Result<CardAction<'_>, NotACardAction> {
    let named = activity
        .name()
        .is_some_and(|name| name.eq_ignore_ascii_case(CARD_ACTION));
    if activity.kind() != ActivityKind::Invoke || !named {
        return Err(NotACardAction::Other);
    }
    let value = activity.value().ok_or(NotACardAction::NoAction)?;
    let action = value
        .get("action")
        .and_then(Value::as_object)
        .ok_or(NotACardAction::NoAction)?;
    if action.get("type").and_then(Value::as_str) != Some("Action.Execute") {
        return Err(NotACardAction::NotSupported);
    }
    let automatic = value.get("trigger").and_then(Value::as_str) == Some("automatic");
    Ok(CardAction {
        verb: action
            .get("verb")
            .and_then(Value::as_str)
            .filter(|verb| !verb.is_empty()),
        data: action.get("data").filter(|data| !data.is_null()),
        message: activity.reply_to(),
        trigger: if automatic {
            ActionTrigger::Automatic
        } else {
            ActionTrigger::Manual
        },
    })
}

/// An answer to an invoke. `Debug` prints no text.
#[derive(Clone, PartialEq)]
pub enum Reply {
    /// Replaces the card for the person who pressed the button.
    Card(Value),
    /// Shows a message.
    Message(String),
    /// The request was invalid; the message is shown.
    BadRequest(String),
    /// The bot failed; the message is shown.
    Failed(String),
    /// There is no handler.
    Unhandled,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Card(_) => f.write_str("Card"),
            Self::Message(text) => write!(f, "Message({} bytes)", text.len()),
            Self::BadRequest(text) => write!(f, "BadRequest({} bytes)", text.len()),
            Self::Failed(text) => write!(f, "Failed({} bytes)", text.len()),
            Self::Unhandled => f.write_str("Unhandled"),
        }
    }
}

impl Reply {
    /// The response to an activity that is not a usable card action.
    pub fn to(problem: NotACardAction) -> Self {
        match problem {
            NotACardAction::Other => Self::Unhandled,
            NotACardAction::NoAction => Self::BadRequest("value.action is missing".to_owned()),
            NotACardAction::NotSupported => Self::BadRequest("only Action.Execute is supported".to_owned()),
        }
    }

    /// HTTP status and body.
    pub fn parts(&self) -> (u16, Option<Value>) {
        let error = |status: u16, code: &str, message: &str| {
            let value = json!({"code": code, "message": message});
            body(status, "application/vnd.microsoft.error", &value)
        };
        match self {
            Self::Card(card) => body(200, "application/vnd.microsoft.card.adaptive", card),
            Self::Message(text) => body(200, "application/vnd.microsoft.activity.message", &json!(text)),
            Self::BadRequest(text) => error(400, "BadRequest", text),
            Self::Failed(text) => error(500, "InternalServerError", text),
            Self::Unhandled => (501, None),
        }
    }
}

fn body(status: u16, kind: &str, value: &Value) -> (u16, Option<Value>) {
    (
        200,
        Some(json!({"statusCode": status, "type": kind, "value": value})),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoke(value: &Value) -> Activity {
        Activity::from_value(
            json!({"type": "invoke", "name": "adaptiveCard/action", "replyToId": "17", "value": value}),
        )
        .unwrap()
    }

    #[test]
    fn a_pressed_button_is_read() {
        let value = json!({"action": {"type": "Action.Execute", "verb": "ack", "data": {"id": 7}}, "trigger": "manual"});
        let activity = invoke(&value);
        let action = card_action(&activity).unwrap();
        assert_eq!(
            (action.verb, action.message, action.trigger),
            (Some("ack"), Some("17"), ActionTrigger::Manual)
        );
        assert_eq!(action.data.unwrap()["id"], 7);
    }

    #[test]
    fn what_is_no_card_action_gets_its_answer() {
        let submit = invoke(&json!({"action": {"type": "Action.Submit"}}));
        let (status, body) = Reply::to(card_action(&submit).unwrap_err()).parts();
        assert_eq!((status, body.unwrap()["statusCode"].as_u64()), (200, Some(400)));
        assert_eq!(card_action(&invoke(&Value::Null)), Err(NotACardAction::NoAction));
        let other = Activity::from_value(json!({"type": "invoke", "name": "task/fetch"})).unwrap();
        assert_eq!(Reply::to(card_action(&other).unwrap_err()).parts(), (501, None));
    }

    #[test]
    fn bodies_are_as_teams_wants_them() {
        let (_, card) = Reply::Card(json!({"type": "AdaptiveCard"})).parts();
        assert_eq!(
            card.unwrap(),
            json!({"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": {"type": "AdaptiveCard"}})
        );
        let (status, failed) = Reply::Failed("try again".to_owned()).parts();
        assert_eq!(status, 200);
        assert_eq!(
            failed.unwrap(),
            json!({"statusCode": 500, "type": "application/vnd.microsoft.error",
                "value": {"code": "InternalServerError", "message": "try again"}})
        );
    }
}
