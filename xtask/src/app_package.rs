//! `cargo xtask app-package`: the Teams app that installs the bot, checked and zipped.
//!
//! The manifest names its ids as `${{TEAMS_APP_ID}}` and `${{BOT_ID}}`, as the Microsoft 365 Agents Toolkit does;
//! both are taken from the environment. The schema is Microsoft's, from the npm package in `tools/manifest`.

mod icon;
mod placeholders;

use crate::output::say;
use std::{
    env,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{
    failure::Failure,
    node_packages::{Node, NpmFolder},
    process,
    project::Project,
};
use icon::IconKind;

/// Used for an id that is not set, so that the rest can be checked.
const PLACEHOLDER_ID: &str = "00000000-0000-0000-0000-000000000000";

/// The manifest with its placeholders replaced, and the files that it names.
struct App {
    manifest: String,
    icons: Vec<(String, PathBuf)>,
    /// Environment variables that are not set.
    missing: Vec<String>,
}

/// Checks, then writes `dist/appPackage.zip`.
pub(crate) fn run(project: &Project) -> Result<(), Failure> {
    let app = load(project)?;
    let zip = project.dist()?.join("appPackage.zip");
    pack(&app, &zip)?;
    say!("ready: {}", zip.display());
    if !app.missing.is_empty() {
        say!(
            "It does not install yet: set {} and run this again.",
            app.missing.join(" and ")
        );
    }
    Ok(())
}

/// Checks without writing the zip.
pub(crate) fn check(project: &Project) -> Result<(), Failure> {
    load(project).map(drop)
}

fn load(project: &Project) -> Result<App, Failure> {
    let home = project.file("appPackage");
    let file = home.join("manifest.json");
    let text = fs::read_to_string(&file).map_err(Failure::at(&file))?;
    let mut missing = Vec::new();
    let manifest = placeholders::replace(&text, |name| {
        let value = env::var(name).ok().filter(|value| !value.is_empty());
        if value.is_none() {
            missing.push(name.to_owned());
        }
        value.unwrap_or_else(|| PLACEHOLDER_ID.to_owned())
    })
    .map_err(|problem| Failure::new(format!("appPackage/manifest.json: {problem}")))?;
    validate(project, &manifest)?;
    say!("ok  manifest.json obeys its schema");

    let manifest_value: Value =
        serde_json::from_str(&manifest).map_err(Failure::during("appPackage/manifest.json"))?;
    let mut icons = Vec::new();
    for kind in [IconKind::Color, IconKind::Outline] {
        let key = kind.key();
        let name = manifest_value
            .pointer(&format!("/icons/{key}"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        let file = home.join(name);
        icon::check(kind, &file)?;
        say!("ok  {name} obeys the rules for icons");
        icons.push((name.to_owned(), file));
    }
    Ok(App {
        manifest,
        icons,
        missing,
    })
}

/// Runs the schema validator on the manifest as it will be packed.
fn validate(project: &Project, manifest: &str) -> Result<(), Failure> {
    let node = Node::find()?;
    node.install(project, NpmFolder::Manifest)?;
    let filled = project.dist()?.join("manifest.json");
    fs::write(&filled, manifest).map_err(Failure::at(&filled))?;
    let mut command = Command::new(&node.node);
    command.arg(project.file("tools/manifest/check.mjs")).arg(&filled);
    let outcome = process::output(&mut command);
    fs::remove_file(&filled).map_err(Failure::at(&filled))?;
    outcome.map(drop).map_err(|failure| {
        Failure::new(format!("appPackage/manifest.json is not valid: {failure}"))
            .hint("A wrong id may come from TEAMS_APP_ID or BOT_ID in the environment: both are GUIDs.")
    })
}

/// Teams wants the three files at the root of the zip.
fn pack(app: &App, zip: &Path) -> Result<(), Failure> {
    let mut writer = ZipWriter::new(File::create(zip).map_err(Failure::at(zip))?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut add = |name: &str, bytes: &[u8]| {
        writer.start_file(name, options).map_err(Failure::during(name))?;
        writer.write_all(bytes).map_err(Failure::at(zip))
    };
    add("manifest.json", app.manifest.as_bytes())?;
    for (name, file) in &app.icons {
        add(name, &fs::read(file).map_err(Failure::at(file))?)?;
    }
    writer
        .finish()
        .map(drop)
        .map_err(Failure::during("closing the zip"))
}
