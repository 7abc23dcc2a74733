//! Settings of sending (`NOTIFICATION_*`). An unknown name of this family stops the start, see [`names`](crate::names).

use crate::{Choice, Name, Number, Password, setting::settings, word::words};

words! {
    /// Where conversation references and notifications are kept.
    StoreKind {
        /// Azure Blob Storage.
        Blob = "blob",
        /// Files in the project's folder.
        File = "file",
    }
}

settings! {
    /// Where conversation references and notifications are kept; `file` is refused on Azure.
    STORE: Choice<StoreKind> = "NOTIFICATION_STORE",
        Choice::without_default("blob with a storage account, else file"), example "";
    /// The blob container: 3 to 63 of a-z, 0-9 and single hyphens.
    CONTAINER: Name = "NOTIFICATION_CONTAINER", Name { default: "notifications" };
    /// Requests per second, for each tenant. Teams allows 50.
    RATE: Number = "NOTIFICATION_RATE",
        Number { default: 50, accepted: 1..=1_000_000, unit: "requests per second" };
    /// Length of a lane's lease: how soon another instance takes over after a crash.
    LEASE_SECONDS: Number = "NOTIFICATION_LEASE_SECONDS",
        Number { default: 30, accepted: 15..=60, unit: "seconds" };
    /// A notification without `audience` to more installations sends nothing and stands `stopped`.
    UNNAMED_LIMIT: Number = "NOTIFICATION_UNNAMED_LIMIT",
        Number { default: 1_000, accepted: 0..=u64::MAX, unit: "installations" };
    /// How many days finished notifications and their reports are kept.
    RETENTION_DAYS: Number = "NOTIFICATION_RETENTION_DAYS",
        Number { default: 90, accepted: 1..=36_500, unit: "days" };
    /// The function key that `dev` and `serve` demand.
    LOCAL_KEY: Password = "NOTIFICATION_LOCAL_KEY",
        Password { unset: "`dev` makes one up once and keeps it in `.notify/local-key`; `serve` does not start" }, example "";
}
