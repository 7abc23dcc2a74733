//! `handler notification list | show | verify | report | cancel | pause | resume`: for operators, on the stores that the settings
//! name. Nothing is posted from here: what is to go on is left to the bot.

mod print;
mod verify;

use super::{CommandError, local::ProjectFolder, operator_service, say};
use crate::{
    api::{PublicPath, StatusAnswer, csv_header, csv_row, ndjson},
    cli::{NotificationArgs, NotificationCommand, NotificationsArgs, ReportArgs, ReportFormat},
    output::Output,
    stores::OwnStores,
};
use futures::{StreamExt, TryStreamExt, stream};
use notify::{
    ids::NotificationId,
    service::{NotificationService, ServiceError},
    status::Status,
};
use serde_json::json;
use std::{
    collections::{HashSet, VecDeque},
    io::{BufWriter, Write},
};

/// Statuses read at a time.
const AT_ONCE: usize = 8;

/// Runs a notification command.
pub(crate) async fn run(
    command: &NotificationCommand,
    own: &OwnStores,
    project: ProjectFolder,
) -> Result<(), CommandError> {
    let ProjectFolder { path: folder, source } = project;
    let service = operator_service::service(&source, &folder, own, &advice(id(command)))?;
    match command {
        NotificationCommand::List(args) => list(&service, args).await,
        NotificationCommand::Show(args) => show(&service, args).await,
        NotificationCommand::Verify(args) => verify::run(&service, args).await,
        NotificationCommand::Report(args) => report(&service, args).await,
        NotificationCommand::Cancel(args) => {
            service.cancel(&known(&args.id)?).await?;
            show(&service, args).await
        }
        NotificationCommand::Pause(args) => {
            service.pause(&known(&args.id)?).await?;
            show(&service, args).await
        }
        NotificationCommand::Resume(args) => {
            service.resume(&known(&args.id)?).await?;
            show(&service, args).await
        }
    }
}

/// The id that a command names.
fn id(command: &NotificationCommand) -> Option<&str> {
    match command {
        NotificationCommand::List(_) => None,
        NotificationCommand::Report(args) => Some(&args.id),
        NotificationCommand::Show(args)
        | NotificationCommand::Verify(args)
        | NotificationCommand::Cancel(args)
        | NotificationCommand::Pause(args)
        | NotificationCommand::Resume(args) => Some(&args.id),
    }
}

/// A process that runs has the files to itself, and answers the same questions.
fn advice(id: Option<&str>) -> String {
    let Some(id) = id else {
        return operator_service::STOP_FIRST.to_owned();
    };
    let path = format!("/api/notification/{id}");
    format!(
        "A running handler answers the same over HTTP: GET {path}, GET {path}/report, POST {path}/cancel, \
         POST {path}/pause and POST {path}/resume, for instance\n  curl -H 'x-functions-key: KEY' http://localhost:3978{path}"
    )
}

/// Ids are ours: anything of another form names nothing, and goes into no storage path.
fn known(text: &str) -> Result<NotificationId, ServiceError> {
    let id = NotificationId::from(text.trim());
    let plain = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if id.as_str().len() == 36 && id.as_str().bytes().all(plain) {
        return Ok(id);
    }
    Err(ServiceError::Unknown(id))
}

async fn list(service: &NotificationService, args: &NotificationsArgs) -> Result<(), CommandError> {
    let mut newest: VecDeque<NotificationId> = VecDeque::new();
    let mut from: Option<String> = None;
    loop {
        let page = service.list(from.as_deref(), 5_000).await?;
        newest.extend(page.ids);
        newest.drain(..newest.len().saturating_sub(args.limit));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    // Those that wait for their planner have no place in time yet: they come last.
    let known: HashSet<NotificationId> = newest.iter().cloned().collect();
    let waiting = service.waiting().await?;
    newest.extend(waiting.into_iter().filter(|id| !known.contains(id)));
    let mut statuses = stream::iter(newest)
        .map(|id| async move {
            let status = service.status(&id).await;
            (id, status)
        })
        .buffered(AT_ONCE);
    if !args.json {
        say(print::HEADER);
    }
    while let Some((id, status)) = statuses.next().await {
        match status {
            Ok(status) if args.json => say(&status_json(&status)?),
            Ok(status) => say(&print::line(&status)),
            // Another bot's, or not stored after all.
            Err(ServiceError::Unknown(_)) => {}
            Err(error) if args.json => {
                say(&json!({ "id": id, "state": "quarantined", "reason": error.to_string() }).to_string());
            }
            Err(error) => say(&print::quarantined(&id, &error)),
        }
    }
    Ok(())
}

/// A status as the API answers it.
fn status_json(status: &Status) -> Result<String, CommandError> {
    let answer = StatusAnswer::of(status, &PublicPath::new("/api/notification"));
    Ok(serde_json::to_string(&answer)?)
}

async fn show(service: &NotificationService, args: &NotificationArgs) -> Result<(), CommandError> {
    let status = service.status(&known(&args.id)?).await?;
    if args.json {
        say(&status_json(&status)?);
    } else {
        say(print::whole(&status).trim_end());
    }
    Ok(())
}

async fn report(service: &NotificationService, args: &ReportArgs) -> Result<(), CommandError> {
    let mut rows = service.report(&known(&args.id)?).await?;
    let mut out = BufWriter::new(Output);
    if args.format == ReportFormat::Csv {
        out.write_all(&csv_header())?;
    }
    while let Some(row) = rows.try_next().await? {
        let line = match args.format {
            ReportFormat::Csv => csv_row(&row),
            ReportFormat::Ndjson => ndjson(&row)?,
        };
        out.write_all(&line)?;
    }
    out.flush()?;
    Ok(())
}
