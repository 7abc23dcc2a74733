//! Bytes up to the first zero are an expression, the rest are its scope.
#![no_main]

use card::{Expression, Json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |b| *b == 0);
    let (Some(text), scope) = (parts.next(), parts.next().unwrap_or(b"{}")) else { return };
    let (Ok(text), Ok(scope)) = (std::str::from_utf8(text), std::str::from_utf8(scope)) else { return };
    let Ok(scope) = Json::parse(scope) else { return };
    match Expression::parse(text) {
        Ok(expression) => {
            let _ = expression.to_string();
            let _ = expression.evaluate(&scope);
        }
        Err(error) => assert!(error.column(text) >= 1),
    }
});
