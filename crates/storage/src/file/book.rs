//! What the file store knows, as it lies in memory: targets at hand, references as the text that is in the file.

use notify::{
    ports::{StoreError, Version},
    reference::{ConversationReference, teamsfx},
    store::record::unreadable,
    target::{Installation, ReferenceRecord, Target, TargetKey, Tombstone},
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write, sync::Arc};

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) slots: BTreeMap<TargetKey, Slot>,
    /// Entries of the file that are no targets, by their key, as text: kept, never listed.
    pub(super) others: BTreeMap<String, Box<str>>,
    /// Lines of the sidecar that could not be placed: kept as they are.
    pub(super) carried: Vec<Box<str>>,
    /// Number of the last write.
    pub(super) writes: u64,
}

/// What is under one key.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Number of the write that made it.
    pub(super) number: u64,
    /// Key in the file.
    pub(super) file_key: Arc<str>,
    pub(super) content: Content,
    /// Keys of further entries for the same target; they go when the slot changes.
    pub(super) doubles: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Installed {
        target: Arc<Target>,
        /// The reference as it stands in the file, indented.
        reference: Arc<str>,
        /// Fingerprint of that text.
        of: Arc<str>,
    },
    Removed(Arc<Tombstone>),
}

impl Content {
    /// What to store for a record.
    pub(super) fn of(record: &ReferenceRecord) -> Result<Self, StoreError> {
        Ok(match record {
            ReferenceRecord::Installed(installation) => {
                Self::installed(installation.target.clone(), &indented(&installation.reference)?)
            }
            ReferenceRecord::Removed(tombstone) => Self::Removed(Arc::new(tombstone.clone())),
        })
    }

    /// A target with the text of its reference.
    pub(super) fn installed(target: Target, reference: &str) -> Self {
        Self::Installed {
            target: Arc::new(target),
            of: fingerprint(reference).into(),
            reference: reference.into(),
        }
    }
}

impl Slot {
    pub(super) fn new(key: &TargetKey, number: u64, content: Content) -> Self {
        Self {
            number,
            file_key: teamsfx::store_key(key).into(),
            content,
            doubles: Vec::new(),
        }
    }

    pub(super) fn version(&self) -> Version {
        Version(self.number.to_string().into())
    }

    pub(super) fn record(&self) -> Result<ReferenceRecord, StoreError> {
        match &self.content {
            Content::Installed {
                target, reference, ..
            } => Ok(ReferenceRecord::Installed(Box::new(Installation {
                target: (**target).clone(),
                reference: serde_json::from_str(reference)
                    .map_err(|e| StoreError::Damaged(format!("{:?}: {}", self.file_key, unreadable(&e))))?,
            }))),
            Content::Removed(tombstone) => Ok(ReferenceRecord::Removed((**tombstone).clone())),
        }
    }
}

/// A reference as TeamsFx prints it, one level deep in the file.
fn indented(reference: &ConversationReference) -> Result<String, StoreError> {
    let text =
        serde_json::to_string_pretty(reference).map_err(|e| StoreError::Refused(format!("no JSON: {e}")))?;
    Ok(text.replace('\n', "\n  "))
}

/// Tells whether a reference in the file is still the one that the sidecar speaks of.
pub(super) fn fingerprint(reference: &str) -> String {
    let mut out = String::with_capacity(16);
    for byte in &Sha256::digest(reference)[..8] {
        let _ = write!(out, "{byte:02x}");
    }
    out
}
