//! The page of `handler card preview`, as one file that asks nothing of the network: the official renderer, its
//! measures and colours from the sandbox, and the cards as data.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A card filled in one language.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) locale: String,
    pub(super) card: Value,
}

const STYLE: &str = include_str!("preview.css");
const DRAW: &str = include_str!("preview.js");

/// The page. Only its own scripts and its own style are allowed in it, and pictures that are in the card itself.
pub(super) fn html(title: &str, columns: &[Column], renderer: &str) -> String {
    let renderer = inline(renderer);
    let modules = [sandbox::TEXT_SCRIPT, sandbox::LOOK_SCRIPT, DRAW];
    let draw = inline(&format!("{{\n{}\n}}", modules.map(as_part).join("\n")));
    let cards: Vec<Value> = columns
        .iter()
        .map(|one| json!({ "name": one.name, "locale": one.locale, "card": one.card }))
        .collect();
    let policy = format!(
        "default-src 'none'; img-src data:; style-src {}; script-src {} {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(&renderer),
        hash(&draw)
    );
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <main></main>\n<script type=\"application/json\" id=\"cards\">{}</script>\n\
         <script>{renderer}</script>\n<script>{draw}</script>\n</html>\n",
        escaped(title),
        json!(cards).to_string().replace('<', "\\u003c")
    )
}

/// A module's text as a part of one script: nothing is imported or exported there.
fn as_part(module: &str) -> String {
    let lines = module
        .lines()
        .filter(|line| !line.starts_with("import ") && !line.starts_with("export {"));
    let lines: Vec<&str> = lines
        .map(|line| line.strip_prefix("export ").unwrap_or(line))
        .collect();
    lines.join("\n")
}

/// A script as it may stand in a page: nothing in it ends it early, and its line ends are those that a browser reads.
fn inline(script: &str) -> String {
    let script = script
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace("<!--", "<\\!--");
    let mut out = String::with_capacity(script.len());
    let mut rest = script.as_str();
    while let Some(at) = rest.find("</") {
        out.push_str(&rest[..at]);
        let is_end = rest[at + 2..]
            .get(..6)
            .is_some_and(|name| name.eq_ignore_ascii_case("script"));
        out.push_str(if is_end { "<\\/" } else { "</" });
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_card_or_a_script_ends_its_element() {
        let column = Column {
            name: "a</script><b>.json".to_owned(),
            locale: "en".to_owned(),
            card: json!({ "text": "</script><script>alert(1)</script><!-- x" }),
        };
        let page = html("<i>&", &[column], "/*</SCRIPT><!-- </p>*/\r\n");
        assert_eq!(page.matches("</script>").count(), 3, "{page}");
        assert!(!page.contains("</SCRIPT>") && !page.contains("<!-- "), "{page}");
        assert!(page.contains("<title>&lt;i&gt;&amp;</title>"), "{page}");
        assert!(!page.contains("<b>") && !page.contains("alert(1)</"), "{page}");
    }

    #[test]
    fn modules_become_parts_of_one_script() {
        let part =
            as_part("import { a } from \"./a.js\";\nexport function b() {}\nexport { b };\nconst c = 1;");
        assert_eq!(part, "function b() {}\nconst c = 1;");
        for module in [sandbox::TEXT_SCRIPT, sandbox::LOOK_SCRIPT, DRAW] {
            let part = as_part(module);
            assert!(
                !part.contains("\nexport ") && !part.contains("\nimport "),
                "{part}"
            );
        }
    }
}
