//! The file beside TeamsFx's: what its format has no place for. One line a record, so that people can read it.

use crate::open::OpenError;
use notify::target::{Target, Tombstone};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{io, io::Write, path::Path};

const VERSION: u64 = 1;

/// What the file holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sidecar {
    version: u64,
    /// Number of the commit that wrote it.
    pub(super) generation: u64,
    /// Number of the last write.
    pub(super) writes: u64,
    pub(super) records: Vec<Line>,
    pub(super) removed: Vec<Removal>,
    /// References whose key in TeamsFx's file another bot's reference has taken.
    pub(super) displaced: Vec<Box<RawValue>>,
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

/// What is known of a reference beyond itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) number: u64,
    /// Fingerprint of the reference that it belongs to.
    pub(super) of: String,
    pub(super) target: Target,
}

/// A tombstone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Removal {
    pub(super) number: u64,
    #[serde(flatten)]
    pub(super) tombstone: Tombstone,
}

/// A reference that is not in TeamsFx's file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Displaced {
    pub(super) key: String,
    pub(super) number: u64,
    pub(super) target: Target,
    pub(super) reference: Box<RawValue>,
}

/// Reads the file; a missing one tells nothing.
pub(super) fn read(path: &Path) -> Result<Sidecar, OpenError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Sidecar::default()),
        Err(error) => return Err(OpenError::io(path, error)),
    };
    // The version first: what a later one changed is no damage.
    let known: Option<Head> = serde_json::from_slice(&text).ok();
    if let Some(Head { version }) = known.filter(|head| head.version > VERSION) {
        return Err(OpenError::Newer {
            file: path.to_owned(),
            version,
            known: VERSION,
        });
    }
    let sidecar: Sidecar = serde_json::from_slice(&text).map_err(|e| OpenError::json(path, &e))?;
    match sidecar.version {
        VERSION => Ok(sidecar),
        version => Err(OpenError::Damaged {
            file: path.to_owned(),
            line: 1,
            column: 1,
            problem: format!("it has version {version}, and there was none before {VERSION}"),
        }),
    }
}

/// Writes the file part by part.
pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    lines: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn begin(out: &'a mut dyn Write, generation: u64, writes: u64) -> io::Result<Self> {
        write!(
            out,
            "{{\n\"version\": {VERSION}, \"generation\": {generation}, \"writes\": {writes},\n\"records\": ["
        )?;
        Ok(Self { out, lines: 0 })
    }

    pub(super) fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.out.write_all(if self.lines == 0 { b"\n" } else { b",\n" })?;
        self.lines += 1;
        serde_json::to_writer(&mut *self.out, line)?;
        Ok(())
    }

    pub(super) fn raw(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(if self.lines == 0 { b"\n" } else { b",\n" })?;
        self.lines += 1;
        self.out.write_all(line.as_bytes())
    }

    pub(super) fn section(&mut self, name: &str) -> io::Result<()> {
        self.lines = 0;
        write!(self.out, "],\n\"{name}\": [")
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"]\n}\n")
    }
}

/// A line that borrows what it shows.
#[derive(Serialize)]
pub(super) struct LineRef<'a> {
    pub(super) key: &'a str,
    pub(super) number: u64,
    pub(super) of: &'a str,
    pub(super) target: &'a Target,
}

/// A removal that borrows what it shows.
#[derive(Serialize)]
pub(super) struct RemovalRef<'a> {
    pub(super) number: u64,
    #[serde(flatten)]
    pub(super) tombstone: &'a Tombstone,
}

/// A displaced reference that borrows what it shows; the reference is written without line breaks.
#[derive(Serialize)]
pub(super) struct DisplacedRef<'a> {
    pub(super) key: &'a str,
    pub(super) number: u64,
    pub(super) target: &'a Target,
    pub(super) reference: serde_json::Value,
}
