//! The list of notifications, newest first. Those that have ended come from the listing of `timeline/`; all others are
//! read, and those that wait for their planner are found by their planning items.

use super::{NotificationService, ServiceError};
use crate::{
    ids::NotificationId,
    notification::Notification,
    outcome::Counts,
    ports::{Entry, ObjectStore, StoreError},
    request::NotificationKind,
    status::{self, NotificationState, Status, at_of},
    store::audience::entries,
    store::keys,
    store::notifications::{self, LoadError},
    store::record::RecordError,
    store::timeline::{Backwards, End, Ended},
};
use futures::future::try_join_all;
use jiff::Timestamp;
use std::{cmp::Reverse, collections::BTreeMap, num::NonZeroU32};

pub use crate::store::timeline::{NoPosition, Position};

/// Notifications read at a time.
const AT_ONCE: usize = 8;
/// Entries looked at for one page: a filter that matches little ends the page early, and the next one goes on.
const LOOKED_AT: usize = 2_000;
/// Notifications read for one page.
const READ: usize = 250;
/// Planning items that one page takes notice of, the newest.
const WAITING: usize = 250;
/// Another process's clock may be ahead.
const AHEAD_MS: u64 = 3_600_000;

/// Which notifications a list is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestQuery {
    /// Only those in this state.
    pub state: Option<NotificationState>,
    /// Only those accepted then or later.
    pub since: Option<Timestamp>,
    /// Most on a page.
    pub limit: NonZeroU32,
    /// Only those older than this place.
    pub after: Option<Position>,
}

/// A page of a list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct NewestPage {
    /// At most as many as were asked for; with a filter fewer, also none, though the list goes on.
    pub items: Vec<Item>,
    /// Where to go on; `None` ends the list.
    pub next: Option<Position>,
}

/// One notification in a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// With what the list shows of it.
    Known(Summary),
    /// Written by a newer version, or damaged.
    Quarantined {
        /// Its id.
        id: NotificationId,
        /// When it was accepted.
        created_at: Timestamp,
    },
}

/// A notification in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its id.
    pub id: NotificationId,
    /// What it does.
    pub kind: NotificationKind,
    /// Its state.
    pub state: NotificationState,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the last recipient had an outcome.
    pub finished_at: Option<Timestamp>,
    /// Recipients planned so far.
    pub total: u64,
    /// Recipients by outcome.
    pub counts: Counts,
    /// Recipients without an outcome yet.
    pub pending: u64,
}

impl From<Status> for Summary {
    fn from(status: Status) -> Self {
        Self {
            id: status.notification.id,
            kind: status.notification.kind,
            state: status.state,
            created_at: status.notification.created_at,
            finished_at: status.notification.finished_at,
            total: status.total,
            counts: status.counts,
            pending: status.pending,
        }
    }
}

/// What a place in the list is known by.
enum Source {
    Listed(Entry),
    Waiting(Box<Notification>),
}

