//! One binary: the Functions custom handler, the local host, and the operator commands.

fn main() {}
