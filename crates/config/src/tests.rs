//! What is read of a value, and what a person sees who sets a wrong one.

use crate::{bot, notification, storage};

fn given(name: &'static str, value: &'static str) -> impl Fn(&str) -> Option<String> {
    move |asked| (asked == name).then(|| value.to_owned())
}

#[test]
fn a_number_out_of_range_is_refused_with_the_range_and_the_default() {
    let lease = |value| notification::LEASE_SECONDS.read(&given("NOTIFICATION_LEASE_SECONDS", value));
    assert_eq!((lease(" 15 "), lease(""), lease("60")), (Ok(15), Ok(30), Ok(60)));
    for wrong in ["14", "61", "-1", "1.5", "30 s"] {
        assert_eq!(
            lease(wrong).unwrap_err().to_string(),
            format!(
                "NOTIFICATION_LEASE_SECONDS: `{wrong}` is not accepted; give a whole number of seconds from 15 to 60 (default 30)"
            )
        );
    }
    let limit = notification::UNNAMED_LIMIT.read(&given("NOTIFICATION_UNNAMED_LIMIT", "many"));
    assert!(
        limit
            .unwrap_err()
            .problem
            .contains("from 0 upwards (default 1000)")
    );
}

#[test]
fn words_are_taken_in_any_case_and_others_are_refused_with_all_of_them() {
    let cloud = |value| bot::CLOUD.read(&given("BOT_CLOUD", value));
    assert_eq!(cloud("GCCH"), Ok(Some(bot::CloudName::Gcch)));
    assert_eq!(cloud(" "), Ok(Some(bot::CloudName::Public)));
    assert_eq!(
        cloud("mars").unwrap_err().to_string(),
        "BOT_CLOUD: `mars` is not accepted; give `public`, `gcc`, `gcch`, `dod`, `china` or `custom` (default `public`)"
    );
    let store = notification::STORE.read(&given("NOTIFICATION_STORE", "table"));
    assert_eq!(
        store.unwrap_err().to_string(),
        "NOTIFICATION_STORE: `table` is not accepted; give `blob` or `file` (without it: blob with a storage account, else file)"
    );
}

#[test]
fn a_secret_keeps_its_spaces_and_is_not_printed() {
    let password = bot::PASSWORD.read(&given("BOT_PASSWORD", " s3cret ")).unwrap();
    assert_eq!(password.expose(), " s3cret ");
    assert!(!format!("{password:?}").contains("s3cret"));
    assert!(bot::PASSWORD.read(&given("BOT_PASSWORD", "  ")).is_none());
}

#[test]
fn an_empty_value_counts_as_not_set() {
    assert!(!storage::ACCOUNT_NAME.is_set(&given("AzureWebJobsStorage__accountName", "  ")));
    assert_eq!(bot::ID.read(&given("BOT_ID", " x ")).as_deref(), Some("x"));
    assert_eq!(
        bot::ALLOW_EMULATOR.is_true(&given("BOT_ALLOW_EMULATOR", "True")),
        Ok(true)
    );
    assert!(
        bot::ALLOW_EMULATOR
            .is_true(&given("BOT_ALLOW_EMULATOR", "yes"))
            .is_err()
    );
}
