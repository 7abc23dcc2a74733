//! Drives any Azure Functions custom handler from its own host.json and function.json files.
