//! Answers that say that the address is wrong, and what may be taken from them.

use super::*;

/// A response as Teams gives it to who called another cloud's host.
fn invalid_host(named: &str) -> Scripted {
    let message = format!("Invalid bot api host. For GCC tenants, please call `{named}`.");
    Scripted::json(
        403,
        &json!({"error": {"code": "InvalidBotApiHost", "message": message}}),
    )
}

#[tokio::test]
async fn an_address_that_an_answer_names_is_taken_if_it_may_be_sent_to() {
    let rig = Rig::new(|request: Request, n| async move {
        let host = request.headers["host"].to_str().unwrap().to_owned();
        match n {
            0 => invalid_host(&format!("http://{host}/gcc")),
            1 => invalid_host("https://evil.example/gcc"),
            _ => created(),
        }
    })
    .await;
    let mut person = rig.person();
    let answer = rig.connector.post(&person, &text()).await;
    let Verdict::WrongAddress { named: Some(named) } = answer.verdict else {
        panic!("{answer:?}");
    };
    assert_eq!(named.as_str(), format!("{}/gcc", rig.server.base));
    assert_eq!(answer.code.as_deref(), Some("InvalidBotApiHost"));
    let answer = rig.connector.post(&person, &text()).await;
    assert_eq!(answer.verdict, Verdict::WrongAddress { named: None });
    person.service_url = named;
    let answer = rig.connector.post(&person, &text()).await;
    assert!(matches!(answer.verdict, Verdict::Delivered(_)));
    let path = rig.calls()[2].uri.path().to_owned();
    assert!(path.starts_with("/gcc/v3/conversations/"), "{path}");
}

#[tokio::test]
async fn only_addresses_of_the_allow_list_are_trusted() {
    let rig = Rig::new(|_, _| async { created() }).await;
    let own = format!("{}/emea/", rig.server.base);
    assert!(rig.connector.trusts(&own.as_str().into()));
    for address in [
        "https://evil.example/emea/",
        "https://smba.trafficmanager.net/emea/",
        "",
    ] {
        assert!(!rig.connector.trusts(&address.into()), "{address}");
    }
}
