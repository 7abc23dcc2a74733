//! The rate is kept, and Retry-After is obeyed.

use super::LocalBot;
use crate::support::{
    activities::personal,
    connector::{Call, Reply},
    notification::count,
};
use serde_json::json;
use std::time::{Duration, Instant};

/// Most calls within any second.
fn most_in_a_second(times: &[Instant]) -> usize {
    let within = |start: &Instant| {
        times
            .iter()
            .filter(|at| **at >= *start && **at - *start < Duration::from_secs(1))
            .count()
    };
    times.iter().map(within).max().unwrap_or(0)
}

/// The rate holds where permits are given. On the way to here a few calls bunch up, more so when this process itself
/// has to wait for a processor: the quietest of a few runs is what counts, and a rate that is not kept shows in all.
const RUNS: usize = 4;
/// What 20 a second may look like at the receiver.
const MOST: usize = 24;

async fn quietest(bot: &LocalBot, notifications: usize, messages: usize) {
    let mut seen = Vec::new();
    for _ in 0..RUNS {
        let before = bot.connector.messages().len();
        let mut ids = Vec::new();
        for n in 0..notifications {
            ids.push(
                bot.handler
                    .accepts(&json!({ "text": format!("notification {n}") }))
                    .await,
            );
        }
        for id in &ids {
            bot.handler.ends(id).await;
        }
        let mut times: Vec<_> = bot
            .connector
            .messages()
            .into_iter()
            .skip(before)
            .map(|call| call.at)
            .collect();
        times.sort();
        assert_eq!(times.len(), messages);
        let took = times[messages - 1] - times[0];
        assert!(
            took < Duration::from_secs(20),
            "{messages} at 20 a second do not take {took:?}"
        );
        seen.push((most_in_a_second(&times), took));
        // All but the first second's worth are spread over time.
        let least = Duration::from_millis((messages as u64 - 24) * 50);
        if seen
            .last()
            .is_some_and(|(most, took)| *most <= MOST && *took >= least)
        {
            return;
        }
    }
    panic!("no run kept to 20 a second (most in a second, time for {messages}): {seen:?}");
}

#[tokio::test]
async fn no_second_sees_more_than_the_rate() {
    let bot = LocalBot::with_people(70, &[("NOTIFICATION_RATE", "20")]).await;
    quietest(&bot, 1, 70).await;
}

#[tokio::test]
async fn two_notifications_share_the_rate() {
    let bot = LocalBot::with_people(30, &[("NOTIFICATION_RATE", "20")]).await;
    quietest(&bot, 2, 60).await;
}

fn attempts(bot: &LocalBot) -> Vec<Call> {
    bot.connector
        .calls()
        .into_iter()
        .filter(|call| call.conversation == personal(1))
        .collect()
}

#[tokio::test]
async fn retry_after_is_obeyed_to_the_second() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.connector.script(&personal(1), [Reply::throttled(3)]);
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    let attempts = attempts(&bot);
    assert_eq!(attempts.len(), 2);
    let pause = attempts[1].at - attempts[0].at;
    assert!(
        pause >= Duration::from_millis(2990) && pause < Duration::from_secs(8),
        "{pause:?}"
    );
}

#[tokio::test]
async fn a_throttled_conversation_gets_its_message_in_the_end() {
    let bot = LocalBot::with_people(10, &[]).await;
    bot.connector.script(
        &personal(4),
        [Reply::throttled(1), Reply::throttled(1), Reply::throttled(1)],
    );
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(count(&status, "delivered"), 10, "{status}");
    let line = bot.handler.outcome(&id, &personal(4)).await;
    assert_eq!(line["attempts"], 4, "{line}");
}
