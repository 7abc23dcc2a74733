//! Reads a storage connection string. What is wrong is said by the name of the part, never by its value.

use super::{
    account::AccountError,
    endpoint::{Access, Endpoints},
};
use azure_core::credentials::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;
use url::Url;

/// The storage emulator's account; both texts are published with it and protect nothing.
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Parts of a connection string that matter here; the service knows more, they are ignored.
const KNOWN: [&str; 9] = [
    "usedevelopmentstorage",
    "developmentstorageproxyuri",
    "defaultendpointsprotocol",
    "accountname",
    "accountkey",
    "sharedaccesssignature",
    "endpointsuffix",
    "blobendpoint",
    "queueendpoint",
];

type Parts = BTreeMap<&'static str, String>;

/// Reads the value of `setting`.
pub(super) fn parse(setting: &str, text: &str) -> Result<(Endpoints, Access), AccountError> {
    let parts = split(setting, text)?;
    let wrong = |what: &str| AccountError::new(setting, what);
    if let Some(flag) = parts.get("usedevelopmentstorage") {
        if !flag.eq_ignore_ascii_case("true") {
            return Err(wrong("UseDevelopmentStorage can only be `true`"));
        }
        return emulator(setting, &parts);
    }
    let access = match (parts.get("accountkey"), parts.get("sharedaccesssignature")) {
        (Some(key), _) => {
            let account = parts
                .get("accountname")
                .ok_or_else(|| wrong("AccountName is missing beside AccountKey"))?;
            if STANDARD.decode(key).map_or(true, |bytes| bytes.is_empty()) {
                return Err(wrong(
                    "AccountKey is not base64; copy the whole connection string",
                ));
            }
            Access::Key {
                account: account.clone(),
                key: Secret::new(key.clone()),
            }
        }
        (None, Some(sas)) => {
            let sas = sas.trim_start_matches('?');
            if !sas.split('&').any(|pair| pair.starts_with("sig=")) {
                return Err(wrong("SharedAccessSignature has no `sig`; copy the whole token"));
            }
            Access::Sas(Secret::new(sas.to_owned()))
        }
        (None, None) => {
            return Err(wrong(
                "neither AccountKey nor SharedAccessSignature is in the connection string",
            ));
        }
    };
    Ok((
        Endpoints {
            blob: endpoint(setting, &parts, "blobendpoint", "blob")?,
            queue: endpoint(setting, &parts, "queueendpoint", "queue")?,
        },
        access,
    ))
}

fn split(setting: &str, text: &str) -> Result<Parts, AccountError> {
    let mut parts = Parts::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(AccountError::new(
                setting,
                "it is not a connection string: a part has no `=`",
            ));
        };
        let name = name.trim().to_ascii_lowercase();
        if let Some(known) = KNOWN.into_iter().find(|known| *known == name) {
            let value = value.trim();
            if !value.is_empty() && parts.insert(known, value.to_owned()).is_some() {
                return Err(AccountError::new(setting, &format!("`{known}` appears twice")));
            }
        }
    }
    Ok(parts)
}

fn emulator(setting: &str, parts: &Parts) -> Result<(Endpoints, Access), AccountError> {
    let wrong = || {
        AccountError::new(
            setting,
            "DevelopmentStorageProxyUri is not a URL like http://host or https://host:port",
        )
    };
    let host = match parts.get("developmentstorageproxyuri") {
        None => "http://127.0.0.1".to_owned(),
        Some(text) => {
            let url = Url::parse(text).map_err(|_| wrong())?;
            let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
            if !["http", "https"].contains(&url.scheme()) {
                return Err(wrong());
            }
            // The emulator's own ports count, whatever port is given: so do the SDKs (`CloudStorageAccount`).
            format!("{}://{host}", url.scheme())
        }
    };
    let at = |port: u16| Url::parse(&format!("{host}:{port}/{EMULATOR_ACCOUNT}")).map_err(|_| wrong());
    Ok((
        Endpoints {
            blob: Some(at(10_000)?),
            queue: Some(at(10_001)?),
        },
        Access::Key {
            account: EMULATOR_ACCOUNT.to_owned(),
            key: Secret::new(EMULATOR_KEY),
        },
    ))
}

fn endpoint(
    setting: &str,
    parts: &Parts,
    explicit: &'static str,
    service: &str,
) -> Result<Option<Url>, AccountError> {
    if let Some(text) = parts.get(explicit) {
        return super::endpoint::parse(setting, explicit, text).map(Some);
    }
    let Some(account) = parts.get("accountname") else {
        return Ok(None);
    };
    super::endpoint::check_account(setting, account)?;
    let protocol = parts
        .get("defaultendpointsprotocol")
        .map_or_else(|| "https".to_owned(), |protocol| protocol.to_ascii_lowercase());
    if !["http", "https"].contains(&protocol.as_str()) {
        return Err(AccountError::new(
            setting,
            "DefaultEndpointsProtocol can be `https` or `http`",
        ));
    }
    let suffix = parts
        .get("endpointsuffix")
        .map_or("core.windows.net", String::as_str);
    let wrong = || AccountError::new(setting, "EndpointSuffix is not a host name");
    if !is_host_name(suffix) {
        return Err(wrong());
    }
    Url::parse(&format!("{protocol}://{account}.{service}.{suffix}"))
        .map(Some)
        .map_err(|_| wrong())
}

/// Two labels at least, of letters, digits and hyphens between them (RFC 1123).
fn is_host_name(text: &str) -> bool {
    let labels = text.split('.');
    labels.clone().count() > 1
        && labels.into_iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
