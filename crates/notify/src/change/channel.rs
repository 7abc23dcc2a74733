//! An upgrade of a team may be reported under the id of the channel that was picked when the app was installed, and name no
//! team. Taken for a team of its own, the channel would get everything twice.

use super::{Change, Event};
use crate::{
    ports::{ReferenceStore, Selection, StoreError},
    target::{Installation, Scope, Target, TargetKey},
};

/// The change under the key of the team whose picked channel it names; `None` where the key stands for itself.
pub(super) async fn under_its_team(
    store: &dyn ReferenceStore,
    change: &Change,
) -> Result<Option<Change>, StoreError> {
    let Event::SeenInChannel(seen) = &change.event else {
        return Ok(None);
    };
    if store.read(&change.key).await?.is_some() {
        return Ok(None);
    }
    let team = team_of(store, &change.key).await?;
    Ok(team.map(|team| Change {
        key: team.key.clone(),
        at: change.at,
        event: Event::Seen(Box::new(moved(seen, &team))),
    }))
}

async fn team_of(store: &dyn ReferenceStore, channel: &TargetKey) -> Result<Option<Target>, StoreError> {
    let selection = Selection {
        bot: channel.bot.clone(),
        tenant: Some(channel.tenant.clone()),
    };
    let mut from = None;
    loop {
        let page = store.list(&selection, from.as_ref()).await?;
        let mut targets = page.targets.into_iter().map(|listed| listed.target);
        let team = targets.find(|target| target.preferred_channel.as_ref() == Some(&channel.root));
        match (team, page.next) {
            (Some(team), _) => return Ok(Some(team)),
            (None, Some(next)) => from = Some(next),
            (None, None) => return Ok(None),
        }
    }
}

fn moved(seen: &Installation, team: &Target) -> Installation {
    let mut moved = seen.clone();
    moved.target.key = team.key.clone();
    moved.target.team.clone_from(&team.team);
    moved.target.name = None;
    moved.reference.stand_for(&team.key, Scope::Team, None);
    moved
}
