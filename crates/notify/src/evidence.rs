//! What an answer of Teams is about, and what a lane waits for. An answer is about its subject: what may speak of more
//! than its recipient settles nothing by itself, see the worker's evidence. No port comes in.

pub mod numbers;
mod waiting;

pub use waiting::Waiting;
pub(crate) use waiting::{later, since};

use crate::ports::{Answer, Verdict};
use serde::{Deserialize, Serialize};

/// What an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// This message, or this recipient at this moment.
    Message,
    /// The person.
    Person,
    /// The conversation.
    Conversation,
    /// Perhaps all that this bot sends to the tenant, or all that the service does.
    Wider(Cause),
    /// Nothing at all: neither that something works nor that it doesn't.
    Nothing,
}

/// Why all that goes to a tenant may have to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// Teams refuses the bot's credentials, or Entra gives no token for them.
    Credentials,
    /// The app is not allowed.
    NotAllowed,
    /// The stored ids belong to another bot.
    WrongBot,
    /// Refusals that Teams does not explain.
    Refused,
    /// Teams' service fails, or something else answers in its place.
    Service,
    /// Teams, or Entra, can't be reached.
    Network,
}

impl Cause {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::NotAllowed => "not-allowed",
            Self::WrongBot => "wrong-bot",
            Self::Refused => "refused",
            Self::Service => "service",
            Self::Network => "network",
        }
    }

    /// For people, with what to do.
    pub fn public_message(self) -> &'static str {
        match self {
            Self::Credentials => {
                "Teams or Entra refuses the bot's credentials: check BOT_ID, BOT_TYPE and its secret or identity"
            }
            Self::NotAllowed => {
                "the app is not allowed in this tenant: have it allowed in the Teams admin center"
            }
            Self::WrongBot => "the stored conversations belong to another bot: check BOT_ID",
            Self::Refused => "Teams refuses everything without saying why, as in an incident",
            Self::Service => "Teams' service fails, or a gateway answers in its place",
            Self::Network => "Teams can't be reached: check DNS, proxy, firewall and certificates",
        }
    }

    /// Whether one answer is enough while nothing is delivered: it can't be about the recipient.
    pub(crate) fn speaks_at_once(self) -> bool {
        matches!(self, Self::Credentials | Self::Network)
    }

    /// Whether an answer about a single recipient shows that it is over.
    pub(crate) fn ends_with_any_word_of_teams(self) -> bool {
        matches!(self, Self::Credentials | Self::Service | Self::Network)
    }

    /// Whether only a human can end it: the app must be allowed, or Entra names something that no time heals.
    pub fn needs_a_human(self, code: Option<&str>) -> bool {
        match self {
            Self::NotAllowed => true,
            Self::Credentials => code.is_some_and(|code| {
                let mut words = code.split(|c: char| !c.is_ascii_alphanumeric());
                words.any(|word| numbers::FOR_HUMANS.contains(&word))
            }),
            Self::WrongBot | Self::Refused | Self::Service | Self::Network => false,
        }
    }
}

impl Answer {
    /// What it is about.
    pub fn subject(&self) -> Subject {
        match &self.verdict {
            Verdict::Delivered(_) | Verdict::Throttled { .. } | Verdict::OnceMore => Subject::Nothing,
            Verdict::MessageGone | Verdict::Rejected | Verdict::WrongAddress { .. } => Subject::Message,
            Verdict::Blocked => Subject::Person,
            Verdict::Uninstalled | Verdict::NotFound => Subject::Conversation,
            Verdict::Disallowed => Subject::Wider(Cause::NotAllowed),
            Verdict::WrongBot => Subject::Wider(Cause::WrongBot),
            Verdict::Unauthorized => Subject::Wider(Cause::Credentials),
            Verdict::Failed => Subject::Wider(Cause::Refused),
            // Our own store failed: nothing was asked of Teams.
            Verdict::NotNow { .. } if self.code.as_deref() == Some(Self::STORE) => Subject::Nothing,
            Verdict::NotNow { .. } | Verdict::Ambiguous => match self.status {
                // Another operation on the same conversation is under way.
                Some(412) => Subject::Message,
                // A page of something in between, or a reply that broke off: the message may be there.
                Some(200..300) => Subject::Nothing,
                Some(_) => Subject::Wider(Cause::Service),
                None => Subject::Wider(Cause::Network),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(verdict: Verdict, status: Option<u16>) -> Answer {
        Answer {
            verdict,
            status,
            code: None,
        }
    }

    #[test]
    fn an_answer_is_about_its_subject() {
        let not_now = Verdict::NotNow { retry_after: None };
        for (verdict, status, subject) in [
            (Verdict::Delivered(None), Some(201), Subject::Nothing),
            (Verdict::Rejected, Some(413), Subject::Message),
            (Verdict::WrongAddress { named: None }, Some(403), Subject::Message),
            (Verdict::Blocked, Some(403), Subject::Person),
            (Verdict::NotFound, Some(404), Subject::Conversation),
            (
                Verdict::Unauthorized,
                Some(401),
                Subject::Wider(Cause::Credentials),
            ),
            (Verdict::Disallowed, Some(403), Subject::Wider(Cause::NotAllowed)),
            (Verdict::Failed, Some(407), Subject::Wider(Cause::Refused)),
            (not_now.clone(), Some(412), Subject::Message),
            (not_now.clone(), Some(503), Subject::Wider(Cause::Service)),
            (not_now, None, Subject::Wider(Cause::Network)),
            (Verdict::Ambiguous, Some(200), Subject::Nothing),
            (Verdict::Ambiguous, Some(502), Subject::Wider(Cause::Service)),
            (Verdict::Ambiguous, None, Subject::Wider(Cause::Network)),
        ] {
            assert_eq!(
                answer(verdict.clone(), status).subject(),
                subject,
                "{verdict:?} {status:?}"
            );
        }
    }

    #[test]
    fn only_some_of_entras_numbers_need_a_human() {
        for (code, needs) in [
            ("invalid_client/AADSTS7000215", true),
            ("AADSTS700016", true),
            ("invalid_client/AADSTS70002151", false),
            ("temporarily_unavailable/AADSTS90033", false),
            ("BotNotRegistered", false),
        ] {
            assert_eq!(Cause::Credentials.needs_a_human(Some(code)), needs, "{code}");
        }
        assert!(!Cause::Credentials.needs_a_human(None));
        assert!(Cause::NotAllowed.needs_a_human(None));
    }
}
