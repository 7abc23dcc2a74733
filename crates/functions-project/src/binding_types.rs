//! Binding types that the host and its extension bundle know.

/// Types built into the host; everything else comes with the extension bundle.
const BUILT_IN: [&str; 4] = ["httpTrigger", "http", "timerTrigger", "warmupTrigger"];

const BUNDLED: [&str; 56] = [
    "queueTrigger",
    "queue",
    "blobTrigger",
    "blob",
    "table",
    "serviceBusTrigger",
    "serviceBus",
    "eventHubTrigger",
    "eventHub",
    "eventGridTrigger",
    "eventGrid",
    "cosmosDBTrigger",
    "cosmosDB",
    "kafkaTrigger",
    "kafka",
    "rabbitMQTrigger",
    "rabbitMQ",
    "signalRTrigger",
    "signalR",
    "signalRConnectionInfo",
    "webPubSubTrigger",
    "webPubSub",
    "webPubSubConnection",
    "webPubSubContext",
    "sendGrid",
    "twilioSms",
    "sqlTrigger",
    "sql",
    "mysqlTrigger",
    "mysql",
    "redisPubSubTrigger",
    "redisListTrigger",
    "redisStreamTrigger",
    "redis",
    "orchestrationTrigger",
    "activityTrigger",
    "entityTrigger",
    "durableClient",
    "orchestrationClient",
    "daprServiceInvocationTrigger",
    "daprTopicTrigger",
    "daprBindingTrigger",
    "daprState",
    "daprSecret",
    "daprPublish",
    "daprInvoke",
    "daprBinding",
    "mcpToolTrigger",
    "mcpResourceTrigger",
    "assistantSkillTrigger",
    "assistantCreate",
    "assistantPost",
    "assistantQuery",
    "textCompletion",
    "embeddings",
    "kustoBinding",
];

/// Where a binding type comes from.
pub(super) enum BindingOrigin {
    BuiltIn,
    Bundle,
    Unknown,
}

/// The type as the host spells it, and where it comes from.
pub(super) fn origin(kind: &str) -> (Option<&'static str>, BindingOrigin) {
    let known = |list: &[&'static str]| {
        list.iter()
            .copied()
            .find(|known| known.eq_ignore_ascii_case(kind))
    };
    if let Some(name) = known(&BUILT_IN) {
        (Some(name), BindingOrigin::BuiltIn)
    } else if let Some(name) = known(&BUNDLED) {
        (Some(name), BindingOrigin::Bundle)
    } else {
        (None, BindingOrigin::Unknown)
    }
}

/// The known type nearest in spelling, if it is near.
pub(super) fn nearest(kind: &str) -> Option<&'static str> {
    let kind = kind.to_lowercase();
    BUILT_IN
        .iter()
        .chain(&BUNDLED)
        .map(|known| (distance(&kind, &known.to_lowercase()), *known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, known)| known)
}

/// Levenshtein distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let cost = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = cost.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_near_misses_only() {
        assert_eq!(nearest("httpTriger"), Some("httpTrigger"));
        assert_eq!(nearest("timmerTrigger"), Some("timerTrigger"));
        assert_eq!(nearest("somethingElseEntirely"), None);
        assert!(matches!(
            origin("QUEUETRIGGER"),
            (Some("queueTrigger"), BindingOrigin::Bundle)
        ));
    }
}
