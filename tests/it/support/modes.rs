//! Permissions of what the handler keeps in its folder.

use super::room::Room;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Everything that the handler keeps in its folder.
pub(crate) fn kept(room: &Room) -> Vec<PathBuf> {
    let mut found: Vec<_> = room
        .names()
        .into_iter()
        .filter(|name| name.starts_with(".noti"))
        .map(|name| room.path(&name))
        .collect();
    let mut at = 0;
    while let Some(path) = found.get(at).cloned() {
        if path.is_dir() {
            found.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        }
        at += 1;
    }
    found
}

/// Permissions of a file or folder.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Sets them.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// All of it is its owner's alone: files 0600, folders 0700.
#[track_caller]
pub(crate) fn is_private(room: &Room, umask: &str) {
    let (mut files, mut folders) = (0, 0);
    for path in kept(room) {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(
            format!("{:o}", mode(&path)),
            format!("{wanted:o}"),
            "{} under umask {umask}",
            path.display()
        );
        if path.is_dir() {
            folders += 1;
        } else {
            files += 1;
        }
    }
    assert!(files > 4 && folders > 2, "{files} files, {folders} folders");
}
