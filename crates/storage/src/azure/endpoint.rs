//! Where an account's services answer and how requests to them are authorised. No settings are read here.

use super::account::AccountError;
use azure_core::credentials::Secret;
use url::Url;

/// Addresses of the two services that are used; `None` where the settings don't tell.
#[derive(Clone)]
pub(super) struct Endpoints {
    pub(super) blob: Option<Url>,
    pub(super) queue: Option<Url>,
}

/// How requests are authorised.
#[derive(Clone)]
pub(super) enum Access {
    /// Each request is signed with the account's key.
    Key { account: String, key: Secret },
    /// A shared access signature travels in the URL.
    Sas(Secret),
    /// An Entra token of a managed identity, or of the developer's own login.
    Identity(Identity),
}

/// Whose token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// The system-assigned managed identity.
    System,
    /// A user-assigned managed identity by its client id.
    User(String),
    /// The managed identity where there is one, else the developer's own login (Azure CLI and its like).
    Default,
}

/// Checks an address given in a setting; `part` is the part of it that is named in the error.
pub(super) fn parse(setting: &str, part: &str, text: &str) -> Result<Url, AccountError> {
    let wrong = || {
        AccountError::new(
            setting,
            &format!("{part} is not a URL like https://account.blob.core.windows.net"),
        )
    };
    let url = Url::parse(text.trim().trim_end_matches('/')).map_err(|_| wrong())?;
    if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(AccountError::new(
            setting,
            &format!("{part} must be a bare address; a SAS belongs into SharedAccessSignature"),
        ));
    }
    Ok(url)
}

/// Checks the name of an account: 3 to 24 lower-case letters and digits.
pub(super) fn check_account(setting: &str, name: &str) -> Result<(), AccountError> {
    let good = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if good && (3..=24).contains(&name.len()) {
        return Ok(());
    }
    Err(AccountError::new(
        setting,
        "an account name has 3 to 24 lower-case letters and digits",
    ))
}
