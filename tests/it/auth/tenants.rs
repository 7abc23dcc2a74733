//! Whose activities come in.

use super::Bot;
use crate::support::{
    activities::{OTHER_TENANT, TENANT, personal},
    notification::count,
    references::conversations,
};
use serde_json::json;

#[tokio::test]
async fn a_single_tenant_bot_takes_its_own_tenant_only() {
    let bot = Bot::start().await;
    let foreign = bot.teams.in_tenant(OTHER_TENANT).personal_install(2, 0);
    assert_eq!(bot.status(&foreign, &bot.token().signed()).await, 403);
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    assert_eq!(conversations(&bot.handler.room), [personal(1)]);
}

#[tokio::test]
async fn a_list_or_a_star_lets_others_in() {
    for allowed in [
        "*".to_owned(),
        format!("{TENANT}, {}", OTHER_TENANT.to_uppercase()),
    ] {
        let bot = Bot::with(&[("BOT_ALLOWED_TENANTS", &allowed)]).await;
        bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
        bot.acknowledges(&bot.teams.in_tenant(OTHER_TENANT).personal_install(2, 0))
            .await;
        let status = bot
            .handler
            .sends(&json!({ "text": "hello", "audience": { "tenants": [OTHER_TENANT] } }))
            .await;
        assert_eq!(
            (status["total"].as_u64(), count(&status, "delivered")),
            (Some(1), 1),
            "{status}"
        );
        assert_eq!(bot.connector.reached(), [personal(2)]);
    }
}
