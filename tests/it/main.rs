//! The one integration binary: what a user sees, against real parts.
