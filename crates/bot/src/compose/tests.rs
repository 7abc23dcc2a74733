//! What recipients get of a template: their language, their own fields, and nothing that Teams would refuse.

use super::*;
use notify::{clock::SystemClock, content::Alert, ids::BotId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use storage::memory::MemoryObjects;
use teams::settings::BotSettings;

fn composer() -> CardComposer {
    let nothing = |_: &str| None;
    let settings = BotSettings::read(&nothing).unwrap();
    let http = teams::transport::client(&nothing).unwrap();
    let clock = Arc::new(SystemClock::new());
    let objects = MemoryObjects::new(Arc::clone(&clock) as _);
    let signing = LazySigningKey::new(Arc::new(objects), BotId::from("b"));
    CardComposer::new(
        Arc::new(TeamsConnector::new(&settings, None, &http, clock)),
        signing,
    )
}

fn facts() -> NotificationFacts {
    NotificationFacts {
        id: "n-1".into(),
        created_at: "2026-11-22T10:00:00Z".parse().unwrap(),
        action: None,
    }
}

fn spec(template: Value, data: Value) -> MessageSpec {
    let form = Form::Card {
        name: Some("test".to_owned()),
        template,
        locales: BTreeMap::new(),
    };
    MessageSpec {
        form,
        data: Some(data),
        summary: Some("s".to_owned()),
        alert: Alert::Toast,
    }
}

fn to(name: &str, locale: &str) -> Recipient {
    Recipient {
        name: Some(name.to_owned()),
        locale: Some(locale.to_owned()),
        conversation: ConversationId::from("a:1"),
        tenant: TenantId::from("t"),
        ..shortest()
    }
}

fn card(content: &Content) -> &str {
    match &content.body {
        Body::Card(text) => text,
        Body::Text(_) => panic!("text"),
    }
}

#[tokio::test]
async fn a_card_for_everyone_is_filled_once() {
    let spec = spec(
        json!({"type": "AdaptiveCard", "title": "${title}"}),
        json!({"title": "Hi"}),
    );
    let message = composer().compose(&spec, &facts()).await.unwrap();
    let (one, two) = (
        message.ready(&to("Ann", "de")).unwrap().unwrap(),
        message.ready(&to("Bob", "fr")).unwrap().unwrap(),
    );
    assert!(Arc::ptr_eq(&one, &two));
    let filled: Value = serde_json::from_str(card(&one)).unwrap();
    assert_eq!(filled, json!({"type": "AdaptiveCard", "title": "Hi"}));
    assert_eq!(one.summary.as_deref(), Some("s"));
}

#[tokio::test]
async fn a_card_with_the_recipients_fields_is_filled_for_each() {
    let template = json!({"type": "AdaptiveCard", "text": "${$host.recipient.name} ${$host.recipient.locale} ${$host.notification.id}"});
    let message = composer()
        .compose(&spec(template, json!({})), &facts())
        .await
        .unwrap();
    assert_eq!(
        card(&message.make(&to("Ann", "de")).await.unwrap()),
        r#"{"text":"Ann de n-1","type":"AdaptiveCard"}"#
    );
    assert_eq!(
        card(&message.make(&to("Bob", "fr")).await.unwrap()),
        r#"{"text":"Bob fr n-1","type":"AdaptiveCard"}"#
    );
}

#[tokio::test]
async fn the_recipients_language_falls_back_to_less_particular_ones() {
    let mut spec = spec(json!({"type": "AdaptiveCard", "t": "default"}), json!({}));
    if let Form::Card { locales, .. } = &mut spec.form {
        locales.insert("de".to_owned(), json!({"type": "AdaptiveCard", "t": "de"}));
        locales.insert("de-at".to_owned(), json!({"type": "AdaptiveCard", "t": "de-AT"}));
    }
    let message = composer().compose(&spec, &facts()).await.unwrap();
    let text = |locale: &str| card(&message.ready(&to("x", locale)).unwrap().unwrap()).to_owned();
    assert_eq!(text("de-AT"), r#"{"t":"de-AT","type":"AdaptiveCard"}"#);
    assert_eq!(text("de-CH"), r#"{"t":"de","type":"AdaptiveCard"}"#);
    assert_eq!(text("DE"), r#"{"t":"de","type":"AdaptiveCard"}"#);
    assert_eq!(text("it-IT"), r#"{"t":"default","type":"AdaptiveCard"}"#);
}

#[tokio::test]
async fn too_large_is_refused_at_once_or_for_the_recipient_whom_it_concerns() {
    let large = "x".repeat(60_000);
    let everyone = spec(
        json!({"type": "AdaptiveCard", "text": "${big}"}),
        json!({"big": large}),
    );
    let refused = composer().compose(&everyone, &facts()).await.err().unwrap();
    assert_eq!(refused.code(), "too-large");
    assert!(refused.to_string().contains("at most 100000"), "{refused}");

    let each = spec(
        json!({"type": "AdaptiveCard", "text": "${if($host.recipient.name == 'Ann', big, 'short')}"}),
        json!({"big": large}),
    );
    let message = composer().compose(&each, &facts()).await.unwrap();
    assert_eq!(
        message.make(&to("Ann", "de")).await.unwrap_err().code(),
        "too-large"
    );
    assert_eq!(
        card(&message.make(&to("Bob", "de")).await.unwrap()),
        r#"{"text":"short","type":"AdaptiveCard"}"#
    );
}

#[tokio::test]
async fn a_wrong_template_is_named_with_its_place() {
    let refused = composer()
        .compose(
            &spec(json!({"type": "AdaptiveCard", "a": ["${toUper(x)}"]}), json!({})),
            &facts(),
        )
        .await
        .err()
        .unwrap();
    let ContentError::Template { message, pointer } = refused else {
        panic!("{refused}")
    };
    assert_eq!(pointer, "/a/0");
    assert!(message.contains("toUpper"), "{message}");
}

#[tokio::test]
async fn what_is_no_card_is_refused() {
    for template in [json!({}), json!({"hello": 1}), json!({"type": "TextBlock"})] {
        let refused = composer()
            .compose(&spec(template, json!({})), &facts())
            .await
            .err()
            .unwrap();
        let ContentError::Template { pointer, .. } = refused else {
            panic!("{refused}")
        };
        assert_eq!(pointer, "/type");
    }
}

#[tokio::test]
async fn a_card_without_end_is_refused_at_once_also_if_it_may_read_the_recipients_fields() {
    let itself = "${stringOrValue(s)}";
    for text in [itself, "${$host.recipient.name} ${stringOrValue(s)}"] {
        let refused = composer()
            .compose(
                &spec(
                    json!({"type": "AdaptiveCard", "a": [text]}),
                    json!({ "s": itself }),
                ),
                &facts(),
            )
            .await
            .err()
            .unwrap();
        assert_eq!(refused.code(), "card-limit");
        let ContentError::Limit { message, pointer } = refused else {
            panic!("{refused}")
        };
        assert_eq!(pointer, "/a/0");
        assert!(message.contains("levels"), "{message}");
    }
}

#[tokio::test]
async fn a_card_that_fails_for_one_recipient_is_made_for_the_others() {
    let template = json!({"type": "AdaptiveCard", "t": "${if($host.recipient.name == 'Ann', stringOrValue(s), 'fine')}"});
    let message = composer()
        .compose(&spec(template, json!({ "s": "${stringOrValue(s)}" })), &facts())
        .await
        .unwrap();
    assert!(message.ready(&to("Ann", "de")).is_none());
    assert_eq!(
        message.make(&to("Ann", "de")).await.unwrap_err().code(),
        "card-limit"
    );
    assert_eq!(
        card(&message.make(&to("Bob", "de")).await.unwrap()),
        r#"{"t":"fine","type":"AdaptiveCard"}"#
    );
}
