//! The domain: audiences, notifications, lanes, governor, ledger, outcomes.
