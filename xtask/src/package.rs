//! `cargo xtask package`: the folder and the zip that are published to Azure, checked.
//!
//! The checks read the finished zip: it is unpacked into a folder of its own, and the
//! program in there is started as the Functions host starts it.

mod archive;
mod build;
mod elf;
mod host_json;
mod stage;
mod start;
mod table;

use crate::output::say;
use std::{fs, path::Path};

use crate::{failure::Failure, project::Project};

/// Builds, stages, zips and checks; `binary` is a program built elsewhere.
pub(crate) fn run(project: &Project, binary: Option<&str>) -> Result<(), Failure> {
    let program = match binary {
        Some(file) => Path::new(file).to_path_buf(),
        None => build::static_binary(project)?,
    };
    let dist = project.dist()?;
    let folder = dist.join("package");
    let zip = dist.join("teams-notify.zip");
    let staged = stage::stage(project, &program, &folder)?;
    archive::write(&folder, &staged, &zip)?;

    let entries = archive::list(&zip)?;
    let unpacked = dist.join("unpacked");
    clear(&unpacked)?;
    archive::extract(&zip, &unpacked)?;
    let checked = check(&folder, &unpacked, &staged, &entries);
    clear(&unpacked)?;
    if let Err(failure) = checked {
        // A package that failed its checks must not be published by mistake.
        clear(&folder)?;
        fs::remove_file(&zip).map_err(Failure::at(&zip))?;
        return Err(failure);
    }
    // For `func start` in the checkout, whose host.json names the same program.
    let local = project.file(stage::PROGRAM);
    stage::copy(&folder.join(stage::PROGRAM), &local, stage::mode(stage::PROGRAM))?;

    table::print(&entries, &zip)?;
    say!(
        "\nready: {}\n       {}\n       {}",
        folder.display(),
        zip.display(),
        local.display()
    );
    say!("publish: cd dist/package && func azure functionapp publish YOUR_APP --custom");
    Ok(())
}

fn check(
    folder: &Path,
    unpacked: &Path,
    staged: &[String],
    entries: &[archive::Entry],
) -> Result<(), Failure> {
    let executable = host_json::executable(&folder.join("host.json"))?;
    ok("host.json is version 2.0 and starts", &executable);

    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    if names != staged {
        return Err(Failure::new(format!(
            "the zip contains {names:?}, the folder {staged:?}"
        )));
    }
    if let Some(secret) = names.iter().find(|name| stage::is_private(name)) {
        return Err(Failure::new(format!(
            "{secret} is in the package; it may hold secrets and must not be published"
        )));
    }
    ok(
        "no settings or state of this machine among",
        &format!("{} files", names.len()),
    );

    let functions = host_json::functions(folder)?;
    ok("function.json files are well formed:", &functions.join(", "));
    if let Some(warning) = host_json::demo_timer(folder)? {
        say!("warning  {warning}");
    }

    let Some(entry) = entries.iter().find(|entry| entry.name == executable) else {
        return Err(Failure::new(format!(
            "host.json starts `{executable}`, which is not in the zip"
        ))
        .hint("defaultExecutablePath must be `handler`, without `./`."));
    };
    archive::require_executable(entry)?;
    for root in [folder, unpacked] {
        archive::require_executable_file(&root.join(&executable))?;
    }
    ok(
        "executable bit on disk, in the zip and unpacked:",
        &format!("{:04o}", entry.mode & 0o7777),
    );

    let program = unpacked.join(&executable);
    let bytes = fs::read(&program).map_err(Failure::at(&program))?;
    let linking = elf::require_static(&bytes).map_err(|problem| {
        Failure::new(format!("{executable}: {problem}"))
            .hint("Azure's Linux has a different C library: build a static x86-64 program.")
    })?;
    ok("ELF for x86-64,", linking.name());

    ok("--version:", &start::version(&program)?);
    let took = start::time_to_first_response(&program, unpacked)?;
    ok(
        "first answer to the host's ping after",
        &format!("{} ms", took.as_millis()),
    );
    Ok(())
}

fn ok(what: &str, value: &str) {
    say!("ok  {what} {value}");
}

/// Removes a folder if it is there.
fn clear(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::at(folder))?;
    }
    Ok(())
}
