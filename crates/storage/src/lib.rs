//! Backends for the stores of notify: Azure Blob, local files, memory; one conformance suite.

pub mod memory;
