//! `Host` of local.settings.json: how the Core Tools serve a project on a developer's machine.

use std::path::Path;

use crate::json;
use crate::problem::{Place, Problem};
use crate::section::Section;

/// Options of a local host; a command line overrules them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalHostOptions {
    /// `LocalHttpPort`.
    pub port: Option<u16>,
    /// `CORS` and `CORSCredentials`.
    pub cors: Option<Cors>,
}

/// Pages of other origins that may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cors {
    /// `*`: any, without cookies.
    AnyOrigin,
    /// These.
    Origins {
        /// Such as `http://localhost:5173`, without a slash at the end.
        origins: Vec<String>,
        /// Whether they may send cookies and the like.
        credentials: Credentials,
    },
}

/// `CORSCredentials`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Browsers may send them.
    Allowed,
    /// Browsers send none (the default).
    Omitted,
}

impl LocalHostOptions {
    /// Reads the section; a file that does not exist has none.
    ///
    /// # Errors
    /// A [`Problem`] when the file or one of the values can't be read.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let shown = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let value = json::read(path, &shown)?;
        let top = Section::new(&shown, value.as_object(), "");
        let Some((map, pointer)) = top.object("Host")? else {
            return Ok(Self::default());
        };
        let host = Section::new(&shown, Some(map), &pointer);
        let port = host.whole("LocalHttpPort", 0..=i64::from(u16::MAX))?;
        let port = port
            .and_then(|port| u16::try_from(port).ok())
            .filter(|port| *port != 0);
        let credentials = match host.flag("CORSCredentials")? {
            Some(true) => Credentials::Allowed,
            None | Some(false) => Credentials::Omitted,
        };
        let listed = host.text("CORS")?.unwrap_or_default();
        let origins = listed
            .split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty());
        let origins: Vec<String> = origins
            .map(|origin| origin.trim_end_matches('/').to_owned())
            .collect();
        let cors = match origins.as_slice() {
            [] => None,
            origins if origins.iter().any(|origin| origin == "*") => match credentials {
                Credentials::Omitted => Some(Cors::AnyOrigin),
                Credentials::Allowed => {
                    let message =
                        "is \"*\", which browsers don't take together with CORSCredentials; name the origins";
                    return Err(Problem::new(&shown, Place::Pointer(host.join("CORS")), message));
                }
            },
            _ => Some(Cors::Origins { origins, credentials }),
        };
        Ok(Self { port, cors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LocalHostOptions, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("local.settings.json");
        std::fs::write(&path, text).unwrap();
        LocalHostOptions::read(&path).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_section_is_read_as_the_core_tools_read_it() {
        let options = read(r#"{"Host": {"LocalHttpPort": "7072", "CORS": "http://a.test/, http://b.test", "CORSCredentials": true}}"#).unwrap();
        let origins = ["http://a.test", "http://b.test"].map(str::to_owned).to_vec();
        assert_eq!(options.port, Some(7072));
        let credentials = Credentials::Allowed;
        assert_eq!(options.cors, Some(Cors::Origins { origins, credentials }));
        assert_eq!(
            read(r#"{"Host": {"CORS": "*"}}"#).unwrap().cors,
            Some(Cors::AnyOrigin)
        );
        for nothing in [
            "{}",
            r#"{"Host": null}"#,
            r#"{"Host": {"CORS": "", "LocalHttpPort": null}}"#,
        ] {
            assert_eq!(read(nothing), Ok(LocalHostOptions::default()), "{nothing}");
        }
        for (wrong, part) in [
            (r#"{"Host": {"LocalHttpPort": 70000}}"#, "/Host/LocalHttpPort"),
            (
                r#"{"Host": {"CORS": "*", "CORSCredentials": true}}"#,
                "/Host/CORS",
            ),
            (r#"{"Host": 1}"#, "/Host"),
        ] {
            assert!(read(wrong).unwrap_err().contains(part), "{wrong}");
        }
    }
}
