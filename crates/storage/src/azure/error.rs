//! What an error of the SDK means. Texts made here hold statuses and the service's own codes, never addresses.

use azure_core::{error::ErrorKind, http::StatusCode};
use notify::ports::StoreError;

/// An error's meaning as the stores see it.
#[derive(Debug)]
pub(super) enum Meaning {
    /// Nothing by that name.
    Missing,
    /// The container or queue itself is not there yet.
    NoContainer,
    /// Still the version that the caller knows.
    Unchanged,
    /// A condition did not hold.
    Conflict,
    /// The object is leased and the request lacks the right lease.
    Leased,
    /// Past the end.
    OutOfRange,
    /// Anything else.
    Failed(StoreError),
}

/// Reads an error's meaning. Codes: Microsoft Learn, "Blob service error codes".
pub(super) fn meaning(error: &azure_core::Error) -> Meaning {
    let ErrorKind::HttpResponse {
        status, error_code, ..
    } = error.kind()
    else {
        return Meaning::Failed(StoreError::unavailable(text(error)));
    };
    match (*status, error_code.as_deref().unwrap_or_default()) {
        (StatusCode::NotModified, _) => Meaning::Unchanged,
        (_, "ContainerNotFound" | "QueueNotFound") => Meaning::NoContainer,
        (StatusCode::NotFound, _) => Meaning::Missing,
        (StatusCode::RequestedRangeNotSatisfiable, _) => Meaning::OutOfRange,
        (_, "LeaseAlreadyPresent" | "LeaseIsBreakingAndCannotBeAcquired") => Meaning::Leased,
        (_, code) if code.starts_with("Lease") => Meaning::Leased,
        (
            _,
            "BlobAlreadyExists"
            | "ContainerAlreadyExists"
            | "QueueAlreadyExists"
            | "ConditionNotMet"
            | "AppendPositionConditionNotMet"
            | "TargetConditionNotMet"
            | "UnauthorizedBlobOverwrite",
        )
        | (StatusCode::PreconditionFailed, _) => Meaning::Conflict,
        (
            _,
            "MetadataTooLarge"
            | "InvalidMetadata"
            | "RequestBodyTooLarge"
            | "InvalidBlobType"
            | "BlockCountExceedsLimit"
            | "InvalidResourceName"
            | "OutOfRangeInput",
        ) => Meaning::Failed(StoreError::Refused(text(error))),
        _ => Meaning::Failed(StoreError::unavailable(text(error))),
    }
}

/// An error of which only the failure matters.
pub(super) fn failed(error: &azure_core::Error) -> StoreError {
    match meaning(error) {
        Meaning::Failed(failed) => failed,
        _ => StoreError::unavailable(text(error)),
    }
}

/// An error in words without addresses.
pub(super) fn text(error: &azure_core::Error) -> String {
    match error.kind() {
        ErrorKind::HttpResponse {
            status, error_code, ..
        } => {
            let code = error_code.as_deref().unwrap_or("no code");
            let hint = match u16::from(*status) {
                401 | 403 => "; check the storage account's settings and the roles of its identity",
                _ => "",
            };
            format!("Azure Storage answered {} ({code}){hint}", u16::from(*status))
        }
        ErrorKind::Credential => "no token for Azure Storage could be had".to_owned(),
        _ => format!("Azure Storage can't be reached: {}", innermost(error)),
    }
}

/// The first cause, which names no address (the causes around it do).
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = cause.to_string();
    if text.contains("://") {
        "the request failed".to_owned()
    } else {
        text
    }
}
