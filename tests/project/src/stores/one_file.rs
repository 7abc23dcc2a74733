//! An object store in one JSON file: conditions, appends and leases as the library relies on them. Leases end with the
//! process, which has the file alone.

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use teams_notify::ports::{
    Appended, Created, Entry, Etag, Lease, LeaseError, Listing, Object, ObjectStore, Read, ReadIf,
    StoreError, WriteError, WriteIf,
};
use tokio::time::Instant;

/// The file's objects.
pub(crate) struct OneFile {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Default, Serialize, Deserialize)]
struct Known {
    objects: BTreeMap<String, Kept>,
    writes: u64,
}

/// An object.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// A character a byte.
    body: String,
    metadata: BTreeMap<String, String>,
    version: u64,
    /// Whether it grows by appends.
    appends: bool,
    #[serde(skip)]
    held: Option<Held>,
}

struct Held {
    id: Arc<str>,
    length: Duration,
    until: Instant,
}

fn text(body: &[u8]) -> String {
    body.iter().map(|byte| char::from(*byte)).collect()
}

fn etag(version: u64) -> Etag {
    Etag(version.to_string().into())
}

impl Kept {
    fn object(&self, offset: u64, length: u64) -> Object {
        let (offset, length) = (
            usize::try_from(offset).unwrap_or(usize::MAX),
            usize::try_from(length).unwrap_or(usize::MAX),
        );
        // Characters of one file are bytes of another: each is below 256.
        let bytes = self.body.chars().skip(offset).take(length).map(|c| c as u8);
        Object {
            body: bytes.collect(),
            metadata: self.metadata.clone(),
            etag: etag(self.version),
        }
    }

    fn length(&self) -> u64 {
        self.body.chars().count() as u64
    }

    fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(|held| Instant::now() < held.until)
    }

    fn is_held_by(&self, lease: &Lease) -> bool {
        self.held.as_ref().is_some_and(|held| held.id == lease.id)
    }
}

impl OneFile {
    pub(crate) fn open(path: PathBuf) -> Result<Self, io::Error> {
        let known = if path.exists() {
            serde_json::from_slice(&fs::read(&path)?)?
        } else {
            Known::default()
        };
        Ok(Self {
            path,
            known: Mutex::new(known),
        })
    }

    fn look<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is known; it is in the file when this returns.
    fn change<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Known) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut known)?;
        let unavailable = |error: String| E::from(StoreError::unavailable(error));
        let file = serde_json::to_vec(&*known).map_err(|error| unavailable(error.to_string()))?;
        let new = self.path.with_extension("new");
        fs::write(&new, file).map_err(|error| unavailable(error.to_string()))?;
        fs::rename(&new, &self.path).map_err(|error| unavailable(error.to_string()))?;
        Ok(changed)
    }
}

impl Known {
    fn version(&mut self) -> u64 {
        self.writes += 1;
        self.writes
    }

    /// Whether somebody without a lease may write.
    fn admit(&self, name: &str, when: &WriteIf) -> Result<(), WriteError> {
        let there = self.objects.get(name);
        let holds = match when {
            WriteIf::Any => true,
            WriteIf::Absent => there.is_none(),
            WriteIf::Version(wanted) => there.is_some_and(|object| etag(object.version) == *wanted),
        };
        if holds && !there.is_some_and(Kept::is_held) {
            Ok(())
        } else {
            Err(WriteError::Conflict)
        }
    }

    fn leased(&mut self, lease: &Lease) -> Result<&mut Kept, LeaseError> {
        let object = self.objects.get_mut(&lease.name).ok_or(LeaseError::Missing)?;
        if object.is_held_by(lease) {
            Ok(object)
        } else {
            Err(LeaseError::Lost)
        }
    }
}

#[async_trait]
impl ObjectStore for OneFile {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        Ok(self.look(|known| match (known.objects.get(name), when) {
            (None, _) => Read::Missing,
            (Some(object), ReadIf::Changed(version)) if etag(object.version) == version => Read::Unchanged,
            (Some(object), _) => Read::Found(object.object(0, u64::MAX)),
        }))
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        Ok(self.look(|known| match known.objects.get(name) {
            None => Read::Missing,
            Some(object) => Read::Found(object.object(offset, length)),
        }))
    }

    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.change(|known| {
            known.admit(name, &when)?;
            let version = known.version();
            let object = Kept {
                body: text(&body),
                metadata: metadata.clone(),
                version,
                appends: false,
                held: None,
            };
            known.objects.insert(name.to_owned(), object);
            Ok(etag(version))
        })
    }

    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.change(|known| {
            let version = known.version();
            let object = known.leased(lease)?;
            if !object.is_held() {
                return Err(LeaseError::Lost);
            }
            object.body = text(&body);
            object.metadata = metadata.clone();
            object.version = version;
            object.appends = false;
            Ok(etag(version))
        })
    }

    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.change(|known| {
            known.admit(name, &when)?;
            known.objects.remove(name);
            Ok(())
        })
    }

    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.change(|known| {
            if !known.leased(lease)?.is_held() {
                return Err(LeaseError::Lost);
            }
            known.objects.remove(&lease.name);
            Ok(())
        })
    }

    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        Ok(self.look(|known| {
            let after = |name: &str| from.is_none_or(|from| name > from);
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let named = known
                .objects
                .iter()
                .filter(|(name, _)| name.starts_with(prefix) && after(name));
            let mut entries: Vec<Entry> = named
                .take(limit.saturating_add(1))
                .map(|(name, object)| Entry {
                    name: name.clone(),
                    etag: etag(object.version),
                    metadata: object.metadata.clone(),
                    length: object.length(),
                })
                .collect();
            let more = entries.len() > limit;
            entries.truncate(limit);
            let last = entries.last().filter(|_| more);
            Listing {
                next: last.map(|entry| entry.name.clone()),
                entries,
            }
        }))
    }

    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.change(|known| {
            if known.objects.contains_key(name) {
                return Ok(Created::AlreadyThere);
            }
            let version = known.version();
            let object = Kept {
                body: String::new(),
                metadata: BTreeMap::new(),
                version,
                appends: true,
                held: None,
            };
            known.objects.insert(name.to_owned(), object);
            Ok(Created::Ours)
        })
    }

    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.change(|known| {
            let version = known.version();
            let Some(object) = known.objects.get_mut(name) else {
                return Ok(Appended::Missing);
            };
            if object.is_held() || !object.appends {
                return Err(StoreError::Refused(format!("{name:?} takes no appends now")));
            }
            if object.length() != position {
                return Ok(Appended::Elsewhere);
            }
            object.body.push_str(&text(&body));
            object.version = version;
            object.held = None;
            Ok(Appended::At(object.length()))
        })
    }

    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.change(|known| {
            let number = known.version();
            let object = known.objects.get_mut(name).ok_or(LeaseError::Missing)?;
            if object.is_held() {
                return Err(LeaseError::Held);
            }
            let id: Arc<str> = format!("lease-{number}").into();
            object.held = Some(Held {
                id: Arc::clone(&id),
                length,
                until: Instant::now() + length,
            });
            Ok(Lease {
                name: name.to_owned(),
                id,
            })
        })
    }

    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.change(|known| {
            if let Some(held) = &mut known.leased(lease)?.held {
                held.until = Instant::now() + held.length;
            }
            Ok(())
        })
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.change(|known| {
            known.leased(lease)?.held = None;
            Ok(())
        })
    }
}
