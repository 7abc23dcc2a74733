//! A queue of Azurite as the Functions host reads it: messages come, are worked on, and are deleted or come again.

use super::{
    azurite::{Azurite, KEY},
    http::{Answer, client},
};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};

const VERSION: &str = "2019-12-12";
const EXPIRY: &str = "2099-01-01T00:00:00Z";

/// A message as it was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) receipt: String,
    /// As it is on the wire.
    pub(crate) raw: String,
    pub(crate) dequeued: u32,
}

impl Message {
    /// The text, from base64.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(STANDARD.decode(&self.raw).unwrap()).unwrap()
    }
}

/// A queue; it comes to be when the handler first sends.
#[derive(Clone)]
pub(crate) struct Queue {
    base: String,
    sas: String,
}

impl Queue {
    pub(crate) fn new(azurite: &Azurite, name: &str) -> Self {
        Self {
            base: format!("{}/{name}", azurite.queue_endpoint()),
            sas: sas(),
        }
    }

    fn url(&self, path: &str, query: &str) -> String {
        format!("{}{path}?{query}&{}", self.base, self.sas)
    }

    /// Takes the visible messages for ten minutes.
    pub(crate) async fn take(&self) -> Vec<Message> {
        let url = self.url("/messages", "numofmessages=32&visibilitytimeout=600");
        let answer = Answer::to(client().get(url)).await;
        if answer.status == 404 {
            return Vec::new();
        }
        let body = answer.expect(200).body;
        let tag = |text: &str, name: &str| {
            let rest = text.split_once(&format!("<{name}>")).unwrap().1;
            rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
        };
        body.split("<QueueMessage>")
            .skip(1)
            .map(|text| Message {
                id: tag(text, "MessageId"),
                receipt: tag(text, "PopReceipt"),
                raw: tag(text, "MessageText").replace("&quot;", "\""),
                dequeued: tag(text, "DequeueCount").parse().unwrap(),
            })
            .collect()
    }

    /// A message was worked on.
    pub(crate) async fn delete(&self, message: &Message) {
        let receipt = message
            .receipt
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let url = self.url(
            &format!("/messages/{}", message.id),
            &format!("popreceipt={receipt}"),
        );
        Answer::to(client().delete(url)).await.expect(204);
    }
}

/// A shared access signature for all queues of the account.
fn sas() -> String {
    let (permissions, services, kinds) = ("rwdlacup", "q", "sco");
    let text = format!(
        "devstoreaccount1\n{permissions}\n{services}\n{kinds}\n\n{EXPIRY}\n\nhttps,http\n{VERSION}\n"
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(KEY).unwrap());
    let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()).as_ref());
    let signature = signature
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    format!(
        "sv={VERSION}&ss={services}&srt={kinds}&sp={permissions}&se={}&spr=https,http&sig={signature}",
        EXPIRY.replace(':', "%3A")
    )
}
