//! Lines of level error on stderr: only where host.json says that stderr is for errors.

use crate::support::{
    handler::{Signal, custom},
    room::Room,
    wait,
};
use serde_json::Value;

const FLAG: &str = "useStdErrorStreamForErrorsOnly";

/// A card that can't be used is an error that somebody should mend.
async fn with_a_broken_card(flag: Option<bool>) -> (Vec<String>, Vec<String>) {
    let room = Room::new();
    room.write("cards/broken.json", "{");
    room.edit("host.json", |host| {
        let description = host["customHandler"]["description"].as_object_mut().unwrap();
        match flag {
            Some(flag) => description.insert(FLAG.to_owned(), flag.into()),
            None => description.remove(FLAG),
        };
    });
    let handler = custom(room).start().await;
    handler.says(&["a card template can't be used"]).await;
    if flag == Some(true) {
        wait::until("the error on stderr", async || {
            (!handler.output.err().is_empty()).then_some(())
        })
        .await;
    }
    let (_, _, output) = handler.stop(Signal::Term).await;
    (output.out(), output.err())
}

#[tokio::test]
async fn errors_go_to_stderr_too_where_host_json_says_so() {
    let (out, err) = with_a_broken_card(Some(true)).await;
    assert_eq!(err.len(), 1, "one line an error, and nothing else: {err:#?}");
    let line: Value = serde_json::from_str(&err[0]).unwrap();
    assert_eq!(line["level"], "ERROR", "{line}");
    assert!(out.contains(&err[0]), "all lines are on stdout: {out:#?}");
}

#[tokio::test]
async fn elsewhere_nothing_does() {
    for flag in [Some(false), None] {
        let (_, err) = with_a_broken_card(flag).await;
        assert_eq!(err, Vec::<String>::new(), "{flag:?}");
    }
}
