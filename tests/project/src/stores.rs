//! Stores of the project's own. They are small: what a test sends fits into a file that is written whole.

mod installations;
mod one_file;

pub(crate) use installations::InstallationsFile;
pub(crate) use one_file::OneFile;
