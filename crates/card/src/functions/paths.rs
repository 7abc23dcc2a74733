//! Paths.
pub(super) const FUNCTIONS: &[super::Function] = &[];
