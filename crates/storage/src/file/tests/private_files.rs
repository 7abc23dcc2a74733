//! Nobody else's business: no link is followed, copies are the owner's alone, the lock is where others can't hold it.

use super::*;
use crate::local::DirectoryObjects;
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

const THEIRS: &str = "what somebody else wrote";

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// A folder with a link at `name` that leads to somebody's file.
fn planted(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    fs::write(&theirs, THEIRS).unwrap();
    let link = folder.path().join(name);
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink(&theirs, link).unwrap();
    (folder, theirs)
}

#[test]
fn a_link_in_place_of_a_lock_is_refused() {
    for name in [".notify/x.json.lock", "x.json.lock", "objects/.lock"] {
        let (folder, theirs) = planted(name);
        let error = match name {
            "objects/.lock" => DirectoryObjects::open(folder.path().join("objects")).err(),
            _ => FileReferences::open(&folder.path().join("x.json"), &"bot-1".into(), None).err(),
        };
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            text.contains(name) && text.contains("symbolic link"),
            "{name}: {text:?}"
        );
        assert_eq!(fs::read_to_string(theirs).unwrap(), THEIRS, "{name}");
    }
}

#[tokio::test]
async fn a_link_in_place_of_an_unfinished_file_is_not_written_through() {
    for name in ["x.state.json.tmp", "x.json.tmp-1"] {
        let (folder, theirs) = planted(name);
        let path = folder.path().join("x.json");
        let store = open(&path, "bot-1");
        // Put there once more: opening clears away what was left unfinished.
        let _ = symlink(&theirs, folder.path().join(name));
        let key = key("bot-1", "t", "a:1");
        store
            .write(&key, &installed(&key), &Expected::Absent)
            .await
            .unwrap();
        assert_eq!(fs::read_to_string(&theirs).unwrap(), THEIRS, "{name}");
        drop(store);
        assert_eq!(listed(&open(&path, "bot-1"), "bot-1").await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn copies_of_what_others_wrote_are_the_owner_s_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    fs::write(&path, "not json").unwrap();
    let store = open(&path, "bot-1");
    let (one, two) = (key("bot-1", "t", "a:1"), key("bot-1", "t", "a:2"));
    store
        .write(&one, &installed(&one), &Expected::Absent)
        .await
        .unwrap();
    // TeamsFx, meanwhile.
    fs::write(&path, "{ }").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    store
        .write(&two, &installed(&two), &Expected::Absent)
        .await
        .unwrap();
    let mut copies = 0;
    for item in fs::read_dir(folder.path()).unwrap() {
        let path = item.unwrap().path();
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), wanted, "{}", path.display());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        copies += usize::from(name.contains(".changed-") || name.contains(".damaged-"));
    }
    assert_eq!(copies, 2);
}

/// Versions before this one have their lock beside the file.
#[tokio::test]
async fn a_version_before_this_one_is_a_second_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let beside = folder.path().join("x.json.lock");
    let older = fs::File::create(&beside).unwrap();
    older.lock().unwrap();
    let refused = FileReferences::open(&path, &"bot-1".into(), None).unwrap_err();
    assert!(
        matches!(&refused, OpenError::Locked { lock, .. } if *lock == beside),
        "{refused}"
    );
    drop(older);

    let store = open(&path, "bot-1");
    let older = fs::File::options().write(true).open(&beside).unwrap();
    assert!(matches!(older.try_lock(), Err(fs::TryLockError::WouldBlock)));
    drop(store);
    older.try_lock().unwrap();
}

/// A user's own file beside the store is none of it, whatever it is called.
#[test]
fn only_the_store_s_own_files_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let ours = ["data", "data.changed-1", "data.state.json.damaged-1"];
    let theirs = ["data.csv", "database", "other.json"];
    for name in ours.iter().chain(&theirs) {
        let path = folder.path().join(name);
        fs::write(&path, "{}").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    open(&folder.path().join("data"), "bot-1");
    for name in theirs {
        assert_eq!(mode(&folder.path().join(name)), 0o644, "{name}");
    }
    for name in ours {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
}
