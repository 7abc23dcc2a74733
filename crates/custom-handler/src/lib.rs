//! The Azure Functions custom handler protocol: envelopes, timers, queue items, forwarded HTTP, replies.
