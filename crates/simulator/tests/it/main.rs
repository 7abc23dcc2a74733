//! The domain under virtual time.

mod basics;
mod kills;
mod limits;
