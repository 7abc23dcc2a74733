//! What hosting services set in a process's environment: by it, what is for one's own machine only is refused elsewhere.

use crate::{Lookup, foreign};

/// Set by Azure's services only.
const AZURE: [&str; 4] = [
    "WEBSITE_INSTANCE_ID",
    "CONTAINER_NAME",
    "WEBSITE_POD_NAME",
    "LEGION_SERVICE_HOST",
];

/// Set by Kubernetes in every pod.
const KUBERNETES: &str = "KUBERNETES_SERVICE_HOST";

/// The variable by which this process runs on Azure, if it does.
pub fn azure(lookup: &Lookup<'_>) -> Option<&'static str> {
    AZURE.into_iter().find(|name| foreign(lookup, name).is_some())
}

/// The variable by which a service hosts this process, if one does.
pub fn any(lookup: &Lookup<'_>) -> Option<&'static str> {
    azure(lookup).or_else(|| Some(KUBERNETES).filter(|name| foreign(lookup, name).is_some()))
}
