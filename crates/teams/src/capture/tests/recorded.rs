//! Activities recorded from a Teams client, replayed: each file name tells what was done.

use super::super::*;
use serde_json::Value;
use std::{fs, path::Path};

fn recordings() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let recording: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                recording["activity"].clone(),
            )
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// What each trigger must come to; scope and trigger are the first two parts of a file's name.
fn expected(scope: &str, trigger: &str) -> &'static str {
    match (scope, trigger) {
        (_, "add-application" | "install-application" | "auto-on-first-open") => "installed",
        (_, "remove-application" | "uninstall-application" | "remove-team") => "removed",
        (_, "rename-team") => "renamed",
        (_, "remove-channel") => "channel-deleted",
        (_, "add-user" | "remove-user") => "other-members",
        (_, "add-channel" | "rename-channel") => "event-type",
        (_, "card-action-execute" | "custom-activity") => "type",
        (_, "mention-in-word") => "other-channel",
        ("channel-announcements", "message-hello" | "message-card" | "card-action-submit") => {
            "other-than-general"
        }
        (_, "message-hello" | "message-card" | "card-action-submit") => "seen",
        other => panic!("a recording that no test knows: {other:?}"),
    }
}

#[test]
fn every_recording_comes_to_what_its_name_says() {
    let me = Identity::new("", None);
    let all = recordings();
    assert!(all.len() > 50, "only {} recordings", all.len());
    for (name, activity) in all {
        let mut parts = name.split("--");
        let (scope, trigger) = (parts.next().unwrap(), parts.next().unwrap());
        let activity = Activity::from_value(activity).unwrap();
        let captured = capture(&activity, &me, Timestamp::UNIX_EPOCH);
        let came_to = match &captured {
            Err(ignored) => ignored.as_str(),
            Ok(change) => match change.event {
                Event::Installed(_) => "installed",
                Event::Seen(_) => "seen",
                Event::Removed => "removed",
                Event::Renamed(_) => "renamed",
                Event::ChannelDeleted(_) => "channel-deleted",
                _ => "another change",
            },
        };
        assert_eq!(came_to, expected(scope, trigger), "{name}");
        if let (Ok(change), true) = (captured, scope.starts_with("channel-")) {
            assert_eq!(change.key.root.as_str(), "team-id", "{name}");
        }
    }
}

#[test]
fn an_install_on_another_channel_prefers_that_channel() {
    let me = Identity::new("", None);
    for (name, activity) in recordings() {
        let channel = name.starts_with("channel-announcements--install")
            || name.starts_with("channel-announcements--add-app");
        if !channel {
            continue;
        }
        let change = capture(
            &Activity::from_value(activity).unwrap(),
            &me,
            Timestamp::UNIX_EPOCH,
        )
        .unwrap();
        let Event::Installed(installation) = change.event else {
            panic!("{name}")
        };
        assert_eq!(
            installation.target.conversation().as_str(),
            "channel-announcements-id",
            "{name}"
        );
        assert_eq!(installation.reference["conversation"]["id"], "team-id", "{name}");
        assert_eq!(
            installation.reference["conversation"]["name"], "My Team",
            "{name}"
        );
    }
}
