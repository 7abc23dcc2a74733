//! Settings of the bot's registration (`BOT_*`, `GRAPH_URL`). Unknown `BOT_*` names are judged by [`names`](crate::names).

use crate::{Choice, Flag, Password, Text, setting::settings, word::words};

words! {
    /// The type of a bot registration.
    BotType {
        /// May be installed in any tenant; existing registrations only.
        MultiTenant = "MultiTenant",
        /// Of one tenant.
        SingleTenant = "SingleTenant",
        /// Of one tenant, with a managed identity instead of credentials.
        UserAssignedMsi = "UserAssignedMSI",
    }
}

words! {
    /// The clouds that have constants; a custom one comes from settings.
    CloudName {
        /// The worldwide cloud.
        Public = "public",
        /// US Government Community Cloud.
        Gcc = "gcc",
        /// GCC High.
        Gcch = "gcch",
        /// US Department of Defense.
        Dod = "dod",
        /// China, operated by 21Vianet.
        China = "china",
        /// Every endpoint given by settings.
        Custom = "custom",
    }
}

settings! {
    /// Bot app (client) id, a GUID. Empty: local development. Then no token is demanded or sent, only loopback service
    /// URLs are accepted, the listener is bound to 127.0.0.1, and the start is refused where a service hosts the process
    /// (`WEBSITE_INSTANCE_ID`, `CONTAINER_NAME`, `WEBSITE_POD_NAME`, `LEGION_SERVICE_HOST` or `KUBERNETES_SERVICE_HOST`
    /// is set).
    ID: Text = "BOT_ID", Text::OPTIONAL, example "";
    /// Type of the bot's registration; must be set where `BOT_ID` is. A new bot is `SingleTenant` or `UserAssignedMSI`:
    /// since 31 July 2025 no MultiTenant bots are created.
    TYPE: Choice<BotType> = "BOT_TYPE", Choice::required(), example "";
    /// Client secret, where the type needs one.
    PASSWORD: Password = "BOT_PASSWORD", Password { unset: "–" }, example "";
    /// Certificate with its RSA key, a PEM file: instead of a secret.
    CERTIFICATE_PATH: Text = "BOT_CERTIFICATE_PATH", Text::OPTIONAL, example "";
    /// Password of the certificate's key, if it is encrypted.
    CERTIFICATE_PASSWORD: Password = "BOT_CERTIFICATE_PASSWORD", Password { unset: "–" }, example "";
    /// Tenant of a single-tenant or managed-identity bot, a GUID.
    TENANT_ID: Text = "BOT_TENANT_ID", Text::OPTIONAL, example "";
    /// Tenants that may use the bot: a comma list of ids, or `*`. A MultiTenant bot needs it. Activities of other tenants
    /// get 403 and are not stored.
    ALLOWED_TENANTS: Text = "BOT_ALLOWED_TENANTS", Text { unset: "`BOT_TENANT_ID`" }, example "";
    /// Accepts tokens of the Bot Framework Emulator, audience checked.
    ALLOW_EMULATOR: Flag = "BOT_ALLOW_EMULATOR", Flag;
    /// The cloud whose endpoints the bot uses.
    CLOUD: Choice<CloudName> = "BOT_CLOUD", Choice::with_default(CloudName::Public);
    /// With `BOT_CLOUD=custom` only: base of the authority, `{base}/{tenant}/oauth2/v2.0/token`.
    LOGIN_URL: Text = "BOT_LOGIN_URL", Text::OPTIONAL;
    /// With `BOT_CLOUD=custom` only: OpenID metadata of the connector's tokens.
    OPENID_METADATA_URL: Text = "BOT_OPENID_METADATA_URL", Text::OPTIONAL;
    /// With `BOT_CLOUD=custom` only: issuer of the connector's tokens.
    TOKEN_ISSUER: Text = "BOT_TOKEN_ISSUER", Text::OPTIONAL;
    /// With `BOT_CLOUD=custom` only: scope of the bot's own tokens.
    SCOPE: Text = "BOT_SCOPE", Text::OPTIONAL;
    /// With `BOT_CLOUD=custom` only: hosts that may receive a token, a comma list of `host` or `host:port`.
    SERVICE_HOSTS: Text = "BOT_SERVICE_HOSTS", Text::OPTIONAL;
    /// With `BOT_CLOUD=custom` only: address of Microsoft Graph.
    GRAPH_URL: Text = "GRAPH_URL", Text::OPTIONAL;
}
