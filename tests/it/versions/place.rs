//! Where a store is and which build of the program works on it.

use crate::support::{
    azurite::Azurite,
    blobs::{Blob, Container},
    handler::{Start, custom, run_build, serve},
    room::Room,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A store and the program that works on it.
#[derive(Clone)]
pub(crate) struct Place {
    binary: PathBuf,
    store: Store,
}

/// The two stores.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    /// Files in the room.
    File,
    /// A container of the emulator.
    Blob(String),
}

/// How the last process ends, with a notification that nobody has planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// Planning it is the process's end.
    ByItself,
    /// It is killed, and another process accepts the notification and plans nothing.
    Killed,
}

/// Files of the file store.
pub(crate) const FILES: [&str; 2] = [
    ".notification.localstore.json",
    ".notification.localstore.state.json",
];
/// Folder of its objects.
pub(crate) const OBJECTS: &str = ".notify/objects";

impl Place {
    pub(crate) fn new(binary: &Path, store: Store) -> Self {
        Self {
            binary: binary.to_owned(),
            store,
        }
    }

    /// The same store with another build.
    pub(crate) fn with(&self, binary: &Path) -> Self {
        Self::new(binary, self.store.clone())
    }

    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("NOTIFICATION_RETENTION_DAYS", "36500".to_owned()),
            ("NOTIFICATION_LEASE_SECONDS", "15".to_owned()),
        ];
        match &self.store {
            Store::File => settings.push(("NOTIFICATION_STORE", "file".to_owned())),
            Store::Blob(container) => {
                settings.push(("AzureWebJobsStorage", Azurite::shared().connection_string()));
                settings.push(("NOTIFICATION_CONTAINER", container.clone()));
            }
        }
        settings
    }

    /// Behind the Functions host.
    pub(crate) fn custom(&self, room: Room, more: &[(&str, &str)]) -> Start {
        let start = custom(room).of(&self.binary).settings(self.settings());
        start.settings(more.iter().copied())
    }

    /// With a pipeline of its own, so that it goes on with whatever it finds.
    pub(crate) fn alone(&self, room: Room) -> Start {
        match self.store {
            Store::File => self.custom(room, &[]),
            Store::Blob(_) => serve(room).of(&self.binary).settings(self.settings()),
        }
    }

    /// The same, to end as [`Place::ends`] says.
    pub(crate) fn busy(&self, room: Room) -> Start {
        match self.ends() {
            Unfinished::ByItself => self.alone(room).largest_file(20),
            Unfinished::Killed => self.alone(room),
        }
    }

    pub(crate) fn ends(&self) -> Unfinished {
        match self.store {
            Store::File => Unfinished::ByItself,
            Store::Blob(_) => Unfinished::Killed,
        }
    }

    /// One that accepts and does no more: the function that delivers is switched off.
    pub(crate) fn deaf(&self, room: Room) -> Start {
        self.custom(room, &[("AzureWebJobs.deliveryQueue.Disabled", "true")])
    }

    /// What an operator reads of a notification while no process runs; nothing is changed.
    pub(crate) async fn asked(&self, room: &Room, arguments: &[&str]) -> Vec<Value> {
        let settings = self.settings();
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = run_build(
            &self.binary,
            room,
            &[&["notification"], arguments].concat(),
            &settings,
            "",
        )
        .await;
        let lines = answer.success().stdout.lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The notification that is in the store and not among these.
    pub(crate) async fn newest(&self, room: &Room, known: &[String]) -> String {
        let listed = self.asked(room, &["list", "--json"]).await;
        let ids = listed.iter().map(|line| line["id"].as_str().unwrap().to_owned());
        let queued = ids.filter(|id| !known.contains(id)).collect::<Vec<_>>();
        queued.last().expect("one more notification").clone()
    }

    /// Everything in the store but what only a running process needs, by name.
    pub(crate) async fn contents(&self, room: &Room) -> Vec<Blob> {
        match &self.store {
            Store::Blob(container) => Container::of(Azurite::shared(), container).blobs().await,
            Store::File => {
                let mut files = Vec::new();
                for name in FILES {
                    files.push(file(room, &room.path(name)));
                }
                walk(room, &room.path(OBJECTS), &mut files);
                files.sort();
                files
            }
        }
    }

    /// Puts these into an empty store.
    pub(crate) async fn fill(&self, room: &Room, contents: &[Blob]) {
        match &self.store {
            Store::Blob(container) => {
                Container::of(Azurite::shared(), container).fill(contents).await;
            }
            Store::File => contents.iter().for_each(|file| write_file(room, file)),
        }
    }

    /// Puts some in place of others.
    pub(crate) async fn replace(&self, room: &Room, old: &[Blob], new: &[Blob]) {
        let gone = old
            .iter()
            .filter(|blob| new.iter().all(|other| other.name != blob.name));
        match &self.store {
            Store::Blob(container) => {
                let container = Container::of(Azurite::shared(), container);
                for blob in gone {
                    container.delete(&blob.name).await;
                }
                for blob in new.iter().filter(|blob| !old.contains(blob)) {
                    container.write(blob).await;
                }
            }
            Store::File => {
                gone.for_each(|file| fs::remove_file(room.path(&file.name)).unwrap());
                let changed = new.iter().filter(|file| !old.contains(file));
                changed.for_each(|file| write_file(room, file));
            }
        }
    }
}

/// A file as if it were a blob, named by its path.
fn file(room: &Room, path: &Path) -> Blob {
    let name = path.strip_prefix(room.folder()).unwrap();
    let body = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Blob::file(name.to_str().unwrap().to_owned(), body)
}

fn write_file(room: &Room, file: &Blob) {
    let path = room.path(&file.name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, &file.body).unwrap();
}

fn walk(room: &Room, folder: &Path, files: &mut Vec<Blob>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            walk(room, &path, files);
        } else if !name.starts_with('.') {
            files.push(file(room, &path));
        }
    }
}
