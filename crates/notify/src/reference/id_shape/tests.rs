//! Every form of an id that the documents of Teams show, and what each comes to.

use super::*;

/// What an id is, its scope, its root and the message its thread began with.
type Form = (&'static str, IdKind, Scope, &'static str, Option<&'static str>);

#[rustfmt::skip]
const FORMS: &[Form] = &[
    ("a:1PersonalConvOpaque", IdKind::PersonalChat, Scope::Personal, "a:1PersonalConvOpaque", None),
    ("A:1x", IdKind::PersonalChat, Scope::Personal, "A:1x", None),
    ("19:5e3a3333-3333-4333-8333-000000000003_0b07a111-1111-4111-8111-000000000001@unq.gbl.spaces", IdKind::PersonalChat, Scope::Personal,
        "19:5e3a3333-3333-4333-8333-000000000003_0b07a111-1111-4111-8111-000000000001@unq.gbl.spaces", None),
    ("19:u_b@unq.gcch.spaces", IdKind::PersonalChat, Scope::Personal, "19:u_b@unq.gcch.spaces", None),
    ("19:group0003@thread.v2", IdKind::GroupChat, Scope::GroupChat, "19:group0003@thread.v2", None),
    ("19:uni01_abc@thread.v2", IdKind::GroupChat, Scope::GroupChat, "19:uni01_abc@thread.v2", None),
    ("19:acsV1_abc@thread.v2", IdKind::GroupChat, Scope::GroupChat, "19:acsV1_abc@thread.v2", None),
    ("19:group0003@thread.v2;messageid=17", IdKind::GroupChat, Scope::GroupChat, "19:group0003@thread.v2", Some("17")),
    ("19:meeting_MjdhNjM4@thread.v2", IdKind::MeetingChat, Scope::GroupChat, "19:meeting_MjdhNjM4@thread.v2", None),
    ("19:meeting_MjdhNjM4@thread.skype", IdKind::MeetingChat, Scope::GroupChat, "19:meeting_MjdhNjM4@thread.skype", None),
    ("19:meeting_MjdhNjM4", IdKind::MeetingChat, Scope::GroupChat, "19:meeting_MjdhNjM4", None),
    ("19:teamroot0001@thread.tacv2", IdKind::Channel, Scope::Team, "19:teamroot0001@thread.tacv2", None),
    ("19:chan0002@thread.tacv2;messageid=1767603700456", IdKind::Channel, Scope::Team, "19:chan0002@thread.tacv2", Some("1767603700456")),
    ("19:chan0002@thread.tacv2;messageId=1", IdKind::Channel, Scope::Team, "19:chan0002@thread.tacv2", Some("1")),
    ("19:chan0002@thread.tacv2;x=1;messageid=2", IdKind::Channel, Scope::Team, "19:chan0002@thread.tacv2", Some("2")),
    ("19:chan0002@THREAD.TACV2", IdKind::Channel, Scope::Team, "19:chan0002@THREAD.TACV2", None),
    ("19:ec13f7cc@thread.skype", IdKind::Channel, Scope::Team, "19:ec13f7cc@thread.skype", None),
    ("19:ec13f7cc@thread.skype;messageid=1498769716122", IdKind::Channel, Scope::Team, "19:ec13f7cc@thread.skype", Some("1498769716122")),
    ("19:of-a-form-to-come@thread.v9", IdKind::GroupChat, Scope::GroupChat, "19:of-a-form-to-come@thread.v9", None),
    ("48:notes", IdKind::PersonalChat, Scope::Personal, "48:notes", None),
    ("29:1aBcUserPairwise", IdKind::Person, Scope::Personal, "29:1aBcUserPairwise", None),
    ("28:0b07a111-1111-4111-8111-000000000001", IdKind::Bot, Scope::Personal, "28:0b07a111-1111-4111-8111-000000000001", None),
    ("28:gcch:0b07a111-1111-4111-8111-000000000001", IdKind::Bot, Scope::Personal, "28:gcch:0b07a111-1111-4111-8111-000000000001", None),
    ("28:orgid:0b07a111-1111-4111-8111-000000000001", IdKind::Bot, Scope::Personal, "28:orgid:0b07a111-1111-4111-8111-000000000001", None),
    ("28:gcch-global:0b07a111-1111-4111-8111-000000000001", IdKind::Bot, Scope::Personal, "28:gcch-global:0b07a111-1111-4111-8111-000000000001", None),
    ("28:dod:0b07a111-1111-4111-8111-000000000001", IdKind::Bot, Scope::Personal, "28:dod:0b07a111-1111-4111-8111-000000000001", None),
    ("28:dod-global:0b07a111-1111-4111-8111-000000000001", IdKind::Bot, Scope::Personal, "28:dod-global:0b07a111-1111-4111-8111-000000000001", None),
    ("8:orgid:5e3a3333-3333-4333-8333-000000000003", IdKind::EntraPerson, Scope::Personal, "8:orgid:5e3a3333-3333-4333-8333-000000000003", None),
    ("8:gcch:5e3a3333-3333-4333-8333-000000000003", IdKind::EntraPerson, Scope::Personal, "8:gcch:5e3a3333-3333-4333-8333-000000000003", None),
    ("8:dod:5e3a3333-3333-4333-8333-000000000003", IdKind::EntraPerson, Scope::Personal, "8:dod:5e3a3333-3333-4333-8333-000000000003", None),
    ("8:teamsvisitor:00000000", IdKind::OtherPerson, Scope::Personal, "8:teamsvisitor:00000000", None),
    ("personal-chat-id", IdKind::PersonalChat, Scope::Personal, "personal-chat-id", None),
    ("05ef3dc2-1e14-46e9-a551-f501c0ff0420@test.user", IdKind::PersonalChat, Scope::Personal, "05ef3dc2-1e14-46e9-a551-f501c0ff0420@test.user", None),
    ("group-chat-id", IdKind::GroupChat, Scope::GroupChat, "group-chat-id", None),
    ("team-id;messageid=1795326262784", IdKind::Channel, Scope::Team, "team-id", Some("1795326262784")),
    ("channel-announcements-id", IdKind::Channel, Scope::Team, "channel-announcements-id", None),
    ("05ef3dc2-1e14-46e9-a551-f501c0ff0420|livechat", IdKind::PersonalChat, Scope::Personal, "05ef3dc2-1e14-46e9-a551-f501c0ff0420|livechat", None),
    ("05ef3dc2-1e14-46e9-a551-f501c0ff0420", IdKind::Opaque, Scope::Personal, "05ef3dc2-1e14-46e9-a551-f501c0ff0420", None),
    ("made;up", IdKind::Opaque, Scope::Personal, "made;up", None),
    ("made;up;messageid=1", IdKind::Opaque, Scope::Personal, "made;up", Some("1")),
    (";messageid=1", IdKind::Opaque, Scope::Personal, "", Some("1")),
    ("ü", IdKind::Opaque, Scope::Personal, "ü", None),
    ("", IdKind::Opaque, Scope::Personal, "", None),
];

#[test]
fn every_form_is_what_the_documents_say() {
    for (id, kind, scope, root, thread) in FORMS {
        let conversation = ConversationId::from(*id);
        let shape = conversation.shape();
        assert_eq!((shape.kind, shape.scope), (*kind, *scope), "{id}");
        assert_eq!(conversation.root().as_str(), *root, "{id}");
        assert_eq!(conversation.thread(), *thread, "{id}");
        assert_eq!(
            conversation.root().root().as_str(),
            *root,
            "a root is its own: {id}"
        );
    }
}

#[test]
fn every_row_of_the_table_has_a_form_that_meets_it() {
    for shape in SHAPES {
        let is_met = FORMS.iter().any(|form| IdShape::of(form.0) == *shape);
        assert!(is_met, "{shape:?}");
    }
}

#[test]
fn a_thread_id_is_made_and_replaced() {
    let threaded = ConversationId::from("19:c@thread.tacv2;messageid=1");
    assert_eq!(
        threaded.in_thread("22").as_str(),
        "19:c@thread.tacv2;messageid=22"
    );
    assert_eq!(threaded.root().in_thread("22"), threaded.in_thread("22"));
}

#[test]
fn a_team_has_the_id_of_its_general_channel() {
    let team = TeamId::from("19:teamroot0001@thread.tacv2");
    assert_eq!(team.general().as_str(), team.as_str());
}
