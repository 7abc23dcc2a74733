//! Card templates that can't be read: file, line and column.

use crate::support::local_bot::LocalBot;
use serde_json::json;

#[tokio::test]
async fn a_template_that_is_no_json_names_file_line_and_column() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.handler.room.write(
        "cards/broken.json",
        "{\n  \"type\": \"AdaptiveCard\",\n  \"body\": [ }\n",
    );
    let answer = bot.handler.notify(&json!({ "card": "broken" })).await;
    let detail = answer.problem(500)["detail"].as_str().unwrap().to_owned();
    for word in ["broken.json", "line 3", "column"] {
        assert!(detail.contains(word), "{word}: {detail}");
    }
}

#[tokio::test]
async fn an_expression_that_is_no_expression_names_the_file_and_the_place() {
    let bot = LocalBot::with_people(1, &[]).await;
    let card =
        r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"${toUper(name)}"}]}"#;
    bot.handler.room.write("cards/misspelt.json", card);
    let answer = bot.handler.notify(&json!({ "card": "misspelt" })).await;
    let detail = answer.problem(500)["detail"].as_str().unwrap().to_owned();
    for word in ["misspelt", "/body/0/text", "toUpper"] {
        assert!(detail.contains(word), "{word}: {detail}");
    }
    assert!(bot.connector.calls().is_empty());
}

#[tokio::test]
async fn a_broken_default_card_is_reported_at_the_start_or_at_the_first_send() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.handler.room.write("cards/default.json", "{\n  oops\n}");
    let answer = bot.handler.notify(&json!({})).await;
    let problem = answer.problem(500);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("default.json: line 2, column 3"), "{detail}");
    // Nothing in the body is wrong.
    assert_eq!(problem.get("pointer"), None);
    let (_, room, _) = bot.handler.stop(crate::support::handler::Signal::Term).await;
    let handler = crate::support::handler::custom(room).start().await;
    handler.notify(&json!({})).await;
    handler.says(&["default.json", "line 2"]).await;
}
