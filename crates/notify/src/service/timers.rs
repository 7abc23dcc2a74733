//! Timers: one notification an occurrence, none while the previous one of that timer is on its way.

use super::{NotificationService, ServiceError};
use crate::{
    accept::{AcceptError, Accepted, Novelty},
    identity::NotificationSource,
    ids::NotificationId,
    ports::{Object, Read, ReadIf, StoreError, WriteError, WriteIf},
    request::Request,
    status::Waits,
    store::keys,
    store::notifications,
    store::record::{Version, Versioned, decode, encode},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// What an occurrence of a timer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerRun {
    /// Accepted (again, if the occurrence was repeated).
    Accepted(Accepted),
    /// Skipped: this notification of the same timer is unfinished.
    Skipped(NotificationId),
}

#[derive(Serialize, Deserialize)]
struct Newest {
    id: NotificationId,
}

impl NotificationService {
    /// Accepts what a timer sends for one occurrence, unless its previous notification is unfinished. An occurrence that
    /// was accepted before, by this instance or another, is that notification again, whatever a later run would say.
    ///
    /// # Errors
    /// When the store fails; nothing was accepted then.
    pub async fn accept_timer(
        &self,
        function: &str,
        occurrence: Timestamp,
        request: Request,
    ) -> Result<TimerRun, AcceptError> {
        let source = NotificationSource::Timer {
            function: function.to_owned(),
            occurrence,
        };
        let id = source.notification_id(&self.env.settings.bot);
        if !self.is_stored(&id).await? {
            let turn = self.take_turn(function, &id).await?;
            if let Turn::Of(other) = turn {
                tracing::warn!(function, notification_id = %other, "a timer's run is skipped: its previous notification is unfinished");
                return Ok(TimerRun::Skipped(other));
            }
        }
        match self.accept(source, request).await {
            // Two instances' messages may differ, as in a time of day: the first one stands.
            Err(AcceptError::KeyReused(id)) => {
                // Whoever stored it may not have lived to say so.
                self.wake_planner(&id, Duration::ZERO).await;
                Ok(TimerRun::Accepted(Accepted {
                    id,
                    novelty: Novelty::Repeated,
                    progress: None,
                }))
            }
            accepted => accepted.map(TimerRun::Accepted),
        }
    }

    /// Enters a notification as its timer's newest, unless that one is unfinished.
    async fn take_turn(&self, function: &str, id: &NotificationId) -> Result<Turn, AcceptError> {
        let objects = &*self.env.ports.objects;
        let name = keys::timer(&self.env.settings.bot, function);
        let (newest, when) = match objects.read(&name, ReadIf::Any).await? {
            Read::Found(object) => (newest_of(&object), WriteIf::Version(object.etag)),
            Read::Missing | Read::Unchanged => (None, WriteIf::Absent),
        };
        if let Some(newest) = newest.filter(|newest| newest != id) {
            match self.progress_of(&newest).await? {
                Previous::Finished => {}
                Previous::UnderWay => return Ok(Turn::Of(newest)),
                // One tenant that waits must not keep the next message from all others.
                Previous::Waits => self
                    .supersede(&newest)
                    .await
                    .map_err(ServiceError::into_store_error)?,
            }
        }
        let mine = encode(&Versioned::new(Version::V1, Newest { id: id.clone() }))?;
        match objects.write(&name, mine, &BTreeMap::new(), when).await {
            Ok(_) => Ok(Turn::Mine),
            // Another run of this timer is being accepted at this moment: that one goes. If it is the same occurrence,
            // both are needed: the other instance may not live to store it.
            Err(WriteError::Conflict) => match objects.read(&name, ReadIf::Any).await? {
                Read::Found(object) => Ok(match newest_of(&object) {
                    Some(other) if other != *id => Turn::Of(other),
                    _ => Turn::Mine,
                }),
                Read::Missing | Read::Unchanged => Ok(Turn::Mine),
            },
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    async fn is_stored(&self, id: &NotificationId) -> Result<bool, StoreError> {
        match notifications::load(&*self.env.ports.objects, id).await {
            Ok(_) => Ok(true),
            Err(notifications::LoadError::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    }

    async fn progress_of(&self, id: &NotificationId) -> Result<Previous, StoreError> {
        let notification = match notifications::load(&*self.env.ports.objects, id).await {
            Ok((notification, _)) => notification,
            Err(notifications::LoadError::Store(error)) => return Err(error),
            // Never stored, or not ours to judge: no reason to stand still.
            Err(_) => return Ok(Previous::Finished),
        };
        if notification.is_over() {
            return Ok(Previous::Finished);
        }
        let waits = self
            .waits(&notification)
            .await
            .map_err(ServiceError::into_store_error)?;
        Ok(match waits {
            Waits::All => Previous::Waits,
            Waits::None | Waits::Some => Previous::UnderWay,
        })
    }
}

/// Where a timer's previous notification stands.
enum Previous {
    Finished,
    UnderWay,
    /// All that is left of it waits for its tenants.
    Waits,
}

/// Whose turn it is at a timer.
enum Turn {
    /// The notification that asked.
    Mine,
    /// This one's.
    Of(NotificationId),
}

fn newest_of(object: &Object) -> Option<NotificationId> {
    decode::<Newest>(&object.body).ok().map(|(_, newest)| newest.id)
}