impl NotificationService {
    /// Lists notifications, newest first, unfinished ones and those that wait for their planner included.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn newest(&self, query: &NewestQuery) -> Result<NewestPage, StoreError> {
        let env = &self.env;
        let since = query
            .since
            .map_or(0, |at| u64::try_from(at.as_millisecond()).unwrap_or(0));
        let now = u64::try_from(env.ports.clock.wall().as_millisecond()).unwrap_or(0);
        let newest = query.after.as_ref().map_or(now + AHEAD_MS, |after| after.ms);
        let in_range =
            |place: &Position| place.ms >= since && query.after.as_ref().is_none_or(|after| place < after);
        let mut waiting = self.waiting_positions(query).await?;
        waiting.retain(|place, _| in_range(place));
        let mut walk = Backwards::new(&*env.ports.objects, &env.settings.bot, newest);
        let mut page = Pages::new(query);
        loop {
            let window = walk.next().await?;
            let from = window.as_ref().map_or(0, |window| window.from);
            // What waits and what is entered in one order; who is in both is taken from the entry.
            let mut places: BTreeMap<Position, Source> = BTreeMap::new();
            let start = Position {
                ms: from,
                id: NotificationId::from(""),
            };
            for (place, notification) in waiting.split_off(&start) {
                places.insert(place, Source::Waiting(Box::new(notification)));
            }
            let is_last = window.is_none() || from <= since;
            for (place, entry) in window.into_iter().flat_map(|window| window.entries) {
                if in_range(&place) {
                    places.insert(place, Source::Listed(entry));
                }
            }
            let mut places = places.into_iter().rev().peekable();
            while places.peek().is_some() {
                if let Some(next) = page.full() {
                    return Ok(page.end(Some(next)));
                }
                let chunk: Vec<_> = places.by_ref().take(page.room().min(AT_ONCE)).collect();
                page.looked_at += chunk.len();
                page.last = chunk.last().map(|(place, _)| place.clone());
                let items = chunk.into_iter().map(|(place, source)| self.item(place, source));
                for (item, cost) in try_join_all(items).await? {
                    page.read += cost;
                    page.items.extend(item.filter(|item| query.matches(item)));
                }
            }
            if is_last {
                return Ok(page.end(None));
            }
        }
    }

    /// Notifications that wait for their planner or are at it, by their place in the list.
    async fn waiting_positions(
        &self,
        query: &NewestQuery,
    ) -> Result<BTreeMap<Position, Notification>, StoreError> {
        let (objects, bot) = (&*self.env.ports.objects, &self.env.settings.bot);
        let ended = matches!(
            query.state,
            Some(NotificationState::Finished | NotificationState::Cancelled)
        );
        if ended && query.after.is_some() {
            return Ok(BTreeMap::new());
        }
        let mut items = entries(objects, keys::PLANNING).await?;
        items.retain(|item| item.metadata.get("bot").map_or("", String::as_str) == bot.as_str());
        // An item is written with the notification or after it, so the newest notifications are among the newest.
        let since = query.since;
        items.retain(|item| since.is_none_or(|since| at_of(item).is_none_or(|at| at >= since)));
        items.sort_by_key(|item| Reverse(at_of(item)));
        items.truncate(WAITING);
        let mut waiting = BTreeMap::new();
        for chunk in items.chunks(AT_ONCE) {
            let loads = chunk.iter().map(|item| waiting_notification(objects, item));
            for notification in try_join_all(loads).await?.into_iter().flatten() {
                if notification.bot == *bot {
                    waiting.insert(Position::of(&notification), notification);
                }
            }
        }
        Ok(waiting)
    }

    /// What a list shows of a place, and how many notifications were read for it. `None` where nothing is any more.
    async fn item(&self, place: Position, source: Source) -> Result<(Option<Item>, usize), StoreError> {
        let read = match source {
            Source::Waiting(notification) => status::status(&self.env, *notification)
                .await
                .map_err(ServiceError::from),
            Source::Listed(entry) => match Ended::read(&entry.metadata) {
                Some(ended) => return Ok((Some(Item::Known(summary_of(place.id, ended))), 0)),
                None => self.status(&place.id).await,
            },
        };
        let item = match read {
            Ok(status) => Some(Item::Known(status.into())),
            Err(ServiceError::Unknown(_)) => None,
            Err(ServiceError::Store(error @ (StoreError::Unavailable(_) | StoreError::Refused(_)))) => {
                return Err(error);
            }
            Err(_) => Some(Item::Quarantined {
                created_at: place.created_at(),
                id: place.id,
            }),
        };
        Ok((item, 1))
    }
}

async fn waiting_notification(
    objects: &dyn ObjectStore,
    item: &Entry,
) -> Result<Option<Notification>, StoreError> {
    let id = NotificationId::from(item.name.strip_prefix(keys::PLANNING).unwrap_or_default());
    match notifications::load(objects, &id).await {
        Ok((notification, _)) => Ok(Some(notification)),
        // A request that was never stored; or one of a newer version, which has no place in time yet.
        Err(
            LoadError::Missing | LoadError::Record(RecordError::UnknownVersion(_) | RecordError::Damaged(_)),
        ) => Ok(None),
        Err(LoadError::Store(error)) => Err(error),
    }
}

fn summary_of(id: NotificationId, ended: Ended) -> Summary {
    let total = ended.sums.counts.settled();
    Summary {
        id,
        kind: ended.kind,
        state: match ended.end {
            End::Finished => NotificationState::Finished,
            End::Cancelled => NotificationState::Cancelled,
        },
        created_at: ended.created_at,
        finished_at: Some(ended.finished_at),
        total,
        counts: ended.sums.counts,
        pending: 0,
    }
}

impl NewestQuery {
    fn matches(&self, item: &Item) -> bool {
        match (self.state, item) {
            (None, _) => true,
            (Some(state), Item::Known(summary)) => summary.state == state,
            (Some(_), Item::Quarantined { .. }) => false,
        }
    }
}

/// A page as it fills.
struct Pages {
    limit: usize,
    items: Vec<Item>,
    looked_at: usize,
    read: usize,
    last: Option<Position>,
}

impl Pages {
    fn new(query: &NewestQuery) -> Self {
        Self {
            limit: usize::try_from(query.limit.get()).unwrap_or(usize::MAX),
            items: Vec::new(),
            looked_at: 0,
            read: 0,
            last: None,
        }
    }

    fn room(&self) -> usize {
        self.limit.saturating_sub(self.items.len())
    }

    /// Where the next page begins, if this one takes no more.
    fn full(&self) -> Option<Position> {
        let full = self.room() == 0 || self.looked_at >= LOOKED_AT || self.read >= READ;
        self.last.clone().filter(|_| full)
    }

    fn end(self, next: Option<Position>) -> NewestPage {
        NewestPage {
            items: self.items,
            next,
        }
    }
}
