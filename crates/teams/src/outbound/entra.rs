//! The client-credentials grant of Entra (Microsoft identity platform v2.0), with a secret or a certificate.

use super::{
    error::{FailedAttempt, TokenError},
    grant::ClientCredential,
    lifetime::Lifetime,
};
use crate::{answers::retry_after, transport::SHORT_TIMEOUT};
use jiff::Timestamp;
use serde_json::Value;
use url::form_urlencoded::Serializer;

pub(super) async fn request_token(
    http: &reqwest::Client,
    endpoint: &str,
    client_id: &str,
    scope: &str,
    credential: &ClientCredential,
    now: Timestamp,
) -> Result<(String, Lifetime), FailedAttempt> {
    let form = form(endpoint, client_id, scope, credential, now).map_err(FailedAttempt::permanent)?;
    let request = http
        .post(endpoint)
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .timeout(SHORT_TIMEOUT)
        .body(form);
    read(request, &[], now).await
}

fn form(
    endpoint: &str,
    client_id: &str,
    scope: &str,
    credential: &ClientCredential,
    now: Timestamp,
) -> Result<String, TokenError> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    form.append_pair("client_id", client_id);
    form.append_pair("scope", scope);
    match credential {
        ClientCredential::Secret(secret) => {
            form.append_pair("client_secret", secret.expose());
        }
        ClientCredential::Certificate(certificate) => {
            let assertion = certificate.assertion(endpoint, client_id, now)?;
            form.append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            );
            form.append_pair("client_assertion", &assertion);
        }
    }
    Ok(form.finish())
}

/// Sends the request and reads the response; `transient` are statuses that are worth a retry, beside 408, 429 and 5xx.
pub(super) async fn read(
    request: reqwest::RequestBuilder,
    transient: &[u16],
    now: Timestamp,
) -> Result<(String, Lifetime), FailedAttempt> {
    let answer = request
        .send()
        .await
        .map_err(|_| FailedAttempt::transient(None, None))?;
    let status = answer.status().as_u16();
    let wait = retry_after(answer.headers(), now);
    let body = answer
        .bytes()
        .await
        .map_err(|_| FailedAttempt::transient(Some(status), wait))?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |property: &str| body.get(property).and_then(Value::as_str);
    let passes = matches!(status, 408 | 429 | 500..=599) || transient.contains(&status);
    match status {
        200 => match text("access_token").filter(|token| !token.is_empty()) {
            Some(token) => Ok((token.to_owned(), Lifetime::read(&body, now))),
            None => Err(FailedAttempt::permanent(TokenError::Unreadable)),
        },
        _ if passes || text("error") == Some("temporarily_unavailable") => {
            Err(FailedAttempt::transient(Some(status), wait))
        }
        _ => Err(FailedAttempt::permanent(TokenError::Refused {
            code: code(status, &body).into(),
        })),
    }
}

/// `invalid_client/AADSTS7000215`: codes that can't hold a secret.
fn code(status: u16, body: &Value) -> String {
    let plain = |text: &&str| {
        text.len() <= 64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let error = body
        .get("error")
        .and_then(Value::as_str)
        .filter(plain)
        .map(str::to_owned);
    let error = error.unwrap_or_else(|| format!("status_{status}"));
    let listed = body
        .get("error_codes")
        .and_then(|codes| codes.get(0))
        .and_then(Value::as_u64);
    let described = || {
        let description = body.get("error_description").and_then(Value::as_str)?;
        let digits = description.split("AADSTS").nth(1)?;
        digits[..digits.bytes().take_while(u8::is_ascii_digit).count()]
            .parse()
            .ok()
    };
    match listed.or_else(described) {
        Some(number) => format!("{error}/AADSTS{number}"),
        None => error,
    }
}
