//! Where an activity came from: the conversation, the person, their language. And what they may change about themselves.

use crate::bot::NotificationBot;
use jiff::Timestamp;
use notify::{
    change::{self, Change},
    ids::{ConversationId, EntraId, ServiceUrl, TenantId, UserId},
    persons::{self, Preference},
    ports::StoreError,
    recipient::Recipient,
    target::{Scope, TargetKey},
};
use teams::{
    activity::{Account, Activity},
    capture,
};

/// A person as an activity names them. `Debug` prints ids only.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Teams' id for this bot (`29:…`).
    pub id: UserId,
    /// The Entra object id, where Teams says it.
    pub entra: Option<EntraId>,
    /// The display name. Never to be logged.
    pub name: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.id)
    }
}

impl Person {
    pub(crate) fn of(account: Account<'_>) -> Option<Self> {
        Some(Self {
            id: account.id()?.into(),
            entra: account.entra().map(Into::into),
            name: account.name().map(str::to_owned),
        })
    }
}

/// Where an activity came from. `Debug` prints ids only.
#[derive(Clone, PartialEq)]
pub struct Origin {
    key: TargetKey,
    scope: Scope,
    at: Timestamp,
    conversation: ConversationId,
    service_url: ServiceUrl,
    person: Option<Person>,
    locale: Option<String>,
    time_zone: Option<String>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin")
            .field("scope", &self.scope)
            .field("tenant", &self.key.tenant)
            .field("conversation", &self.conversation)
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

impl Origin {
    /// For log lines of what is done because of the activity: ids only.
    pub(crate) fn span(&self) -> tracing::Span {
        tracing::error_span!("activity", conversation_id = %self.conversation, tenant_id = %self.key.tenant)
    }

    pub(crate) fn of(bot: &NotificationBot, activity: &Activity) -> Option<Self> {
        let (key, scope) = capture::subject(activity, bot.identity()).ok()?;
        Some(Self {
            scope,
            at: capture::sent_at(activity, bot.clock().wall()),
            conversation: activity.conversation_property("id")?.into(),
            service_url: activity.service_url().unwrap_or_default().into(),
            person: activity.from().and_then(Person::of),
            locale: activity.locale().map(str::to_owned),
            time_zone: activity.time_zone().map(str::to_owned),
            key,
        })
    }

    /// What installations are told apart by.
    pub(crate) fn key(&self) -> &TargetKey {
        &self.key
    }

    /// Kind of conversation.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The conversation, with the thread where it has one: what [`Audience::conversations`](crate::Audience) takes.
    pub fn conversation(&self) -> &ConversationId {
        &self.conversation
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.key.tenant
    }

    /// Who did it, where Teams says so.
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// Their language, for instance `de-AT`.
    pub fn locale(&self) -> Option<&str> {
        self.locale.as_deref()
    }

    /// Their IANA time zone.
    pub fn time_zone(&self) -> Option<&str> {
        self.time_zone.as_deref()
    }

    /// Records whether notifications are wanted. In a personal chat it is the person who wants them or not, in whichever of
    /// their chats with the bot: later notifications keep to it, and so do those under way, as no message to them begins
    /// more than five seconds after this returned. In any other conversation later notifications keep to it. Confirm it
    /// afterwards.
    ///
    /// # Errors
    /// When the store fails: say so to them, it may not hold.
    pub async fn set_preference(
        &self,
        bot: &NotificationBot,
        preference: Preference,
    ) -> Result<(), StoreError> {
        if self.scope == Scope::Personal {
            let person = self.person.as_ref();
            let user = person.map(|person| &person.id);
            let entra = person.and_then(|person| person.entra.as_ref());
            let person = persons::Person::in_chat(&self.key, user, entra);
            let service = bot.service();
            return service
                .set_preference(&person, Some(&self.key), preference, self.at)
                .await;
        }
        let change = Change {
            key: self.key.clone(),
            at: self.at,
            event: preference.event(),
        };
        change::record(bot.references(), &change, bot.clock().wall())
            .await
            .map(drop)
    }

    /// The person or place as card templates and the connector see a recipient.
    pub(crate) fn recipient(&self) -> Recipient {
        let person = self.person.as_ref();
        Recipient {
            n: 0,
            tenant: self.key.tenant.clone(),
            conversation: self.conversation.clone(),
            root: None,
            fallback: notify::recipient::Fallback::None,
            service_url: self.service_url.clone(),
            scope: self.scope,
            user: person.map(|person| person.id.clone()),
            entra: person.and_then(|person| person.entra.clone()),
            team: None,
            name: person.and_then(|person| person.name.clone()),
            locale: self.locale.clone(),
            version: None,
            certainty: notify::recipient::Certainty::Known,
            block: notify::recipient::BlockMark::None,
            activity: None,
            settled: None,
        }
    }
}

#[cfg(test)]
impl Origin {
    /// In a personal chat, of somebody whose client says these words of itself.
    pub(crate) fn by(person: Person, words: &str) -> Self {
        Self {
            key: TargetKey {
                bot: "bot".into(),
                tenant: "tenant".into(),
                root: "a:1".into(),
            },
            scope: Scope::Personal,
            at: Timestamp::UNIX_EPOCH,
            conversation: "a:1".into(),
            service_url: "https://smba.trafficmanager.net/emea/".into(),
            person: Some(person),
            locale: Some(words.to_owned()),
            time_zone: Some(words.to_owned()),
        }
    }
}
