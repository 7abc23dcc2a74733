//! Names of everything stored. They are a contract between versions of this program.

use crate::{
    ids::{BotId, NotificationId, TenantId},
    lane::Lane,
    person::PersonHash,
    request::Priority,
};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Prefix of the notifications that wait for a planner.
pub(crate) const PLANNING: &str = "planning/";
/// Prefix of the notifications that stand still: the reconciler ends them when they expire.
pub(crate) const STOPPED: &str = "stopped/";
/// Prefix of all notifications.
pub(crate) const NOTIFICATIONS: &str = "notifications/";

pub(crate) fn planning(id: &NotificationId) -> String {
    format!("{PLANNING}{id}")
}

pub(crate) fn stopped(id: &NotificationId) -> String {
    format!("{STOPPED}{id}")
}

pub(crate) fn notification(id: &NotificationId) -> String {
    format!("{NOTIFICATIONS}{id}/notification.json")
}

/// Everything about one notification.
pub(crate) fn notification_prefix(id: &NotificationId) -> String {
    format!("{NOTIFICATIONS}{id}/")
}

/// Everything about one lane's part.
pub(crate) fn part_prefix(id: &NotificationId, lane: &Lane) -> String {
    format!("{NOTIFICATIONS}{id}/{}/", lane.segment())
}

// Numbers have leading zeros so that a listing returns them in their order.
pub(crate) fn audience(id: &NotificationId, lane: &Lane, chunk: u32) -> String {
    format!("{}audience/{chunk:06}.ndjson", part_prefix(id, lane))
}

/// The notification of an audience chunk's name; `None` for any other name.
pub(crate) fn audience_of(name: &str) -> Option<NotificationId> {
    let (id, rest) = name.strip_prefix(NOTIFICATIONS)?.split_once('/')?;
    let (_, file) = rest.split_once('/')?;
    file.starts_with("audience/").then(|| NotificationId::from(id))
}

pub(crate) fn ledger(id: &NotificationId, lane: &Lane, chunk: u32) -> String {
    format!("{}ledger/{chunk:06}", part_prefix(id, lane))
}

pub(crate) fn done(id: &NotificationId, lane: &Lane) -> String {
    format!("{}done", part_prefix(id, lane))
}

/// Overwritten whenever there is new unfinished work of a bot.
pub(crate) fn bot_signal(bot: &BotId) -> String {
    format!("signals/{}", bot_segment(bot))
}

/// Everything of a bot's persons.
pub(crate) fn persons_of_bot(bot: &BotId) -> String {
    format!("persons/{}/", bot_segment(bot))
}

/// A tenant's persons who differ from the default.
pub(crate) fn persons(bot: &BotId, tenant: &TenantId) -> String {
    format!("{}{}/", persons_of_bot(bot), escape(tenant.as_str()))
}

/// One of them.
pub(crate) fn person(bot: &BotId, tenant: &TenantId, person: PersonHash) -> String {
    format!("{}{person}", persons(bot, tenant))
}

/// What a bot signs its buttons with.
pub(crate) fn signing_key(bot: &BotId) -> String {
    format!("keys/{}", bot_segment(bot))
}

/// Notifications by time of acceptance: for lists and for retention.
pub(crate) fn timeline(bot: &BotId) -> String {
    format!("timeline/{}/", bot_segment(bot))
}

pub(crate) fn timeline_entry(bot: &BotId, created_at: Timestamp, id: &NotificationId) -> String {
    format!("{}{}-{id}", timeline(bot), stamp(created_at))
}

/// The newest notification of a timer.
pub(crate) fn timer(bot: &BotId, function: &str) -> String {
    format!("timers/{}/{}", bot_segment(bot), escape(function))
}

pub(crate) fn lanes(bot: &BotId) -> String {
    format!("lanes/{}/", bot_segment(bot))
}

pub(crate) fn lease(bot: &BotId, lane: &Lane) -> String {
    format!("{}{}/lease", lanes(bot), lane.segment())
}

pub(crate) fn change_signal(bot: &BotId, lane: &Lane) -> String {
    format!("{}{}/bell", lanes(bot), lane.segment())
}

pub(crate) fn work(bot: &BotId, lane: &Lane) -> String {
    format!("{}{}/work/", lanes(bot), lane.segment())
}

/// A work item; the order of names is the schedule.
pub(crate) fn work_item(
    bot: &BotId,
    lane: &Lane,
    priority: Priority,
    created_at: Timestamp,
    id: &NotificationId,
) -> String {
    let digit = match priority {
        Priority::Urgent => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    };
    format!("{}{digit}-{}-{id}", work(bot, lane), stamp(created_at))
}

/// What a work item's last segment says.
pub(crate) fn parse_work_item(segment: &str) -> Option<(Priority, NotificationId)> {
    let mut fields = segment.splitn(3, '-');
    let priority = match fields.next()? {
        "0" => Priority::Urgent,
        "1" => Priority::Normal,
        "2" => Priority::Low,
        _ => return None,
    };
    fields.next()?;
    Some((priority, NotificationId::from(fields.next()?)))
}

/// Digits of a time in a name.
pub(crate) const STAMP_DIGITS: usize = 15;

/// Milliseconds since 1970 with leading zeros: sorts as time does.
fn stamp(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

fn bot_segment(bot: &BotId) -> String {
    if bot.as_str().is_empty() {
        "_local".to_owned()
    } else {
        escape(bot.as_str())
    }
}

/// What is encoded in a segment of a name. Part of the contract between versions.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Makes a text safe as one segment of a name.
pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The text that [`escape`] was given.
pub(crate) fn unescape(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_items_sort_by_priority_then_by_time() {
        let (bot, lane) = (BotId::from("b"), Lane::Connector("t/1".into()));
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let id = NotificationId::from("11111111-aaaa");
        let first = work_item(&bot, &lane, Priority::Urgent, at(5_000_000_000_000), &id);
        let second = work_item(&bot, &lane, Priority::Normal, at(999), &id);
        let third = work_item(&bot, &lane, Priority::Normal, at(1_000), &id);
        assert!(first < second && second < third);
        let segment = third.rsplit('/').next().unwrap();
        assert_eq!(parse_work_item(segment), Some((Priority::Normal, id)));
    }

    #[test]
    fn segments_are_written_as_earlier_versions_wrote_them() {
        for (text, segment) in [
            ("", ""),
            (
                "7e4a2222-2222-4222-8222-000000000002",
                "7e4a2222-2222-4222-8222-000000000002",
            ),
            ("_unknown", "_unknown"),
            ("A.b-C_9", "A.b-C_9"),
            ("a/b", "a%2Fb"),
            ("a%2Fb", "a%252Fb"),
            ("~!*'()", "%7E%21%2A%27%28%29"),
            (" +@:;=&?#\\", "%20%2B%40%3A%3B%3D%26%3F%23%5C"),
            ("\t\u{7f}", "%09%7F"),
            ("\u{fc}\u{1f389}", "%C3%BC%F0%9F%8E%89"),
        ] {
            assert_eq!(escape(text), segment);
            assert_eq!(unescape(segment), text);
        }
    }

    #[test]
    fn odd_tenants_stay_one_segment() {
        for text in ["a/b", "ü%41", "", "7e4a2222-2222-4222-8222-000000000002"] {
            assert!(!escape(text).contains('/'));
            assert_eq!(unescape(&escape(text)), text);
        }
    }
}
