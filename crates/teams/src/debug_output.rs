//! `{:?}` of what holds names, texts, card data or tokens prints none of them: whoever uses these types may log them.

use crate::{
    activity::Activity,
    answers::Body,
    connector::{Channel, MembersPage, Team},
    invoke::{self, CardAction, Reply},
};
use serde_json::json;
use std::fmt::Debug;

const SECRET: &str = "planted-word";

#[track_caller]
fn hides(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
        // As a list of numbers it would be there all the same.
        assert!(
            !shown.contains("112, 108") && !shown.contains("112,\n"),
            "{shown}"
        );
    }
}

fn pressed() -> Activity {
    let activity = json!({
        "type": "invoke",
        "name": invoke::CARD_ACTION,
        "text": SECRET,
        "from": { "id": "29:1", "name": SECRET, "email": SECRET },
        "conversation": { "id": "a:1", "name": SECRET },
        "channelData": { "team": { "name": SECRET }, SECRET: SECRET },
        "value": { "action": { "type": "Action.Execute", "verb": SECRET, "data": { SECRET: SECRET } } },
        SECRET: SECRET,
    });
    Activity::from_value(activity).unwrap()
}

#[test]
fn activities() {
    let activity = pressed();
    hides(&activity);
    hides(&activity.from().unwrap());
    hides(&activity.channel_data());
    let action: CardAction<'_> = invoke::card_action(&activity).unwrap();
    assert!(action.data.is_some());
    hides(&action);
    let named = json!({ "type": SECRET });
    hides(&Activity::from_value(named).unwrap());
}

#[test]
fn answers_to_and_from_teams() {
    for reply in [
        Reply::Card(json!({ SECRET: SECRET })),
        Reply::Message(SECRET.to_owned()),
        Reply::BadRequest(SECRET.to_owned()),
        Reply::Failed(SECRET.to_owned()),
    ] {
        hides(&reply);
    }
    hides(&Body::Whole(SECRET.into()));
    hides(&Body::Cut(SECRET.into()));
}

#[test]
fn rosters() {
    let page = json!({
        "members": [{ "id": "29:1", "name": SECRET, "userRole": SECRET }],
        "continuationToken": SECRET,
    });
    hides(&serde_json::from_value::<MembersPage>(page).unwrap());
    let team = json!({ "id": "19:t", "name": SECRET });
    hides(&serde_json::from_value::<Team>(team).unwrap());
    let channel = json!({ "id": "19:c", "name": SECRET });
    hides(&serde_json::from_value::<Channel>(channel).unwrap());
}
