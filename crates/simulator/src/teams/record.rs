//! What Teams was asked and what it accepted.

use notify::{
    ids::{ConversationId, TenantId},
    ports::Moment,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// A request, whatever became of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// When the caller began.
    pub began: Moment,
    /// When Teams accepted it, if it did.
    pub accepted: Option<Moment>,
    /// Whose budget it used.
    pub tenant: TenantId,
    /// Conversation.
    pub conversation: ConversationId,
    /// The text, if it posts a message.
    pub text: Option<Arc<str>>,
}

/// The most calls for one tenant that began within any second.
pub(super) fn most_in_a_second(calls: &[Call]) -> usize {
    let mut tenants: BTreeMap<&TenantId, Vec<Moment>> = BTreeMap::new();
    for call in calls {
        tenants.entry(&call.tenant).or_default().push(call.began);
    }
    let mut most = 0;
    for began in tenants.values_mut() {
        began.sort_unstable();
        let mut start = 0;
        for end in 0..began.len() {
            while began[end].since(began[start]) >= Duration::from_secs(1) {
                start += 1;
            }
            most = most.max(end - start + 1);
        }
    }
    most
}

/// Messages accepted, by text and conversation. A conversation that was opened again is the same person's.
#[derive(Debug, Default)]
pub struct Messages {
    texts: HashMap<Arc<str>, HashMap<ConversationId, u32>>,
    total: u64,
}

impl Messages {
    pub(super) fn accept(&mut self, text: &Arc<str>, conversation: &ConversationId) {
        self.total += 1;
        let conversations = match self.texts.get_mut(text) {
            Some(conversations) => conversations,
            None => self.texts.entry(text.clone()).or_default(),
        };
        *conversations.entry(original(conversation)).or_default() += 1;
    }

    pub(super) fn of(&self, text: &str, conversation: &ConversationId) -> u32 {
        let conversations = self.texts.get(text);
        conversations
            .and_then(|conversations| conversations.get(&original(conversation)))
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn to(&self, conversation: &ConversationId) -> u32 {
        let texts = self.texts.values();
        texts
            .filter_map(|conversations| conversations.get(conversation))
            .sum()
    }

    pub(super) fn repeated(&self, text: Option<&str>) -> u64 {
        let texts = self
            .texts
            .iter()
            .filter(|(known, _)| text.is_none_or(|text| text == &***known));
        texts
            .flat_map(|(_, conversations)| conversations.values())
            .map(|count| u64::from(count.saturating_sub(1)))
            .sum()
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }
}

/// What a chat's id ends with once it was opened again.
const AGAIN: &str = "-again";

/// The chat that a person's opens as; always the same.
pub(super) fn opened_again(conversation: &ConversationId) -> ConversationId {
    ConversationId::from(format!("{}{AGAIN}", original(conversation)))
}

pub(super) fn is_opened_again(conversation: &ConversationId) -> bool {
    conversation.as_str().ends_with(AGAIN)
}

/// The chat that a person had first.
pub fn original(conversation: &ConversationId) -> ConversationId {
    match conversation.as_str().strip_suffix(AGAIN) {
        Some(first) => ConversationId::from(first),
        None => conversation.clone(),
    }
}
