//! The program of a project that builds on teams-notify. With `OPERATIONS_STORE` set, everything is kept in the project's
//! own stores.

mod journal;
mod people;
mod stores;
mod triggers;

use std::{process::ExitCode, sync::Arc};
use teams_notify::Program;

fn main() -> ExitCode {
    let program = Program::new(triggers::app);
    if std::env::var_os("OPERATIONS_STORE").is_none() {
        return program.run();
    }
    program
        .object_store(|settings| {
            Ok(Arc::new(stores::OneFile::open(
                settings.folder().join("objects.json"),
            )?))
        })
        .reference_store(|settings| {
            Ok(Arc::new(stores::InstallationsFile::open(
                settings.folder().join("installations.json"),
            )?))
        })
        .run()
}
