//! What the project does to itself: test, package, check.

fn main() {}
