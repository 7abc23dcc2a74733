//! `GET /api/notification/{id}/report`: a line a recipient, streamed, as NDJSON or CSV.

use super::{Call, Problem};
use crate::bot::NotificationBot;
use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use notify::{ids::NotificationId, ports::StoreError, report::ReportRow, target::Scope};
use schemars::JsonSchema;
use serde::Serialize;

const CSV_HEADER: [&str; 11] = [
    "n",
    "tenant",
    "conversationId",
    "scope",
    "outcome",
    "activityId",
    "attempts",
    "status",
    "code",
    "at",
    "reason",
];

/// Streams the report. A store that fails midway breaks the connection off, so that half a report is not taken for a
/// whole one.
pub(super) async fn answer(
    bot: &NotificationBot,
    id: &NotificationId,
    call: &Call,
) -> Result<Response, Problem> {
    let rows = bot.service().report(id).await?;
    let (kind, lines) = if call.wants_csv() {
        let header = stream::once(async { Ok(csv_header()) });
        (
            "text/csv; charset=utf-8",
            header.chain(rows.map_ok(|row| csv_row(&row))).boxed(),
        )
    } else {
        (
            "application/x-ndjson",
            rows.and_then(|row| async move { ndjson(&row) }).boxed(),
        )
    };
    // Several lines a frame: a frame for each of 300,000 recipients would cost more than the report itself.
    let mut frames = Box::pin(lines.try_chunks(256).peekable());
    // What can't be read at all is a problem, not a report that breaks off.
    if let Some(Err(error)) = frames.as_mut().peek().await
        && error.0.is_empty()
    {
        tracing::error!(error = %error.1, "a report can't be read");
        return Err(match &error.1 {
            StoreError::Damaged(_) => Problem::server("the notification's stored data can't be read"),
            _ => Problem::unavailable("the store can't be reached; try again"),
        });
    }
    let frames = frames.map(|chunk| match chunk {
        Ok(lines) => Ok(Bytes::from(lines.concat())),
        Err(error) => {
            tracing::error!(error = %error.1, "a report ended before its end");
            Err(error.1)
        }
    });
    Ok(([(header::CONTENT_TYPE, kind)], Body::from_stream(frames)).into_response())
}

/// One recipient in a report.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportLine<'r> {
    /// Number within the tenant's part.
    n: u32,
    /// The tenant.
    tenant: &'r str,
    /// Where it went.
    conversation_id: &'r str,
    /// Kind of conversation.
    #[schemars(with = "String", extend("enum" = ["personal", "groupChat", "team"]))]
    scope: Scope,
    /// `pending`, or the outcome.
    #[schemars(extend("enum" = [
        "delivered", "blocked", "uninstalled", "gone", "rejected", "failed", "uncertain", "cancelled", "skipped", "pending"
    ]))]
    outcome: &'static str,
    /// The message's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_id: Option<&'r str>,
    /// Posts made.
    attempts: u32,
    /// HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Code of the last answer, or ours; of a pending recipient that of what it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'r str>,
    /// When it got its outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Option<Timestamp>,
    /// What a pending recipient waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

impl<'r> From<&'r ReportRow> for ReportLine<'r> {
    fn from(row: &'r ReportRow) -> Self {
        Self {
            n: row.n,
            tenant: row.tenant.as_str(),
            conversation_id: row.conversation_id.as_str(),
            scope: row.scope,
            outcome: row.outcome,
            activity_id: row.activity_id.as_ref().map(|id| id.as_str()),
            attempts: row.attempts,
            status: row.status,
            code: row.code.as_deref(),
            at: row.at,
            reason: row.reason.as_deref(),
        }
    }
}

/// A row as a line of JSON.
pub(crate) fn ndjson(row: &ReportRow) -> Result<Vec<u8>, StoreError> {
    let mut line =
        serde_json::to_vec(&ReportLine::from(row)).map_err(|error| StoreError::Damaged(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

/// The names of CSV's columns as its first line.
pub(crate) fn csv_header() -> Vec<u8> {
    csv_line(CSV_HEADER.iter().map(|name| (*name).to_owned()))
}

/// A row as a line of CSV.
pub(crate) fn csv_row(row: &ReportRow) -> Vec<u8> {
    let scope = serde_json::to_value(row.scope)
        .ok()
        .and_then(|scope| scope.as_str().map(str::to_owned));
    csv_line([
        row.n.to_string(),
        row.tenant.to_string(),
        row.conversation_id.to_string(),
        scope.unwrap_or_default(),
        row.outcome.to_owned(),
        row.activity_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        row.attempts.to_string(),
        row.status.map(|status| status.to_string()).unwrap_or_default(),
        row.code.as_deref().unwrap_or_default().to_owned(),
        row.at.map(|at| at.to_string()).unwrap_or_default(),
        row.reason.as_deref().unwrap_or_default().to_owned(),
    ])
}

fn csv_line(fields: impl IntoIterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing to memory can't fail.
    let _ = writer.write_record(fields.into_iter().map(harmless));
    writer.into_inner().unwrap_or_default()
}

/// A spreadsheet takes what begins so for a formula. No id of Teams does; a target that a caller named may.
fn harmless(field: String) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        return format!("'{field}");
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_to_a_spreadsheet() {
        let line = csv_line(["=1+1", "@x", "-2", "+3", "a:1", "29:=x", ""].map(str::to_owned));
        assert_eq!(line, b"'=1+1,'@x,'-2,'+3,a:1,29:=x,\r\n");
    }

    #[test]
    fn quotes_commas_and_line_ends_stay_in_their_field() {
        let line = csv_line(["a\"b", "c,d", "e\r\nf"].map(str::to_owned));
        assert_eq!(line, b"\"a\"\"b\",\"c,d\",\"e\r\nf\"\r\n");
    }
}
