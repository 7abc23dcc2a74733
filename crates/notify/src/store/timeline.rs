//! `timeline/`: notifications by the time of their acceptance. An entry is made when a notification is planned; at its
//! end what a list shows of it is written into the entry's metadata, so that a page of ended notifications costs one
//! listing. A listing runs forwards only: [`Backwards`] walks by windows of time, which are prefixes of the names.

use crate::{
    ids::{BotId, NotificationId},
    notification::Notification,
    ports::{Entry, ObjectStore, Ports, StoreError, WriteError, WriteIf},
    request::NotificationKind,
    store::keys,
    store::ledger::{StoredSums, Sums},
    store::record::Version,
};
use bytes::Bytes;
use jiff::Timestamp;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// What an entry says of a notification that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) kind: NotificationKind,
    pub(crate) created_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) end: End,
    pub(crate) sums: Sums,
}

/// How a notification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Finished,
    Cancelled,
}

/// Enters a notification that is planned, or stopped before it could be. An entry that is there stays as it is.
pub(crate) async fn enter(ports: &Ports, notification: &Notification) -> Result<(), StoreError> {
    // One that ended for want of recipients is entered as it ended.
    let metadata = match notification.plan.as_ref().map(crate::notification::Plan::total) {
        Some(0) => metadata_of(notification, &Sums::default()),
        _ => BTreeMap::new(),
    };
    write(ports, notification, metadata, WriteIf::Absent).await
}

/// Writes what became of a notification into its entry. A list reads the notification itself where this was not
/// written, so a failure costs a list some requests and is not repeated.
pub(crate) async fn complete(ports: &Ports, notification: &Notification, sums: &Sums) {
    if let Err(error) = enter_end(ports, notification, sums).await {
        tracing::warn!(notification_id = %notification.id, %error, "the entry in the list of notifications was not completed");
    }
}

/// Enters a notification that has ended, with what became of it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn enter_end(
    ports: &Ports,
    notification: &Notification,
    sums: &Sums,
) -> Result<(), StoreError> {
    match metadata_of(notification, sums) {
        metadata if metadata.is_empty() => Ok(()),
        metadata => write(ports, notification, metadata, WriteIf::Any).await,
    }
}

async fn write(
    ports: &Ports,
    notification: &Notification,
    mut metadata: BTreeMap<String, String>,
    when: WriteIf,
) -> Result<(), StoreError> {
    let name = keys::timeline_entry(&notification.bot, notification.created_at, &notification.id);
    let at = ports.clock.wall().as_millisecond().to_string();
    metadata.insert("at".to_owned(), at);
    match ports.objects.write(&name, Bytes::new(), &metadata, when).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Empty for a notification that has not ended.
fn metadata_of(notification: &Notification, sums: &Sums) -> BTreeMap<String, String> {
    let Some(finished_at) = notification.finished_at else {
        return BTreeMap::new();
    };
    let Ok(sums) = serde_json::to_string(&StoredSums::new(*sums, Version::NEWEST)) else {
        return BTreeMap::new();
    };
    let state = match notification.cancelled_at {
        Some(_) => "cancelled",
        None => "finished",
    };
    let (kind, of) = match &notification.kind {
        NotificationKind::Send => ("send", None),
        NotificationKind::Update(of) => ("update", Some(of)),
        NotificationKind::Delete(of) => ("delete", Some(of)),
    };
    let mut metadata = BTreeMap::from([
        ("state".to_owned(), state.to_owned()),
        ("kind".to_owned(), kind.to_owned()),
        ("created".to_owned(), notification.created_at.to_string()),
        ("finished".to_owned(), finished_at.to_string()),
        ("sums".to_owned(), sums),
    ]);
    if let Some(of) = of {
        metadata.insert("of".to_owned(), of.to_string());
    }
    metadata
}

impl Ended {
    /// What an entry's metadata says; `None` where the notification itself must be read.
    pub(crate) fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let of = || metadata.get("of").map(|id| NotificationId::from(id.as_str()));
        let kind = match metadata.get("kind")?.as_str() {
            "send" => NotificationKind::Send,
            "update" => NotificationKind::Update(of()?),
            "delete" => NotificationKind::Delete(of()?),
            _ => return None,
        };
        let end = match metadata.get("state")?.as_str() {
            "finished" => End::Finished,
            "cancelled" => End::Cancelled,
            _ => return None,
        };
        let sums: StoredSums = serde_json::from_str(metadata.get("sums")?).ok()?;
        Some(Self {
            kind,
            end,
            created_at: metadata.get("created")?.parse().ok()?,
            finished_at: metadata.get("finished")?.parse().ok()?,
            sums: sums.sums,
        })
    }
}

/// A place in the list of notifications: that of one notification. Newer ones are greater.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Milliseconds since 1970, of the acceptance.
    pub(crate) ms: u64,
    pub(crate) id: NotificationId,
}

impl Position {
    /// The place of a notification.
    pub(crate) fn of(notification: &Notification) -> Self {
        Self {
            ms: u64::try_from(notification.created_at.as_millisecond()).unwrap_or(0),
            id: notification.id.clone(),
        }
    }

