//! Whether an activity comes from a chat of Copilot. Such a chat shows the bot's replies; a notification posted there
//! is refused as if an administrator had disabled the bot.

use crate::activity::{Activity, text};

const COPILOT: &str = "COPILOT";

/// By any of its signs: the product in `channelData`, the product's entity, the sub-channel.
pub(super) fn is_its_chat(activity: &Activity) -> bool {
    let is_copilot = |text: &str| text.trim().eq_ignore_ascii_case(COPILOT);
    let product = activity.channel_data().product_context();
    let sub_channel = activity.channel().and_then(|channel| channel.split_once(':'));
    let mut products = activity
        .entities()
        .filter(|entity| text(entity, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("ProductInfo")))
        .filter_map(|entity| text(entity, "id"));
    product.is_some_and(is_copilot)
        || sub_channel.is_some_and(|(_, sub_channel)| is_copilot(sub_channel))
        || products.any(is_copilot)
}
