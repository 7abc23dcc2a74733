//! Prints the sizes of the files in the package.

use crate::output::say;
use std::path::Path;

use super::archive::Entry;
use crate::failure::Failure;

/// One line per file, then the totals: unpacked and the zip itself.
pub(super) fn print(entries: &[Entry], zip: &Path) -> Result<(), Failure> {
    say!("\n{:40} {:>12} {:>12}", "file", "bytes", "in the zip");
    for entry in entries {
        say!("{:40} {:>12} {:>12}", entry.name, entry.size, entry.packed);
    }
    let size: u64 = entries.iter().map(|entry| entry.size).sum();
    let whole = zip.metadata().map_err(Failure::at(zip))?.len();
    say!("{:40} {size:>12} {whole:>12}", "total");
    Ok(())
}