    pub(crate) fn created_at(&self) -> Timestamp {
        let ms = i64::try_from(self.ms).ok();
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
            .unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:015}-{}", self.ms, self.id)
    }
}

/// A text that names no place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in the list of notifications")]
pub struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let (ms, id) = text.split_once('-').ok_or(NoPosition)?;
        let digits = ms.len() == keys::STAMP_DIGITS && ms.bytes().all(|byte| byte.is_ascii_digit());
        let plain = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        if !digits || id.len() != 36 || !id.bytes().all(plain) {
            return Err(NoPosition);
        }
        Ok(Self {
            ms: ms.parse().map_err(|_| NoPosition)?,
            id: NotificationId::from(id),
        })
    }
}

/// Entries a listing returns at most.
const PAGE: u32 = 5_000;
/// A window of 10⁸ ms is a day and four hours.
const DAY: u32 = 8;
/// Narrowest window: ten seconds. One with more entries than a page is read to its end.
const NARROWEST: u32 = 4;
/// Widest window: 31 years.
const WIDEST: u32 = 12;

/// Walks from newer entries to older ones, a window at a time. Windows widen where nothing is found and narrow where a
/// page doesn't hold one, so that a page of a list costs few listings, sparse or dense.
pub(crate) struct Backwards<'s> {
    objects: &'s dyn ObjectStore,
    prefix: String,
    /// The newest millisecond that was not looked at; `None` at the end.
    at: Option<u64>,
    /// A window spans ten to the power of this, milliseconds.
    level: u32,
    oldest: Option<u64>,
}

/// The entries of one window.
pub(crate) struct Window {
    /// Newest first.
    pub(crate) entries: Vec<(Position, Entry)>,
    /// Its first millisecond: everything from here on has been looked at.
    pub(crate) from: u64,
}

impl<'s> Backwards<'s> {
    pub(crate) fn new(objects: &'s dyn ObjectStore, bot: &BotId, newest: u64) -> Self {
        Self {
            objects,
            prefix: keys::timeline(bot),
            at: Some(newest),
            level: DAY,
            oldest: None,
        }
    }

    /// The next older window; `None` when there are no older entries.
    pub(crate) async fn next(&mut self) -> Result<Option<Window>, StoreError> {
        let Some(at) = self.at else { return Ok(None) };
        loop {
            let from = at - at % 10_u64.pow(self.level);
            let digits = keys::STAMP_DIGITS - usize::try_from(self.level).unwrap_or_default();
            let stamp = format!("{at:015}");
            let prefix = format!("{}{}", self.prefix, stamp.get(..digits).unwrap_or_default());
            let page = self.objects.list(&prefix, None, PAGE).await?;
            if page.next.is_some() && self.level > NARROWEST {
                self.level -= 1;
                continue;
            }
            let (mut listed, mut next) = (page.entries, page.next);
            while let Some(from) = next {
                let page = self.objects.list(&prefix, Some(&from), PAGE).await?;
                listed.extend(page.entries);
                next = page.next;
            }
            let place = |entry: Entry| Some((entry.name.strip_prefix(&self.prefix)?.parse().ok()?, entry));
            let mut entries: Vec<(Position, Entry)> = listed.into_iter().filter_map(place).collect();
            entries.reverse();
            entries.retain(|(place, _)| place.ms <= at);
            if entries.is_empty() {
                self.level = (self.level + 1).min(WIDEST);
            }
            self.at = match self.oldest().await? {
                Some(oldest) if oldest < from => from.checked_sub(1),
                _ => None,
            };
            return Ok(Some(Window { entries, from }));
        }
    }

    /// The time of the oldest entry, which says where the walk ends.
    async fn oldest(&mut self) -> Result<Option<u64>, StoreError> {
        let mut from: Option<String> = None;
        while self.oldest.is_none() {
            let page = self.objects.list(&self.prefix, from.as_deref(), 1).await?;
            let first = page
                .entries
                .first()
                .and_then(|entry| entry.name.strip_prefix(&self.prefix));
            let stamp = first
                .and_then(|rest| rest.split_once('-'))
                .map(|(stamp, _)| stamp.parse().unwrap_or(0));
            self.oldest = stamp;
            match page.next {
                Some(next) if stamp.is_none() => from = Some(next),
                _ => break,
            }
        }
        Ok(self.oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written_and_nothing_else_is() {
        let text = "001764486000123-01234567-89ab-8def-8123-456789abcdef";
        let place: Position = text.parse().unwrap();
        assert_eq!(place.to_string(), text);
        for other in [
            "",
            "x",
            "1764486000123-01234567-89ab-8def-8123-456789abcdef",
            "+01764486000123-01234567-89ab-8def-8123-456789abcdef",
            "001764486000123-..",
            "001764486000123-01234567-89ab-8def-8123-456789abcde/",
        ] {
            assert_eq!(other.parse::<Position>(), Err(NoPosition), "{other}");
        }
    }
}
