//! Timers: one notification an occurrence, none while the previous one of that timer is on its way.

use super::Desk;
use crate::{
    accept::{AcceptError, Accepted},
    identity::Source,
    ids::NotificationId,
    names,
    ports::{Read, ReadIf, StoreError, WriteError, WriteIf},
    record::{Versioned, decode, encode},
    request::Request,
    stored,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

impl Desk {
    /// Accepts what a timer sends for one occurrence, unless its previous notification is unfinished.
    ///
    /// # Errors
    /// When the store fails; nothing was accepted then.
    pub async fn accept_timer(
        &self,
        function: &str,
        occurrence: Timestamp,
        request: Request,
    ) -> Result<TimerRun, AcceptError> {
        let source = Source::Timer {
            function: function.to_owned(),
            occurrence,
        };
        let id = source.notification_id(&self.env.settings.bot);
        let objects = &*self.env.ports.objects;
        let name = names::timer(&self.env.settings.bot, function);
        let (previous, when) = match objects.read(&name, ReadIf::Any).await? {
            Read::Found(object) => (
                decode::<Newest>(&object.body).ok().map(|newest| newest.id),
                WriteIf::Version(object.etag),
            ),
            Read::Missing | Read::Unchanged => (None, WriteIf::Absent),
        };
        if let Some(previous) = previous.filter(|previous| *previous != id)
            && self.is_unfinished(&previous).await?
        {
            tracing::warn!(function, notification = %previous, "a timer's run is skipped: its previous notification is unfinished");
            return Ok(TimerRun::Skipped(previous));
        }
        let newest = encode(&Versioned::new(Newest { id: id.clone() }))?;
        match objects.write(&name, newest, &BTreeMap::new(), when).await {
            Ok(_) => {}
            // Another run of this timer is being accepted at this moment: that one goes.
            Err(WriteError::Conflict) => return Ok(TimerRun::Skipped(id)),
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
        self.accept(source, request).await.map(TimerRun::Accepted)
    }

    async fn is_unfinished(&self, id: &NotificationId) -> Result<bool, StoreError> {
        match stored::load(&*self.env.ports.objects, id).await {
            Ok((notification, _)) => Ok(!notification.is_over()),
            Err(stored::LoadError::Store(error)) => Err(error),
            // Never stored, or not ours to judge: no reason to stand still.
            Err(_) => Ok(false),
        }
    }
}
