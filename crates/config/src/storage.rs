//! Settings of the storage account: as the Functions host reads them, and the name of TeamsFx's file.

use crate::{Name, Text, setting::settings};

settings! {
    /// The storage account: a connection string with `AccountKey` or `SharedAccessSignature`, or
    /// `UseDevelopmentStorage=true`.
    CONNECTION: Text = "AzureWebJobsStorage", Text::OPTIONAL, example "UseDevelopmentStorage=true";
    /// With an identity instead of a connection string: name of the account.
    ACCOUNT_NAME: Text = "AzureWebJobsStorage__accountName", Text::OPTIONAL;
    /// With an identity: address of the blobs, instead of the account's name.
    BLOB_SERVICE_URI: Text = "AzureWebJobsStorage__blobServiceUri", Text::OPTIONAL;
    /// With an identity: address of the queues, instead of the account's name.
    QUEUE_SERVICE_URI: Text = "AzureWebJobsStorage__queueServiceUri", Text::OPTIONAL;
    /// With an identity: `managedidentity` is the only value.
    CREDENTIAL: Text = "AzureWebJobsStorage__credential", Text { unset: "the environment's identity" };
    /// With an identity: client id of a user-assigned one.
    CLIENT_ID: Text = "AzureWebJobsStorage__clientId", Text { unset: "the system-assigned one" };
    /// Name of the file of conversation references, for the store `file`.
    REFERENCES_FILE: Name = "TEAMSFX_NOTIFICATION_STORE_FILENAME", Name { default: ".notification.localstore.json" };
}
