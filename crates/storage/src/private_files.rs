//! Files and folders that their owner alone may open, whatever the umask: a store says who has installed the bot, and
//! whoever can open its lock can hold it. Where the system knows no modes (Windows) nothing of this happens.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// Mode of every file.
#[cfg(unix)]
const FILE: u32 = 0o600;
/// Mode of every folder.
#[cfg(unix)]
const FOLDER: u32 = 0o700;

/// Makes a file to be written. What has the name goes first, so that nothing is written through a link that somebody
/// put there, or into a file that somebody holds open.
///
/// # Errors
/// What the system says.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    set_file_mode(&mut options);
    let file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)?
        }
        opened => opened?,
    };
    restrict(&file);
    Ok(file)
}

/// Makes a folder, with those above it that are missing; one that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        create_folder(above)?;
    }
    let mut builder = DirBuilder::new();
    set_folder_mode(&mut builder);
    match builder.create(path) {
        Ok(()) => {
            restrict_folder(path);
            Ok(())
        }
        // Somebody else was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes a whole file, see [`create`].
///
/// # Errors
/// What the system says.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    io::Write::write_all(&mut create(path)?, content)
}

/// Copies a file's content.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    io::copy(&mut from, &mut create(to)?).map(drop)
}

/// Opens a file that stays in its place, to be read and written, and makes it if it is missing. A link is refused.
pub(crate) fn open_in_place(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    set_file_mode(&mut options);
    follow_no_link(&mut options);
    let file = options.open(path).map_err(|error| match path.is_symlink() {
        true => io::Error::new(
            error.kind(),
            "it is a symbolic link, which is not followed; remove it",
        ),
        false => error,
    })?;
    restrict(&file);
    Ok(file)
}

/// Takes from files and folders what others may do with them. What can't be changed (another owner's, a file system
/// without modes) stays, and is said once.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    left: Option<(PathBuf, io::Error)>,
}

impl Closing {
    /// One file or folder; links and other things are left alone.
    pub(crate) fn close(&mut self, path: &Path) {
        if let Err(error) = close(path)
            && error.kind() != ErrorKind::NotFound
        {
            self.left.get_or_insert_with(|| (path.to_owned(), error));
        }
    }

    /// What lies in a folder under a name that is wanted.
    pub(crate) fn close_in(&mut self, folder: &Path, wanted: impl Fn(&str) -> bool) {
        let items = fs::read_dir(folder).into_iter().flatten().flatten();
        for item in items {
            if item.file_name().to_str().is_some_and(&wanted) {
                self.close(&item.path());
            }
        }
    }

    /// Says what stayed open to others.
    pub(crate) fn report(self) {
        if let Some((path, error)) = self.left {
            tracing::warn!(
                path = %path.display(),
                %error,
                "others on this machine may be able to read the local store: its mode can't be changed; give the folder \
                 to the user that runs this program, or keep others out of it"
            );
        }
    }
}

#[cfg(unix)]
fn close(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let found = fs::symlink_metadata(path)?;
    let wanted = match found.file_type() {
        kind if kind.is_dir() => FOLDER,
        kind if kind.is_file() => FILE,
        _ => return Ok(()),
    };
    let mode = found.permissions().mode();
    if mode & 0o777 & !wanted == 0 {
        return Ok(());
    }
    // By its descriptor: the name may have become a link meanwhile, or something that would be waited for.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    file.set_permissions(fs::Permissions::from_mode(mode & (wanted | !0o777)))
}

/// The umask may have taken what the owner needs. A file system without modes refuses; the store has said so by then.
#[cfg(unix)]
fn restrict(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(found) = file.metadata()
        && found.permissions().mode() & 0o777 != FILE
    {
        let _ = file.set_permissions(fs::Permissions::from_mode(FILE));
    }
}

#[cfg(unix)]
fn restrict_folder(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(found) = fs::symlink_metadata(path) {
        // What the folder above passes on (set-group-id) stays.
        let mode = found.permissions().mode();
        if mode & 0o777 != FOLDER {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o777 | FOLDER));
        }
    }
}

#[cfg(unix)]
fn set_file_mode(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, FILE);
}

#[cfg(unix)]
fn set_folder_mode(builder: &mut DirBuilder) {
    std::os::unix::fs::DirBuilderExt::mode(builder, FOLDER);
}

#[cfg(unix)]
fn follow_no_link(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NOFOLLOW);
}

#[cfg(not(unix))]
fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_file: &File) {}

#[cfg(not(unix))]
fn restrict_folder(_path: &Path) {}

#[cfg(not(unix))]
fn set_file_mode(_options: &mut OpenOptions) {}

#[cfg(not(unix))]
fn set_folder_mode(_builder: &mut DirBuilder) {}

#[cfg(not(unix))]
fn follow_no_link(_options: &mut OpenOptions) {}
