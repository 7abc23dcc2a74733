//! `{:?}` of whatever holds names, texts, card data or callers' keys prints none of them: a project may log any of it.

use crate::{
    change::{Change, Event},
    content::{Alert, Body, Content, ContentError, Form, MessageSpec},
    identity::{Fingerprint, NotificationSource},
    ids::{ConversationId, NotificationId},
    notification::Notification,
    person::PersonKey,
    ports::{Continuation, Entry, Etag, Lease, Listed, Listing, Object, Page, Read, Stored, Version},
    recipient::Recipient,
    reference::ConversationReference,
    request::{Audience, NotificationKind, OnUncertain, Priority, Request},
    status::{NotificationState, Planning, Status},
    store::record,
    target::{ChannelState, DeliveryStatus, Installation, ReferenceRecord, Scope, Target, TargetKey},
};
use jiff::Timestamp;
use serde_json::json;
use std::{collections::BTreeMap, fmt::Debug};

const SECRET: &str = "planted-word";

fn secret() -> String {
    SECRET.to_owned()
}

#[track_caller]
fn hides(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

fn card() -> MessageSpec {
    MessageSpec {
        form: Form::Card {
            name: Some(secret()),
            template: json!({ "body": SECRET, SECRET: 1 }),
            locales: BTreeMap::from([("de".to_owned(), json!(SECRET))]),
        },
        data: Some(json!({ SECRET: SECRET })),
        summary: Some(secret()),
        alert: Alert::Quiet,
    }
}

fn audience() -> Audience {
    Audience {
        users: vec![secret()],
        ..Audience::default()
    }
}

fn key() -> TargetKey {
    TargetKey {
        bot: "bot".into(),
        tenant: "tenant".into(),
        root: "a:1".into(),
    }
}

fn installation() -> Box<Installation> {
    let target = Target {
        key: key(),
        scope: Scope::Personal,
        service_url: "https://smba.trafficmanager.net/emea/".into(),
        user: Some("29:1".into()),
        entra: None,
        name: Some(secret()),
        team: None,
        preferred_channel: None,
        preferred_channel_state: ChannelState::Present,
        preferred_channel_kind: None,
        preferred_channel_absent_at: None,
        locale: Some(secret()),
        time_zone: Some(secret()),
        delivery_status: DeliveryStatus::Active,
        doubt: None,
        event_at: Timestamp::UNIX_EPOCH,
    };
    let properties = json!({
        "conversation": { "id": "a:1", "name": SECRET },
        "user": { "id": "29:1", "name": SECRET, "userPrincipalName": SECRET },
        SECRET: SECRET,
    });
    let reference: ConversationReference = serde_json::from_value(properties).unwrap();
    Box::new(Installation { target, reference })
}

fn version() -> Version {
    Version("1".into())
}

#[test]
fn messages_and_requests() {
    hides(&card());
    hides(&Form::Text(secret()));
    for body in [Body::Text(SECRET.into()), Body::Card(SECRET.into())] {
        hides(&Content {
            body,
            summary: Some(SECRET.into()),
            alert: Alert::Toast,
        });
    }
    hides(&ContentError::Template {
        message: secret(),
        pointer: secret(),
    });
    hides(&ContentError::Limit {
        message: secret(),
        pointer: secret(),
    });
    hides(&ContentError::Unavailable(secret()));
    hides(&Request {
        message: card(),
        audience: Some(audience()),
        priority: Priority::Normal,
        on_uncertain: OnUncertain::Resend,
        expires_at: None,
        fingerprint: Fingerprint::of(&json!(SECRET)),
    });
    hides(&NotificationSource::Key(secret()));
    hides(&NotificationSource::Invocation(secret()));
    hides(&NotificationSource::Child {
        of: NotificationId::from("n"),
        request: secret(),
    });
}

#[test]
fn stored_notifications_and_their_status() {
    let notification = Notification {
        version: record::Version::NEWEST,
        id: "n".into(),
        bot: "bot".into(),
        kind: NotificationKind::Send,
        source: NotificationSource::Key(secret()),
        fingerprint: Fingerprint::of(&json!(SECRET)),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
        priority: Priority::Normal,
        on_uncertain: OnUncertain::Resend,
        message: card(),
        audience: Some(audience()),
        plan: None,
        stops: Vec::new(),
        operations: Vec::new(),
        cancelled_at: None,
        superseded_at: None,
        resumed_at: None,
        finished_at: None,
    };
    hides(&notification);
    hides(&Status {
        notification,
        state: NotificationState::Sending,
        reason: None,
        total: 1,
        planned: Planning::Complete,
        counts: Default::default(),
        pending: 1,
        resent: 0,
        waiting: Vec::new(),
    });
}

#[test]
fn people_and_where_they_are() {
    let reference = installation().reference;
    hides(&reference);
    hides(&reference.conversation());
    hides(&PersonKey::of(SECRET));
    for event in [
        Event::Installed(installation()),
        Event::Seen(installation()),
        Event::SeenInChannel(installation()),
        Event::Renamed(secret()),
    ] {
        hides(&Change {
            key: key(),
            at: Timestamp::UNIX_EPOCH,
            event,
        });
    }
    hides(&Stored {
        record: ReferenceRecord::Installed(installation()),
        version: version(),
    });
    hides(&Page {
        targets: vec![Listed {
            target: installation().target,
            version: version(),
        }],
        next: Some(Continuation(secret())),
    });
    hides(&Recipient {
        n: 0,
        tenant: "tenant".into(),
        conversation: ConversationId::from("a:1"),
        root: None,
        fallback: crate::recipient::Fallback::None,
        service_url: "https://smba.trafficmanager.net/emea/".into(),
        scope: Scope::Personal,
        user: None,
        entra: None,
        team: None,
        name: Some(secret()),
        locale: Some(secret()),
        version: None,
        certainty: crate::recipient::Certainty::Known,
        block: crate::recipient::BlockMark::None,
        activity: None,
        settled: None,
    });
}

#[test]
fn stored_objects() {
    let metadata = BTreeMap::from([("name".to_owned(), secret())]);
    let etag = Etag("1".into());
    hides(&Read::Found(Object {
        body: SECRET.into(),
        metadata: metadata.clone(),
        etag: etag.clone(),
    }));
    hides(&Listing {
        entries: vec![Entry {
            name: "references/b/t/1".to_owned(),
            etag,
            metadata,
            length: 1,
        }],
        next: None,
    });
    hides(&Lease {
        name: "lanes/b/t/lease".to_owned(),
        id: SECRET.into(),
    });
}
