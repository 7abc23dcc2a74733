//! Microsoft Teams as a bot sees it: activities, conversation references, the connector, tokens in and out.
