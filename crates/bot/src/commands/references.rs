//! `handler references list | export | import | unblock | forget`: the stored installations, for operators. Prints ids, never names.

mod list;

use super::{CommandError, local::ProjectFolder, operator_service, say};
use crate::{
    cli::{ExportArgs, ForgetArgs, ImportArgs, ReferencesCommand, UnblockArgs},
    output::Output,
    settings::{Source, read_settings},
    stores::{self, OwnStores},
};
use notify::{
    ports::{ReferenceStore, Selection},
    service::{ErasureMode, Unblock},
};
use std::{
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};
use storage::{
    Owner,
    transfer::{self, Format, Run},
};

/// Runs a references command on the store that the settings name.
pub(crate) async fn run(
    command: &ReferencesCommand,
    own: &OwnStores,
    project: ProjectFolder,
) -> Result<(), CommandError> {
    let ProjectFolder { path: folder, source } = project;
    match command {
        ReferencesCommand::Forget(args) => return forget(&source, &folder, own, args).await,
        ReferencesCommand::Unblock(args) => return unblock(&source, &folder, own, args).await,
        ReferencesCommand::List(_) | ReferencesCommand::Export(_) | ReferencesCommand::Import(_) => {}
    }
    let (settings, bot) = read_settings(&source)?;
    let me = bot.identity();
    if let ReferencesCommand::List(args) = command {
        let stores = stores::open(&settings, &source, &folder, &me.bot, bot.home_tenant, own)?;
        return list::list(&stores, me.bot, args).await;
    }
    let store = stores::references(&settings, &source, &folder, &me.bot, bot.home_tenant.clone(), own)?;
    let selection = Selection {
        bot: me.bot.clone(),
        tenant: None,
    };
    match command {
        ReferencesCommand::Export(args) => export(&*store, &selection, args).await,
        ReferencesCommand::Import(args) => {
            import(
                &store,
                &Owner {
                    bot: me.bot,
                    tenant: bot.home_tenant,
                },
                args,
            )
            .await
        }
        // Done above: they need more than the references.
        ReferencesCommand::List(_) | ReferencesCommand::Forget(_) | ReferencesCommand::Unblock(_) => Ok(()),
    }
}

async fn unblock(
    source: &Source,
    folder: &Path,
    own: &OwnStores,
    args: &UnblockArgs,
) -> Result<(), CommandError> {
    let whom = match args.user.as_deref().map(str::trim) {
        Some("") => {
            return Err("name the person: their Entra object id, or their Teams id (29:…)".into());
        }
        Some(user) => Unblock::Person(user),
        None => Unblock::Everybody,
    };
    let service = operator_service::service(source, folder, own, operator_service::STOP_FIRST)?;
    let unblocked = service.unblock(whom).await?;
    say(&match unblocked {
        0 => "Nobody was marked: the next notification tries them anyway.".to_owned(),
        1 => "1 person is no longer marked as having blocked the bot.".to_owned(),
        more => format!("{more} people are no longer marked as having blocked the bot."),
    });
    if unblocked > 0 {
        say("Teams says whether they still do when the next notification is sent.");
    }
    Ok(())
}

async fn forget(
    source: &Source,
    folder: &Path,
    own: &OwnStores,
    args: &ForgetArgs,
) -> Result<(), CommandError> {
    if args.user.trim().is_empty() {
        return Err("name the person: their Entra object id, or their Teams id (29:…)".into());
    }
    let service = operator_service::service(source, folder, own, operator_service::STOP_FIRST)?;
    let run = if args.dry_run {
        ErasureMode::Dry
    } else {
        ErasureMode::Apply
    };
    let forgotten = service.forget(&args.user, run).await?;
    let would = if args.dry_run {
        " (dry run: nothing was changed)"
    } else {
        ""
    };
    say(&format!(
        "{} references erased, {} records of what they wanted, {} references of chats and teams no longer name them, \
         their name erased from {} rows of {} audience files{would}",
        forgotten.references, forgotten.records, forgotten.mentions, forgotten.rows, forgotten.chunks
    ));
    if forgotten.references + forgotten.records + forgotten.mentions + forgotten.rows == 0 {
        say(
            "Nobody is known by this id. A person is named by their Entra object id, or by their Teams id (29:…).",
        );
    }
    if forgotten.references > 0 {
        say("They get no more notifications until they write to the bot or install it again.");
    }
    Ok(())
}

async fn export(
    store: &dyn ReferenceStore,
    selection: &Selection,
    args: &ExportArgs,
) -> Result<(), CommandError> {
    let format = if args.teamsfx {
        Format::TeamsFx
    } else {
        Format::JsonLines
    };
    let mut out = BufWriter::new(Output);
    let count = transfer::export(store, selection, format, &mut out).await?;
    out.flush()?;
    super::complain(&format!("{count} references exported"));
    Ok(())
}

async fn import(
    store: &Arc<dyn ReferenceStore>,
    owner: &Owner,
    args: &ImportArgs,
) -> Result<(), CommandError> {
    let run = if args.dry_run { Run::Dry } else { Run::Apply };
    let stdin = Path::new("/dev/stdin");
    let path = if args.file.as_os_str() == "-" {
        stdin
    } else {
        args.file.as_path()
    };
    let report = transfer::import_path(&**store, path, owner, run).await?;
    for skip in &report.reasons {
        super::complain(&format!("skipped {skip}"));
    }
    let would = if args.dry_run {
        " (dry run: nothing was changed)"
    } else {
        ""
    };
    say(&format!(
        "{} imported, {} unchanged, {} skipped{would}",
        report.imported, report.unchanged, report.skipped
    ));
    Ok(())
}
